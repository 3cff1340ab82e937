"""Promise 20: hostile files are turned away without anything of them being unpacked or kept."""

from __future__ import annotations

import asyncio
import io
import os
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from pathlib import Path

import httpx

from chassis.ids import new_id
from tests.chaos.conftest import Proof
from tests.chaos.crowd import BUSY, Crowd
from tests.chaos.streams import database

CALLER = "secretary"
MIB = 2**20
LIMIT = 10 * MIB
RSS_LIMIT = 100 * MIB
PATIENCE, LOST = 100, 40
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
TYPES = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
BOOK = "xl/workbook.xml"
SHEET = "xl/worksheets/sheet1.xml"


def workbook(parts: dict[str, bytes], *, level: int = 9) -> bytes:
    """An archive with the outward signs of a workbook and these parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, content in {"[Content_Types].xml": TYPES, BOOK: b"<workbook/>", **parts}.items():
            archive.writestr(name, content)
    return made.getvalue()


def lying(size: int, says: int) -> bytes:
    """A workbook whose sheet unpacks to `size` and says that it unpacks to `says`, with the checksum of what
    it says."""
    content = bytes(size)
    archive = bytearray(workbook({SHEET: content}))
    true = struct.pack("<II", zlib.crc32(content), 0)[:4]
    said = struct.pack("<I", zlib.crc32(content[:says]))
    for mark, crc_at, size_at in ((b"PK\x03\x04", 14, 22), (b"PK\x01\x02", 16, 24)):
        at = -1
        while (at := archive.find(mark, at + 1)) >= 0:
            if archive[at + crc_at : at + crc_at + 4] == true:
                archive[at + crc_at : at + crc_at + 4] = said
                archive[at + size_at : at + size_at + 4] = struct.pack("<I", says)
    return bytes(archive)


def encrypted() -> bytes:
    """A workbook that says its parts are encrypted."""
    archive = bytearray(workbook({SHEET: b"<worksheet/>"}))
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := archive.find(mark, at + 1)) >= 0:
            archive[at + flags] |= 1
    return bytes(archive)


CORPUS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "zip bomb, 1:1000": ("bomb.xlsx", lambda: workbook({SHEET: bytes(150 * MIB)})),
    "zip bomb, many parts": (
        "bomb.xlsx",
        lambda: workbook({f"xl/worksheets/sheet{number}.xml": bytes(MIB) for number in range(300)}),
    ),
    "zip bomb, says it is small": ("bomb.xlsx", lambda: lying(300 * MIB, 40_000)),
    "too many entries": ("many.xlsx", lambda: workbook({f"xl/{number}": b"" for number in range(2500)})),
    "../ in the archive": ("up.xlsx", lambda: workbook({"../../../etc/cron.d/louyu": b"x"})),
    "..\\ in the archive": ("up.xlsx", lambda: workbook({"xl\\..\\..\\..\\louyu": b"x"})),
    "/ in the archive": ("up.xlsx", lambda: workbook({"/etc/cron.d/louyu": b"x"})),
    "encrypted workbook": ("secret.xlsx", encrypted),
    "macros": ("macro.xlsx", lambda: workbook({"xl/vbaProject.bin": b"x"})),
    "half a workbook": ("half.xlsx", lambda: workbook({SHEET: b"<worksheet/>"})[:-40]),
    "a zip that is no workbook": ("zip.xlsx", lambda: workbook({}).replace(b"xl/workbook", b"xx/workbook")),
    "polyglot: PNG and zip": ("cat.png", lambda: PNG + workbook({SHEET: b"<worksheet/>"})),
    "polyglot: PDF and zip": ("paper.pdf", lambda: PDF + workbook({SHEET: b"<worksheet/>"})),
    "polyglot: program and zip": ("run.xlsx", lambda: b"MZ\x90\0" + workbook({SHEET: b"<worksheet/>"})),
    "page called a picture": ("cat.png", lambda: b"<html><script>alert(1)</script></html>"),
    "drawing with a script": ("cat.svg", lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>"),
    "program": ("run.pdf", lambda: b"\x7fELF" + bytes(2000)),
    "nothing": ("empty.png", lambda: b""),
    "oversize": ("big.png", lambda: PNG + bytes(LIMIT)),
}


def multipart(parts: list[tuple[str, bytes]]) -> tuple[bytes, dict[str, str]]:
    """A body of these parts, each with its own header lines, and the header that goes with it."""
    mark = "hostile"
    body = b"".join(f"--{mark}\r\n{head}\r\n\r\n".encode() + content + b"\r\n" for head, content in parts)
    return body + f"--{mark}--\r\n".encode(), {"content-type": f"multipart/form-data; boundary={mark}"}


def named(name: str, kind: str = "file") -> str:
    return f'Content-Disposition: form-data; name="{kind}"; filename="{name}"'


BODIES: dict[str, Callable[[], list[tuple[str, bytes]]]] = {
    "10,000 parts": lambda: [(named("a.png"), PNG)] * 10_000,
    "10,000 fields": lambda: [('Content-Disposition: form-data; name="a"', b"x")] * 10_000,
    "a header of a megabyte": lambda: [(named("a" * MIB), PNG)],
    "a field of a megabyte": lambda: [('Content-Disposition: form-data; name="a"', bytes(MIB))],
    "no file": lambda: [('Content-Disposition: form-data; name="file"', PNG)],
    "a file by another name": lambda: [(named("a.png", "other"), PNG)],
    "two files": lambda: [(named("a.png"), PNG), (named("b.png"), PNG)],
}


class Memory:
    """Watches how much memory processes take."""

    def __init__(self, pids: dict[str, int]) -> None:
        self._pids = pids
        self._before = self._now()
        self._peak = dict(self._before)
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Memory:
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _now(self) -> dict[str, int]:
        page = os.sysconf("SC_PAGE_SIZE")
        return {
            name: int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * page
            for name, pid in self._pids.items()
        }

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(0.01)
            self._peak = {name: max(self._peak[name], bytes_) for name, bytes_ in self._now().items()}

    @property
    def growth(self) -> dict[str, int]:
        """The most that each process took beyond what it had."""
        return {name: self._peak[name] - before for name, before in self._before.items()}


async def test_hostile_uploads_are_turned_away(proof: Proof, crowd: Crowd) -> None:
    """The promise's `../` is that of names inside an archive, which are refused. In the name of the upload
    itself it is harmless and common, since some programs send whole paths: the file is kept under a key of
    the district's own, and its last part is all that is left of the name."""
    rounds = proof.size(1, 20)
    proof.of(
        20,
        "uploads",
        load=f"{len(CORPUS) + len(BODIES) + 2} hostile uploads x {rounds}, 4 at a time",
        faults="bombs, polyglots, ../, 10,000 parts, oversize",
    )
    tenant = await crowd.tenant(CALLER)
    path = f"/v1/tenants/{tenant}/files"
    store = crowd.stack.home / "files"
    good = await upload(crowd, path, {"file": ("../../../etc/passwd.png", PNG)})
    assert (good.status_code, good.json()["name"]) == (201, "passwd.png"), good.text
    made = {name: (file, make()) for name, (file, make) in CORPUS.items()}
    bodies = {name: multipart(make()) for name, make in BODIES.items()}
    before = kept(store)
    imports = await stored_imports(crowd)
    pids = {name: crowd.stack.pids()[name] for name in ("gateway", "membership")}
    statuses: Counter[int] = Counter()
    gate = asyncio.Semaphore(4)

    async def refused(name: str, reply: httpx.Response) -> None:
        statuses[reply.status_code] += 1
        assert 400 <= reply.status_code < 500, f"{name}: {reply.status_code} {reply.text[:200]}"
        assert reply.headers["content-type"].startswith("application/problem+json"), name

    async def one_file(name: str) -> None:
        async with gate:
            await refused(name, await upload(crowd, path, {"file": made[name]}))

    async def one_body(name: str) -> None:
        async with gate:
            body, headers = bodies[name]
            await refused(name, await upload(crowd, path, content=body, headers=headers))

    async def endless() -> None:
        """Without a length, so that only counting finds it out."""

        async def pieces() -> AsyncIterator[bytes]:
            yield f"--hostile\r\n{named('a.png')}\r\n\r\n".encode() + PNG
            for _ in range(64):
                yield bytes(MIB)

        headers = {"content-type": "multipart/form-data; boundary=hostile"}
        async with gate:
            try:
                reply = await upload(crowd, path, content=pieces, headers=headers)
            except httpx.TransportError:
                # The answer comes before the body's end and the connection goes with it: refused all the
                # same, and what is stored and what memory it took are looked at below.
                statuses[413] += 1
            else:
                await refused("endless", reply)

    async with Memory(pids) as memory:
        for _ in range(rounds):
            await asyncio.gather(
                *(one_file(name) for name in made), *(one_body(name) for name in bodies), endless()
            )
            forged = {"file": new_id() * 3, "kind": "ENTERPRISES"}
            reply = await crowd.call(CALLER, "POST", f"/v1/tenants/{tenant}/imports", forged)
            await refused("import of a file that was never taken in", reply)
    assert kept(store) == before, "nothing of it is stored"
    assert await stored_imports(crowd) == imports
    assert {name: crowd.stack.pids()[name] for name in pids} == pids, "no process died of it"
    growth = memory.growth
    assert max(growth.values()) < RSS_LIMIT, growth
    shown = ", ".join(f"{name} +{grown / MIB:.0f} MiB" for name, grown in growth.items())
    proof.found(
        cases=sum(statuses.values()), figure=f"{sum(statuses.values())} x 4xx, nothing stored; {shown}"
    )


async def test_hostile_workbooks_import_nothing(proof: Proof, crowd: Crowd) -> None:
    """Workbooks that are honest enough to be taken in, and too much for an import. What was uploaded stays,
    as any upload does, at no more than its own size."""
    proof.of(20, "uploads: workbooks for the enterprise import", load=f"{len(WORKBOOKS)} hostile workbooks")
    tenant = await crowd.tenant(CALLER)
    template = await crowd.call(CALLER, "GET", f"/v1/tenants/{tenant}/imports:template")
    sound = template.raise_for_status().content

    async def imported(content: bytes) -> httpx.Response:
        taken = await upload(crowd, f"/v1/tenants/{tenant}/files", {"file": ("firms.xlsx", content)})
        assert taken.status_code == 201, taken.text
        body = {"file": taken.json()["reference"], "kind": "ENTERPRISES"}
        return await crowd.call(CALLER, "POST", f"/v1/tenants/{tenant}/imports", body)

    assert (await imported(book(sound, cells(3, 3)))).is_success, "a sound one is taken"
    pids = {name: crowd.stack.pids()[name] for name in ("gateway", "membership")}
    reasons: Counter[str] = Counter()
    async with Memory(pids) as memory:
        laughing = book(sound, b'<row r="1"><c r="A1"><v>&z;</v></c></row>', head=LAUGHS)
        assert (await imported(laughing)).status_code < 500, "what it declares is never written out"
        imports = await stored_imports(crowd)
        for name, make in WORKBOOKS.items():
            reply = await imported(make(sound))
            assert 400 <= reply.status_code < 500, f"{name}: {reply.status_code} {reply.text}"
            reasons[reply.json()["reason"]] += 1
    assert await stored_imports(crowd) == imports
    assert {name: crowd.stack.pids()[name] for name in pids} == pids
    growth = memory.growth
    assert max(growth.values()) < RSS_LIMIT, growth
    shown = ", ".join(f"{name} +{grown / MIB:.0f} MiB" for name, grown in growth.items())
    said = ", ".join(f"{count} x {reason}" for reason, count in sorted(reasons.items()))
    proof.found(cases=len(WORKBOOKS), figure=f"{said}, no import; {shown}")


def book(template: bytes, sheet: bytes, *, head: bytes = b"") -> bytes:
    """A real workbook with this content in its first sheet, hardly packed, so that it passes as honest."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    content = head + f'<worksheet xmlns="{main}"><sheetData>'.encode() + sheet + b"</sheetData></worksheet>"
    with zipfile.ZipFile(io.BytesIO(template)) as archive:
        parts = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    return workbook({**parts, SHEET: content, "xl/media/noise.bin": NOISE})


def cells(rows: int, columns: int) -> bytes:
    """So many cells, each with a number."""
    row = b"".join(b"<c><v>%d</v></c>" % number for number in range(columns))
    return b"".join(b"<row>" + row + b"</row>" for _ in range(rows))


LAUGHS = (
    b'<!DOCTYPE a [<!ENTITY a "ha">'
    + b"".join(f'<!ENTITY {name} "{f"&{before};" * 10}">'.encode() for before, name in pairwise("abcdefghz"))
    + b"]>"
)
"""Each says the one before it ten times."""
NOISE = zlib.compress(bytes(range(256)) * 1024, 0) + b"".join(
    struct.pack("<Q", (number * 0x9E3779B97F4A7C15) % 2**64) for number in range(65_000)
)
"""What cannot be packed: beside it the rest looks harmless."""
WORKBOOKS: dict[str, Callable[[bytes], bytes]] = {
    "far too many rows": lambda template: book(template, cells(20_000, 20)),
    "one cell in the last corner": lambda template: book(
        template, b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    ),
    "many megabytes in one cell": lambda template: book(
        template, b'<row r="1"><c r="A1" t="inlineStr"><is><t>' + b"a" * (90 * MIB) + b"</t></is></c></row>"
    ),
    "no sheet at all": lambda _: workbook({"xl/media/noise.bin": NOISE}),
}


async def upload(
    crowd: Crowd,
    path: str,
    files: dict[str, tuple[str, bytes]] | None = None,
    *,
    content: bytes | Callable[[], AsyncIterator[bytes]] | None = None,
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    """One upload. Tried again where there is no place, and where the answer was lost because it came, and the
    connection went, before everything was sent."""
    for attempt in range(PATIENCE):
        sent = {"authorization": await crowd.token(CALLER), **(headers or {})}
        body = content() if callable(content) else content
        try:
            reply = await crowd.http.post(path, files=files, content=body, headers=sent)
        except httpx.TransportError:
            if attempt >= LOST:
                raise
            await asyncio.sleep(0.1)
            continue
        if reply.status_code not in BUSY:
            return reply
        await asyncio.sleep(0.3)
    raise AssertionError("never answered")


def kept(store: Path) -> set[str]:
    """Every file that is stored."""
    return {str(path.relative_to(store)) for path in store.rglob("*") if path.is_file()}


async def stored_imports(crowd: Crowd) -> int:
    """How many imports there are."""
    async with database(crowd.stack, "membership") as connection:
        found: int = await connection.fetchval("SELECT count(*) FROM imports_imports")
        return found
