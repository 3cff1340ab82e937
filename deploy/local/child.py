"""What a child process does between fork and exec: its own group, an early death, and no root.

A child never outlives the stack: where the kernel offers it (Linux), it is ended as soon as the process
that started it is gone, even by kill -9. It leads a process group of its own, so that Ctrl-C at the
terminal reaches the supervisor alone, which then ends everything in order.

PostgreSQL refuses to run as root. Started by root it runs as an ordinary user instead, but keeps the one
right to pass folders that this user could not enter: checkouts live in /root, test data in private folders.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass

_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

_PR_SET_PDEATHSIG = 1
_PR_SET_KEEPCAPS = 8
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAP_DAC_OVERRIDE = 1
_CAPABILITY_VERSION_3 = 0x20080522


@dataclass(frozen=True, slots=True)
class User:
    """An account of this machine."""

    name: str
    uid: int
    gid: int


def unprivileged_user() -> User | None:
    """Whom PostgreSQL runs as when we are root: the caller of sudo, else a system account. None: not root."""
    if os.geteuid() != 0:
        return None
    candidates = [os.environ.get("SUDO_USER", ""), "postgres", "nobody", "daemon"]
    for name in candidates:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return User(entry.pw_name, entry.pw_uid, entry.pw_gid)
    return None


def user_of(uid: int) -> User | None:
    """The account behind a number, such as the owner of an existing data folder."""
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return None
    return User(entry.pw_name, entry.pw_uid, entry.pw_gid)


def before_exec(
    user: User | None = None, *, on_parent_death: signal.Signals = signal.SIGTERM
) -> Callable[[], None]:
    """The function to give to subprocess as preexec_fn."""

    def prepare() -> None:
        os.setsid()
        if user is not None:
            _become(user)
        # Last: a change of user clears it.
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(on_parent_death), 0, 0, 0)

    return prepare


def _become(user: User) -> None:
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(user.gid)
    os.setuid(user.uid)
    if _LIBC is not None:
        _keep_passing_folders(_LIBC)


def _keep_passing_folders(libc: ctypes.CDLL) -> None:
    """Carries CAP_DAC_OVERRIDE, and nothing else, over the coming exec.

    A container may lack the capability; then plain permissions decide, and PostgreSQL says what it cannot
    open.
    """
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    mask = 1 << _CAP_DAC_OVERRIDE
    data = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)  # effective, permitted, inheritable
    if libc.capset(ctypes.byref(header), ctypes.byref(data)) == 0:
        libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0)
