from __future__ import annotations

import gzip
from pathlib import Path

import httpx
import pytest

from gateway.site import Site
from tests.unit.gateway.door import opened


def built(folder: Path) -> Site:
    for name, text in {
        "index.html": "portal", "console/index.html": "console", "desk/index.html": "desk",
        "screen/index.html": "screen", "favicon.svg": "<svg/>", "assets/app-abc.js": "x" * 5000,
        ".vite/manifest.json": "{}",
    }.items():  # fmt: skip
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "assets/app-abc.js.br").write_bytes(b"brotli")
    return Site.load(str(folder))


async def get(folder: Path, path: str, **headers: str) -> httpx.Response:
    async with opened(folder / "files", site=built(folder / "web")) as door:
        return await door.client.get(path, headers={"accept-encoding": "identity", **headers})


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/", "portal"),
        ("/requests/new", "portal"),
        ("/console", "console"),
        ("/console/queue/board", "console"),
        ("/desk/", "desk"),
        ("/screen", "screen"),
        ("/favicon.svg", "<svg/>"),
    ],
)
async def test_each_face_answers_for_its_folder(tmp_path: Path, path: str, text: str) -> None:
    reply = await get(tmp_path, path)
    assert (reply.status_code, reply.text) == (200, text)
    assert reply.headers["cache-control"] == "no-cache"
    policy = reply.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize(
    "path",
    [
        "/v1/nothing",
        "/assets/gone.js",
        "/../secret.txt",
        "/.vite/manifest.json",
        "/.well-known/x",
        "/internal/x",
    ],
)
async def test_what_is_not_there_is_a_problem_not_a_page(tmp_path: Path, path: str) -> None:
    reply = await get(tmp_path, path)
    assert (reply.status_code, reply.json()["reason"]) == (404, "ROUTE_NOT_FOUND")


async def test_hashed_files_are_cached_for_ever_and_sent_compressed(tmp_path: Path) -> None:
    reply = await get(tmp_path, "/assets/app-abc.js", **{"accept-encoding": "gzip"})
    assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "content-encoding" not in reply.headers  # only brotli was built
    async with opened(tmp_path / "f", site=Site.load(str(tmp_path / "web"))) as door:
        request = door.client.build_request(
            "GET", "/assets/app-abc.js", headers={"accept-encoding": "br, gzip"}
        )
        raw = await door.client.send(request, stream=True)
        assert raw.headers["content-encoding"] == "br"
        assert b"".join([piece async for piece in raw.aiter_raw()]) == b"brotli"


async def test_text_that_nobody_compressed_is_compressed_once(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web/index.html").write_text("y" * 5000)
    async with opened(tmp_path / "f", site=Site.load(str(tmp_path / "web"))) as door:
        request = door.client.build_request("GET", "/", headers={"accept-encoding": "gzip"})
        raw = await door.client.send(request, stream=True)
        body = b"".join([piece async for piece in raw.aiter_raw()])
    assert gzip.decompress(body) == b"y" * 5000


async def test_an_unchanged_page_is_not_sent_again(tmp_path: Path) -> None:
    first = await get(tmp_path, "/")
    again = await get(tmp_path, "/", **{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_pages_are_read_only(tmp_path: Path) -> None:
    async with opened(tmp_path / "files", site=built(tmp_path / "web")) as door:
        reply = await door.client.post("/console")
        assert (reply.status_code, reply.headers["allow"]) == (405, "GET, HEAD")
        head = await door.client.head("/")
        assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "6")
