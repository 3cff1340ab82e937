"""python -m deploy.observability — Prometheus over the district that `make up` runs, until Ctrl-C."""

from __future__ import annotations

import os

from deploy.checks.prometheus import ensure
from deploy.local.__main__ import home
from deploy.local.faults import Fault
from deploy.local.ports import internal_ports
from deploy.local.state import holder, read_state
from deploy.observability.local import arguments, write


def main() -> None:
    """Becomes Prometheus."""
    if holder(home()) is None:
        raise Fault("The district does not run. Start it first: make up")
    tools = ensure()
    folder = home().resolve() / "observability"
    config = write(folder, read_state(home() / "state.json").ports)
    port = internal_ports(["prometheus"], {})["prometheus"]
    print(f"louyu: Prometheus at http://127.0.0.1:{port}/alerts, Ctrl-C stops it", flush=True)
    os.execv(tools.prometheus, arguments(tools.prometheus, config, folder, port))


if __name__ == "__main__":
    try:
        main()
    except Fault as fault:
        raise SystemExit(f"louyu: {fault}") from fault
