"""python -m demo              load the demo district into the running instance at LOUYU_URL
python -m demo code LOGIN   the code of a demo account's second factor, for signing in by hand

Loading speaks to the public API only; the one thing nobody can do there, making the first operator, is
identity's command line.
"""

import asyncio
import os
import subprocess
import sys
import time
from datetime import timedelta
from typing import Final

from demo import client, district, enterprises, windows
from demo.history import History

PAST: Final = timedelta(days=60)


async def load(url: str) -> None:
    """Set the district up as of two months ago, and live those months."""
    began = time.monotonic()
    api = client.Api(url)
    make_operator()
    operator = await api.sign_in("operator", totp=True)
    root = next(
        row["tenant"] for row in (await operator.get("/v1/me"))["memberships"] if row["kind"] == "DISTRICT"
    )
    made = district.District(api, operator, {"district": root})
    await operator.post(made.path("district", "clock:begin"), seconds_ago=str(int(PAST.total_seconds())))
    for step, name in (
        (district.organisations, "organisations"),
        (district.accounts, "accounts"),
        (district.sign_in, "signing in"),
        (district.desks, "desks"),
        (district.catalogue, "service items"),
        (enterprises.registries, "enterprises"),
        (district.contacts, "contacts"),
        (windows.departments, "departments"),
    ):
        tell(name)
        await step(made)
    await History(made).walk(tell)
    await api.close()
    tell(f"loaded in {time.monotonic() - began:.0f} s")


def make_operator() -> None:
    """Make the first operator of the demo district."""
    command = [sys.executable, "-m", "identity", "operator", "--login", "operator", "--synthetic"]
    command += ["--district-zh", "演示区", "--district-en", "Demo District"]
    command += ["--password", client.PASSWORD, "--totp-secret", client.TOTP_SECRET]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def tell(what: str) -> None:
    """Progress, a line at a time."""
    print(f"  demo: {what}", flush=True)


def main() -> None:
    if sys.argv[1:2] == ["code"]:
        print(client.code())
        return
    asyncio.run(load(os.environ["LOUYU_URL"]))


if __name__ == "__main__":
    main()
