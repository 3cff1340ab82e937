"""python -m demo              load the demo district into the running instance at LOUYU_URL
python -m demo code         the code of a demo account's second factor, for signing in by hand

Loading speaks to the public API only; the one thing nobody can do there, making the first operator, is
identity's command line, hence its settings are needed.
"""

import asyncio
import os
import sys


def main() -> None:
    """Run the command."""
    if sys.argv[1:2] == ["code"]:
        from demo.client import code

        print(code())
        return
    url = os.environ.get("LOUYU_URL", "")
    if not url:
        sys.exit("demo: LOUYU_URL does not say where the district runs; use: make demo")
    from demo.client import Refused
    from demo.load import load

    try:
        asyncio.run(load(url))
    except Refused as refused:
        sys.exit(f"demo: {refused}")


if __name__ == "__main__":
    main()
