"""python -m deploy.local up | down | restart | reset | demo | backup | restore | rekey: what `make` runs."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import os
import shutil
import signal
import sys
import time
from pathlib import Path

from deploy.local import archive, backup, console, restore
from deploy.local.faults import Fault
from deploy.local.stack import ROOT, Stack
from deploy.local.state import end_leftovers, holder, read_state, write_state
from deploy.observability.local import write as write_targets

DOWN_WITHIN_S = 60.0
ASKED_BY = {"restart": signal.SIGUSR1, "rekey": signal.SIGUSR2}
"""How the running instance is asked."""
STAYS = {"venv", "backup", "backup-keys"}
"""What `make reset` leaves: packages, and backups, which somebody may want just then."""


def home() -> Path:
    """The folder with everything that the stack writes."""
    return Path(os.environ.get("LOUYU_HOME", ROOT / ".louyu"))


async def up(*, demo: bool) -> None:
    """Runs the district until it is told to stop; loads the demo district first where it is wanted."""
    started = time.monotonic()
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stopping.set)
    wanted: asyncio.Queue[str] = asyncio.Queue()
    for verb, number in ASKED_BY.items():
        loop.add_signal_handler(number, wanted.put_nowait, verb)
    stack = Stack(home(), archived=True, console=console.line, say=console.say)
    working = asyncio.create_task(_start(stack, demo=demo))
    waiting = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
            welcome(stack, time.monotonic() - started)
            watching = asyncio.create_task(archive.watch(stack.around.postgres, console.say))
            working = asyncio.create_task(_answer(wanted, stack))
            await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
            watching.cancel()
            if working.done():
                working.result()
        console.say("stopping: finishing what was begun ...")
    finally:
        working.cancel()
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError, Fault):
            await working
        await stack.stop()
    console.say("stopped")


async def _start(stack: Stack, *, demo: bool) -> None:
    await stack.start()
    if demo:
        await stack.load_demo()


async def _answer(wanted: asyncio.Queue[str], stack: Stack) -> None:
    """Does what another process asks for, and leaves a note of how it went."""
    note = home() / "state.json"
    while True:
        verb, failed = await wanted.get(), ""
        try:
            await (stack.rekey() if verb == "rekey" else stack.restart())
        except Fault as fault:
            failed = str(fault)
            console.fault(failed)
        state = read_state(note)
        state.answered, state.failed = state.answered + 1, failed
        write_state(note, state)
        if (watched := home() / "observability").is_dir():
            write_targets(watched.resolve(), state.ports)


def ask(verb: str) -> None:
    """Has the running instance do something, and waits until it has."""
    note = home() / "state.json"
    process = holder(home())
    if process is None:
        raise Fault("The district does not run. Start it first: make up")
    before = read_state(note).answered
    os.kill(process, ASKED_BY[verb])
    while (state := read_state(note)).answered == before:
        if holder(home()) is None:
            raise Fault("The district was stopped meanwhile")
        time.sleep(0.2)
    if state.failed:
        raise Fault(f"make {verb} stopped half-way, everything still serves. {state.failed}")


def restart() -> None:
    """Has the running instance replace its services one after another."""
    ask("restart")
    print("louyu: every service was replaced")


def rekey() -> None:
    """Has the running instance replace its key-encryption key. Only the present and the one before are kept:
    a backup follows, so that no older one has to be read on across two changes."""
    ask("rekey")
    print("louyu: the keys of people's numbers were replaced")
    if archive.remembered(home()) is not None:
        print(f"louyu: {asyncio.run(backup.take(home()))}")


async def load_demo() -> None:
    """Loads the demo district into the instance that runs, or starts one."""
    if holder(home()) is None:
        await up(demo=True)
    else:
        stack = Stack(home(), say=console.say)
        stack.attach()
        await stack.load_demo()


def welcome(stack: Stack, seconds: float) -> None:
    """Where to go and who to be."""
    console.say(f"ready in {seconds:.1f} s")
    accounts = ROOT / "demo" / "accounts.txt"
    rows = [
        f"  people     {stack.url}/",
        f"  API        {stack.url}/docs",
        f"  mails      {os.path.relpath(stack.mail_folder)}/",
        f"  logs       {os.path.relpath(stack.home)}/log/",
    ]
    if accounts.is_file():
        rows += ["", *(f"  {row}" for row in accounts.read_text(encoding="utf-8").splitlines())]
    print("\n" + "\n".join(rows) + "\n\n  Ctrl-C stops everything and keeps the data.\n", flush=True)


def down() -> None:
    """Ends the instance that runs from the folder."""
    folder = home()
    process = holder(folder)
    if process is None:
        end_leftovers(folder / "log" / "running")
        print("louyu: nothing runs")
        return
    os.kill(process, signal.SIGTERM)
    deadline = time.monotonic() + DOWN_WITHIN_S
    while holder(folder) is not None:
        if time.monotonic() > deadline:
            raise Fault(f"process {process} does not stop; look at {folder / 'log'}")
        time.sleep(0.1)
    print("louyu: stopped, the data is kept")


def reset() -> None:
    """Forgets everything but the installed packages."""
    folder = home()
    if holder(folder) is not None:
        raise Fault("The district is running. Stop it first: make down")
    if not agreed("reset", "deletes all data", f"Delete all data in {folder}?"):
        print("louyu: nothing deleted")
        return
    end_leftovers(folder / "log" / "running")
    for entry in folder.iterdir() if folder.is_dir() else ():
        if entry.name in STAYS:
            continue
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    kept = "; the backups stay" if (folder / "backup").is_dir() else ""
    print(f"louyu: all data deleted{kept}; the next `make up` starts anew")


def agreed(verb: str, does: str, question: str) -> bool:
    """Asks before something that cannot be taken back; YES=1 has answered already."""
    if os.environ.get("YES") == "1":
        return True
    if not sys.stdin.isatty():
        raise Fault(f"make {verb} {does}. Say so: make {verb} YES=1")
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def put_back() -> None:
    """Replaces the data of a stopped district by its backup."""
    folder = home()
    if holder(folder) is not None:
        raise Fault("The district is running. Stop it first: make down")
    place = restore.restorable(folder)
    question = f"Replace the data in {folder} by the backup in {place.folder}? (It is moved aside.)"
    if not agreed("restore", "replaces all data by the backup and moves the present data aside", question):
        print("louyu: nothing changed")
        return
    restored = asyncio.run(restore.restore(folder, console.say))
    print(f"louyu: {restored}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description="Run Louyu on this machine.")
    verbs = ("up", "down", "restart", "reset", "demo", "backup", "restore", "rekey")
    parser.add_argument("verb", choices=verbs)
    verb = parser.parse_args().verb
    # `make restart` and `make rekey` ask whoever holds the folder. Only `up` can do it; a backup must not die
    # of being asked.
    for number in ASKED_BY.values():
        signal.signal(number, signal.SIG_IGN)
    try:
        match verb:
            case "up":
                asyncio.run(up(demo=os.environ.get("LOUYU_DEMO", "1") != "0"))
            case "demo":
                asyncio.run(load_demo())
            case "down":
                down()
            case "restart":
                restart()
            case "reset":
                reset()
            case "rekey":
                rekey()
            case "backup":
                print(f"louyu: {asyncio.run(backup.take(home()))}")
            case "restore":
                put_back()
    except Fault as fault:
        console.fault(str(fault))
        return 1
    except OSError as failed:
        if failed.errno != errno.ENOSPC:
            raise
        console.fault(f"The disk that holds {home()} is full. Free at least 1 GB and run it again")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
