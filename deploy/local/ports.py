"""Free ports, remembered between runs.

Internal ports come from below the range that the kernel lends to outgoing connections, so that no browser
tab takes one between two runs.
"""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Iterable

from deploy.local.faults import Fault

PUBLIC_FROM = 8800
PUBLIC_TRIES = 100
BACKLOG = 1024
INTERNAL = range(20_000, 32_000)


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen here now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def public_port(remembered: int | None, host: str = "127.0.0.1") -> int:
    """LOUYU_PORT if it is set, else the port of the last run, else the first free one from 8800."""
    asked = os.environ.get("LOUYU_PORT", "")
    if asked:
        if not asked.isdecimal() or not 0 < int(asked) < 65536:
            raise Fault(f"LOUYU_PORT is {asked!r}; give a port number, e.g. LOUYU_PORT={PUBLIC_FROM} make up")
        if not is_free(int(asked), host):
            raise Fault(
                f"Port {asked} (LOUYU_PORT) is taken by another program. Choose another, "
                f"e.g. LOUYU_PORT={int(asked) + 1} make up, or leave LOUYU_PORT unset"
            )
        return int(asked)
    candidates = [remembered] if remembered else []
    candidates += range(PUBLIC_FROM, PUBLIC_FROM + PUBLIC_TRIES)
    for port in candidates:
        if is_free(port, host):
            return port
    raise Fault(
        f"No free port between {PUBLIC_FROM} and {PUBLIC_FROM + PUBLIC_TRIES - 1}. "
        "Name one: LOUYU_PORT=9000 make up"
    )


def listen(port: int, host: str = "127.0.0.1") -> socket.socket:
    """A listening socket; Fault where somebody was faster."""
    try:
        return socket.create_server((host, port), backlog=BACKLOG)
    except OSError as failed:
        raise Fault(f"Port {port} cannot be listened on: {failed.strerror}") from failed


class Reserved:
    """Ports on which somebody is going to listen, kept from whoever looks for a free one meanwhile.

    They are bound and not listened on, so a connection to them is refused, and bound without SO_REUSEADDR,
    which keeps out those who set it.
    """

    def __init__(self) -> None:
        self._held: dict[int, socket.socket] = {}

    def keep(self, wanted: Iterable[int]) -> None:
        """Keep these. One that still waits for the end of an old connection (TIME_WAIT) stays open to all."""
        for port in wanted:
            held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            try:
                held.bind(("127.0.0.1", port))
            except OSError:
                held.close()
            else:
                self._held[port] = held

    def give(self, wanted: Iterable[int]) -> None:
        """Let go of these for the one they were kept for."""
        for port in wanted:
            if port in self._held:
                self._held.pop(port).close()

    def close(self) -> None:
        """Let go of all."""
        self.give(list(self._held))


def internal_ports(names: Iterable[str], remembered: dict[str, int]) -> dict[str, int]:
    """One free port per name, the remembered one where it is still free."""
    chosen: dict[str, int] = {}
    taken = set(remembered.values())
    for name in names:
        port = remembered.get(name)
        while port is None or not is_free(port):
            port = random.choice(INTERNAL)
            if port in taken:
                port = None
        taken.add(port)
        chosen[name] = port
    return chosen
