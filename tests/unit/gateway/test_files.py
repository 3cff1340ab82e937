from __future__ import annotations

import asyncio
import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis.files import FileReferences
from chassis.tokens import SigningKey
from gateway.files import routes
from gateway.files.sniffing import DOCX, PDF, XLSX, clean_name
from gateway.files.storage import Storage, sweep
from gateway.limits import Quota
from gateway.settings import GatewaySettings
from louyu.ticket.v1 import requests_pb2
from tests.unit.gateway.door import ACCOUNT, LIAISON, OTHER, TENANT, Door, opened

UPLOAD = f"/v1/tenants/{TENANT}/files"
JPEG = b"\xff\xd8\xff\xe0" + b"x" * 200 + b"\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"x" * 100
WEBP = b"RIFF\x00\x00\x00\x00WEBPVP8 " + b"x" * 100
PDF_FILE = b"%PDF-1.7\n" + b"x" * 100 + b"\n%%EOF"
CREATE = "/louyu.ticket.v1.RequestsService/CreateTicket"


def office(*names: str, content: bytes = b"<x/>", **more: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", *names):
            archive.writestr(name, content)
    return target.getvalue()


async def send(
    door: Door, content: bytes, name: str = "a.jpg", account: str = ACCOUNT, **more: Any
) -> httpx.Response:
    files = {"file": (name, content, "image/jpeg")}
    return await door.client.post(UPLOAD, files=files, headers={"authorization": door.token(account)}, **more)


@pytest.mark.parametrize(
    ("content", "name", "kind", "kept"),
    [
        (JPEG, "照片 1.JPG", "image/jpeg", "照片 1.jpg"),
        (PNG, "../../etc/passwd", "image/png", "passwd.png"),
        (WEBP, "x.html", "image/webp", "x.webp"),
        (PDF_FILE, "a.pdf", PDF, "a.pdf"),
        (office("xl/workbook.xml"), "台账.xlsx", XLSX, "台账.xlsx"),
        (office("word/document.xml"), "C:\\x\\y.docx", DOCX, "y.docx"),
    ],
)
async def test_a_file_is_known_by_its_content(
    door: Door, content: bytes, name: str, kind: str, kept: str
) -> None:
    reply = await send(door, content, name)
    assert reply.status_code == 201, reply.text
    body = reply.json()
    assert (body["content_type"], body["name"], body["size"]) == (kind, kept, len(content))
    assert len(body["reference"]) < 2000
    file = door.references.claim(body["reference"], tenant_id=TENANT, account_id=ACCOUNT)
    assert (file.media_type, file.size, file.name) == (kind, len(content), kept)


BOMB = office("xl/workbook.xml", content=b"\0" * 30_000_000)


@pytest.mark.parametrize(
    ("content", "status", "reason"),
    [
        (b"<html><script>alert(1)</script>", 415, "FILE_TYPE_REFUSED"),
        (b"GIF89a" + b"x" * 50, 415, "FILE_TYPE_REFUSED"),
        (b"MZ" + b"x" * 50, 415, "FILE_TYPE_REFUSED"),
        (office("evil.exe"), 415, "FILE_TYPE_REFUSED"),
        (office("xl/workbook.xml", "xl/vbaProject.bin"), 415, "FILE_TYPE_REFUSED"),
        (JPEG + office("xl/workbook.xml"), 400, "FILE_SUSPICIOUS"),
        (PDF_FILE + office("word/document.xml"), 400, "FILE_SUSPICIOUS"),
        (office("xl/workbook.xml", "../../evil"), 400, "FILE_SUSPICIOUS"),
        (b"PK\x03\x04" + b"x" * 100, 400, "FILE_SUSPICIOUS"),
        (BOMB, 400, "FILE_SUSPICIOUS"),
        (b"", 400, "FILE_EMPTY"),
        (JPEG + b"x" * (10 * 1024 * 1024), 413, "FILE_TOO_LARGE"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_a_file_that_is_not_taken(
    door: Door, content: bytes, status: int, reason: str, tmp_path: Path
) -> None:
    reply = await send(door, content)
    assert (reply.status_code, reply.json()["reason"]) == (status, reason)
    assert reply.json()["messages"]["zh"]
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("content", "kind", "status", "reason"),
    [
        (b"x", "application/json", 415, "MEDIA_TYPE_NOT_FORM"),
        (b"x", "multipart/form-data", 400, "UPLOAD_MALFORMED"),
        (b"--b\r\n", "multipart/form-data; boundary=b", 400, "UPLOAD_MALFORMED"),
        (b"garbage", "multipart/form-data; boundary=b", 400, "UPLOAD_MALFORMED"),
        (b"--b--\r\n", "multipart/form-data; boundary=b", 400, None),
        (
            b"--b\r\nA: " + b"x" * 5000 + b"\r\n\r\n",
            "multipart/form-data; boundary=b",
            400,
            "UPLOAD_MALFORMED",
        ),
        (
            b"".join(b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n' for _ in range(10_000))
            + b"--b--",
            "multipart/form-data; boundary=b",
            400,
            "UPLOAD_MALFORMED",
        ),
    ],
    ids=["json", "no-boundary", "cut-off", "garbage", "empty", "long-header", "10,000-parts"],
)
async def test_a_malformed_upload_is_refused(
    door: Door, content: bytes, kind: str, status: int, reason: str | None
) -> None:
    headers = {"authorization": door.token(), "content-type": kind}
    reply = await door.client.post(UPLOAD, content=content, headers=headers)
    assert reply.status_code == status
    assert reason in (None, reply.json()["reason"])


async def test_only_members_of_the_tenant_upload(door: Door) -> None:
    assert (await door.client.post(UPLOAD, files={"file": JPEG})).status_code == 401
    headers = {"authorization": door.token()}
    reply = await door.client.post(f"/v1/tenants/{OTHER}/files", files={"file": JPEG}, headers=headers)
    assert (reply.status_code, reply.json()["reason"]) == (404, "TENANT_NOT_FOUND")


async def test_a_tenant_has_a_daily_quota(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Of one day, also when the test runs at midnight.
    monkeypatch.setattr(routes, "Quota", lambda reason, limit: Quota(reason, limit, lambda: 1_000.0))
    async with opened(tmp_path, GatewaySettings(upload_bytes_per_day=500)) as door:
        assert (await send(door, JPEG)).status_code == 201
        assert (await send(door, JPEG)).status_code == 201
        reply = await send(door, JPEG)
        assert (reply.status_code, reply.json()["reason"]) == (429, "UPLOAD_QUOTA")


def ticket_service() -> FileReferences:
    key = SigningKey("ticket", b"t" * 32)
    gateway = SigningKey("gateway", bytes(32))
    return FileReferences("ticket", key, {"ticket": key.public, "gateway": gateway.public})


async def test_the_account_that_a_record_names_reads_the_file_and_no_other(door: Door) -> None:
    sent = await send(door, JPEG, "照片.jpg")
    service = ticket_service()
    file = service.claim(sent.json()["reference"], tenant_id=TENANT, account_id=ACCOUNT)
    address = "/v1/files/" + service.download(file, account_id=ACCOUNT)
    reply = await door.client.get(address, headers={"authorization": door.token()})
    assert (reply.status_code, reply.content) == (200, JPEG)
    assert reply.headers["content-type"] == "image/jpeg"
    assert reply.headers["content-disposition"].startswith("inline; filename=")
    assert "filename*=UTF-8''%E7%85%A7%E7%89%87.jpg" in reply.headers["content-disposition"]
    assert reply.headers["content-security-policy"].startswith("sandbox")
    for authorization in (door.token(LIAISON), ""):
        headers = {"authorization": authorization} if authorization else {}
        refused = await door.client.get(address, headers=headers)
        assert refused.status_code == (404 if authorization else 401)


async def test_an_upload_reference_cannot_be_read_with(door: Door) -> None:
    reference = (await send(door, JPEG)).json()["reference"]
    for address in (reference, "nonsense", "a.b.c"):
        reply = await door.client.get(f"/v1/files/{address}", headers={"authorization": door.token()})
        assert (reply.status_code, reply.json()["reason"]) == (404, "FILE_NOT_FOUND")


async def test_a_document_is_saved_not_shown(door: Door) -> None:
    sent = await send(door, PDF_FILE, "a.pdf")
    service = ticket_service()
    file = service.claim(sent.json()["reference"], tenant_id=TENANT, account_id=ACCOUNT)
    reply = await door.client.get(
        "/v1/files/" + service.download(file, account_id=ACCOUNT), headers={"authorization": door.token()}
    )
    assert reply.headers["content-disposition"].startswith("attachment")


async def test_a_file_is_kept_once_its_reference_goes_to_a_service(door: Door, tmp_path: Path) -> None:
    claimed = (await send(door, JPEG)).json()["reference"]
    await send(door, PNG)
    door.backend.answers[CREATE] = lambda request, headers: requests_pb2.Ticket()
    headers = {"authorization": door.token()}
    create = f"/v1/tenants/{TENANT}/requests"
    for _ in range(2):
        reply = await door.client.post(create, json={"attachments": [claimed]}, headers=headers)
        assert reply.status_code == 200
    storage = Storage(str(tmp_path / "files"))
    assert await storage.remove_unclaimed(timedelta(hours=1)) == 0
    assert await storage.remove_unclaimed(timedelta(seconds=-5)) == 1
    kept = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in kept] == [JPEG]
    assert kept[0].is_relative_to(tmp_path / "files" / "kept")


async def test_a_reference_whose_file_is_gone_is_refused(door: Door, tmp_path: Path) -> None:
    reference = (await send(door, JPEG)).json()["reference"]
    await Storage(str(tmp_path / "files")).remove_unclaimed(timedelta(seconds=-5))
    reply = await door.client.post(
        f"/v1/tenants/{TENANT}/requests",
        json={"attachments": [reference]},
        headers={"authorization": door.token()},
    )
    assert (reply.status_code, reply.json()["reason"]) == (400, "FILE_REFERENCE_INVALID")


async def test_sweeping_goes_on_until_told_to_stop(tmp_path: Path) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(sweep(Storage(str(tmp_path)), timedelta(), stop, every_s=0.01))
    await asyncio.sleep(0.05)
    assert not running.done()
    stop.set()
    await asyncio.wait_for(running, 20)


async def test_without_a_store_files_are_unavailable_and_nothing_else(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="FILES_UNAVAILABLE"):
        await Storage("").read(f"{TENANT}/2026-11-21/{TENANT}")


@pytest.mark.parametrize(
    ("name", "kind", "kept"),
    [
        ("", PDF, "file.pdf"),
        ("...", PDF, "file.pdf"),
        ('a"b;c\r\n.pdf', PDF, "a_b_c.pdf"),
        ("x" * 300 + ".pdf", PDF, "x" * 96 + ".pdf"),
        ("con\u202efdp.exe", PDF, "con fdp.pdf"),
        ("报告.v2.final.docx", DOCX, "报告.v2.final.docx"),
    ],
)
def test_names_are_made_safe(name: str, kind: str, kept: str) -> None:
    assert clean_name(name, kind) == kept
