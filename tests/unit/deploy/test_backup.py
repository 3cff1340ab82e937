"""What goes into a backup, what comes out of it, and what is refused; the drill itself is in tests/chaos."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import archive, backup, restore, secrets_file, wal_archive
from deploy.local.archive import Place
from deploy.local.faults import Fault


@pytest.fixture(autouse=True)
def _nothing_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOUYU_BACKUP", "LOUYU_BACKUP_KEYS", "LOUYU_BACKUP_SECONDS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A place where a backup has begun."""
    made = Place(tmp_path / "backup", tmp_path / "keys")
    for folder in (made.base, made.wal, made.files):
        folder.mkdir(parents=True)
    return made


def segment(folder: Path, content: bytes) -> Path:
    """A closed segment of write-ahead log."""
    path = folder / "segment"
    path.write_bytes(content + bytes(2**20 - len(content)))
    return path


def base(place: Place, name: str, needs: str, keys: str = "") -> Path:
    """A complete base backup, as far as its description goes."""
    folder = place.base / name
    folder.mkdir()
    about = {"taken": name, "system": 7, "keys": keys, "needs": needs, "seconds": 60}
    (folder / "about.json").write_text(json.dumps(about), encoding="utf-8")
    return folder


def test_a_segment_comes_back_as_it_was(place: Place, tmp_path: Path) -> None:
    given = segment(tmp_path, b"what was committed")
    assert wal_archive.keep(place.folder, tmp_path / "none", given, "0" * 24) == 0
    assert wal_archive.keep(place.folder, tmp_path / "none", given, "0" * 24) == 0, (
        "asked again after a crash"
    )
    packed = place.wal / f"{'0' * 24}.gz"
    assert packed.stat().st_size < 10_000
    assert stat.S_IMODE(packed.stat().st_mode) == 0o600
    assert wal_archive.fetch(place.folder, "0" * 24, tmp_path / "back") == 0
    assert (tmp_path / "back").read_bytes() == given.read_bytes()
    assert wal_archive.fetch(place.folder, "1" * 24, tmp_path / "back") == 1


def test_a_segment_is_never_replaced_by_another(place: Place, tmp_path: Path) -> None:
    assert wal_archive.keep(place.folder, tmp_path / "none", segment(tmp_path, b"one"), "0" * 24) == 0
    assert wal_archive.keep(place.folder, tmp_path / "none", segment(tmp_path, b"two"), "0" * 24) == 1


def test_uploads_are_there_before_the_segment_that_names_them(place: Place, tmp_path: Path) -> None:
    kept = tmp_path / "kept" / "tenant"
    kept.mkdir(parents=True)
    (kept / "paper").write_bytes(b"%PDF")
    assert wal_archive.keep(place.folder, tmp_path / "kept", segment(tmp_path, b"row"), "0" * 24) == 0
    assert (place.files / "tenant" / "paper").read_bytes() == b"%PDF"


def test_a_disk_that_is_not_mounted_is_not_filled_in_its_stead(tmp_path: Path) -> None:
    away = tmp_path / "away"
    assert wal_archive.keep(away, tmp_path / "none", segment(tmp_path, b"row"), "0" * 24) == 1
    assert not away.exists()


def test_damaged_log_stops_a_recovery_instead_of_ending_it_early(place: Place, tmp_path: Path) -> None:
    (place.wal / "damaged.gz").write_bytes(b"not packed")
    command = [sys.executable, "-I", "-S", str(archive.SCRIPT), "fetch", str(place.folder)]
    asked = subprocess.run([*command, "damaged", str(tmp_path / "out")], check=False, capture_output=True)
    assert asked.returncode > 125
    asked = subprocess.run([*command, "absent", str(tmp_path / "out")], check=False, capture_output=True)
    assert asked.returncode == 1


def test_old_bases_go_and_the_log_that_only_they_needed(place: Place) -> None:
    for day, needs in ((1, "02"), (2, "04"), (3, "06")):
        base(place, f"2026110{day}T000000Z", needs.zfill(16))
    for name in ("01", "02", "03", "04", "05"):
        (place.wal / f"00000001{name.zfill(16)}.gz").touch()
    (place.wal / "00000002.history.gz").touch()
    backup._prune(place)
    assert [found.name for found in place.bases()] == ["20261102T000000Z", "20261103T000000Z"]
    assert sorted(path.name for path in place.wal.iterdir()) == [
        f"00000001{'04'.zfill(16)}.gz",
        f"00000001{'05'.zfill(16)}.gz",
        "00000002.history.gz",
    ]


def test_the_first_segment_is_read_from_the_manifest() -> None:
    ranges = {"WAL-Ranges": [{"Start-LSN": "1A/F2000028"}]}
    assert backup._first_segment(ranges) == "0000001A000000F2"


def test_another_districts_backup_is_refused(place: Place) -> None:
    backup._refuse_strangers(place, 8)
    base(place, "20261101T000000Z", "0" * 16)
    backup._refuse_strangers(place, 7)
    with pytest.raises(Fault, match="another district"):
        backup._refuse_strangers(place, 8)


def test_keys_in_the_backup_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOUYU_BACKUP", str(tmp_path / "backup"))
    monkeypatch.setenv("LOUYU_BACKUP_KEYS", str(tmp_path / "backup" / "keys"))
    with pytest.raises(Fault, match="LOUYU_BACKUP_KEYS"):
        archive.chosen(tmp_path)


@pytest.mark.parametrize("seconds", ["4", "301", "soon"])
def test_more_loss_than_promised_cannot_be_chosen(
    seconds: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOUYU_BACKUP_SECONDS", seconds)
    with pytest.raises(Fault, match="from 5 to 300"):
        archive.chosen(tmp_path)


def test_a_place_is_remembered(place: Place, tmp_path: Path) -> None:
    assert archive.remembered(tmp_path) is None
    archive.remember(tmp_path, place)
    assert archive.chosen(tmp_path) == place


def test_a_backup_without_its_keys_says_where_they_should_be(place: Place, tmp_path: Path) -> None:
    secrets = secrets_file.load(tmp_path / "secrets" / "local.json", ("identity",))
    name = archive.fingerprint(secrets)
    assert restore._keys(tmp_path, place, name)[1] == secrets
    with pytest.raises(Fault, match="LOUYU_BACKUP_KEYS"):
        restore._keys(tmp_path, place, "another")
    backup.keep_keys(tmp_path, place, name)
    (tmp_path / "secrets" / "local.json").unlink()
    assert restore._keys(tmp_path, place, name)[1] == secrets


def test_nothing_to_restore_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(Fault, match=r"holds no backup.*LOUYU_BACKUP"):
        restore.restorable(tmp_path)


async def test_no_district_no_backup(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="make up"):
        await backup.take(tmp_path)


def test_a_folder_with_an_odd_name_reaches_the_script_whole(tmp_path: Path) -> None:
    """Through PostgreSQL's quoting, its placeholders and the shell's quoting."""
    odd = tmp_path / 'it\'s 100 % "odd"'
    odd.mkdir()
    archive.configure(odd, odd, Place(odd / "backup", odd / "keys"))
    conf = (odd / archive.CONF).read_text(encoding="utf-8")
    line = next(line for line in conf.splitlines() if line.startswith("archive_command"))
    value = line.partition(" = ")[2][1:-1].replace("''", "'").replace("\\\\", "\\")
    command = value.replace("%p", "P").replace("%f", "F").replace("%%", "%")
    show = "import sys; print(sys.argv[1:])"
    words = command.replace(str(archive.SCRIPT), "-", 1)
    said = subprocess.run(["sh", "-c", words], input=show, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == repr(["keep", str(odd / "backup"), str(odd / "files" / "kept"), "P", "F"])
