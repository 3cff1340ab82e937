"""Whether the process of this container can do its work: exit code 0 when /readyz says so."""

from __future__ import annotations

import os
import urllib.error
import urllib.request


def main() -> None:
    port = os.environ.get("LOUYU_OPS_PORT", "9100")
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            healthy = answer.status == 200
    except (urllib.error.URLError, TimeoutError):
        healthy = False
    raise SystemExit(0 if healthy else 1)


if __name__ == "__main__":
    main()
