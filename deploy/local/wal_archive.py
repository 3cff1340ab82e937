"""What PostgreSQL calls to put write-ahead log into the backup, and to get it back during a restore.

    wal_archive.py keep  BACKUP FILES SEGMENT NAME      archive_command
    wal_archive.py fetch BACKUP NAME TARGET             restore_command

Standard library only and nothing of ours imported: it starts once per segment, as PostgreSQL's user.

Uploads come first. A file is kept before the row that names it is committed, so a backup that holds a
segment holds every file that rows in it speak of.
"""

from __future__ import annotations

import gzip
import os
import shutil
import sys
from pathlib import Path


def durable(target: Path, source: Path, *, packed: bool) -> None:
    """Copies a file into place in one step, on the disk before it has its name."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = target.with_name(f"{target.name}.{os.getpid()}.new")
    try:
        with source.open("rb") as given, fresh.open("wb") as out:
            os.fchmod(out.fileno(), 0o600)
            if packed:
                # The rest of a segment that was closed early is zeros: fast packing is enough.
                with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1, mtime=0, filename="") as thin:
                    shutil.copyfileobj(given, thin, 2**20)
            else:
                shutil.copyfileobj(given, out, 2**20)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def copy_files(files: Path, backup: Path) -> None:
    """Copies the uploads that the backup does not hold yet; an upload never changes."""
    for folder, _, names in os.walk(files):
        there = backup / "files" / Path(folder).relative_to(files)
        held = {path.name for path in there.iterdir()} if there.is_dir() else set()
        for name in names:
            if name in held:
                continue
            try:
                durable(there / name, Path(folder, name), packed=False)
            except FileNotFoundError:
                if Path(folder, name).exists():
                    raise  # otherwise it was removed at this moment


def same(packed: Path, plain: Path) -> bool:
    """Whether the archive holds this very segment already."""
    with gzip.open(packed, "rb") as kept:
        return kept.read() == plain.read_bytes()


def keep(backup: Path, files: Path, segment: Path, name: str) -> int:
    """PostgreSQL keeps the segment and calls again unless this is 0."""
    wal = backup / "wal"
    if not wal.is_dir():
        # Never made here: where a disk is not mounted, its folder must not be filled in its stead.
        print(f"backup: {wal} is not there", file=sys.stderr)
        return 1
    copy_files(files, backup)
    target = wal / f"{name}.gz"
    if target.exists():
        if same(target, segment):
            return 0
        print(f"backup: {target} is another segment of that name", file=sys.stderr)
        return 1
    durable(target, segment, packed=True)
    return 0


def fetch(backup: Path, name: str, target: Path) -> int:
    """1 tells PostgreSQL that there is no such segment: the log ends before it."""
    packed = backup / "wal" / f"{name}.gz"
    if not packed.exists():
        return 1
    with gzip.open(packed, "rb") as kept, target.open("wb") as out:
        shutil.copyfileobj(kept, out, 2**20)
    return 0


def main(arguments: list[str]) -> int:
    match arguments:
        case ["keep", backup, files, segment, name]:
            return keep(Path(backup), Path(files), Path(segment), name)
        case ["fetch", backup, name, target]:
            return fetch(Path(backup), name, Path(target))
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (OSError, EOFError) as failed:
        print(f"backup: {failed}", file=sys.stderr)
        # More than 125 stops a recovery instead of ending the log here, before its time.
        sys.exit(1 if sys.argv[1:2] == ["keep"] else 200)
