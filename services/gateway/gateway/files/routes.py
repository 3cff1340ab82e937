"""Upload and download over HTTP."""

import asyncio
from typing import Annotated, Any
from urllib.parse import quote

import orjson
from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from chassis.errors import Unavailable
from chassis.files import File, FileReferences
from gateway.admission import Admission
from gateway.files.sniffing import IMAGES, clean_name, media_type
from gateway.files.storage import Storage
from gateway.files.uploads import receive_file
from gateway.http import VISIT, Visit
from gateway.limits import Quota
from gateway.settings import GatewaySettings

_AT_ONCE = 16
_WAIT_S = 5.0
_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'"


class StoredFile(BaseModel):
    """A file that was taken in."""

    reference: Annotated[
        str, Field(description="Signed; the uploader sends it on, within a day, where a file is asked for.")
    ]
    name: Annotated[str, Field(description="The name it is kept under.")]
    content_type: Annotated[str, Field(description="Found by looking into the file.")]
    size: Annotated[int, Field(description="Bytes.")]


class Files:
    """The routes."""

    def __init__(
        self, admission: Admission, references: FileReferences, storage: Storage, settings: GatewaySettings
    ) -> None:
        self._admission = admission
        self._references = references
        self._storage = storage
        self._limit = settings.file_limit
        self._quota = Quota("UPLOAD_QUOTA", settings.upload_bytes_per_day)
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def upload(
        self,
        request: Request,
        tenant: Annotated[str, Path(description="Whose file it becomes.")],
    ) -> Response:
        """Takes in one file: JPEG, PNG, WebP, PDF, XLSX or DOCX, at most 10 MiB. What it is, is found by
        looking into it. A file that no record has claimed within a day is removed."""
        visit: Visit = request.scope[VISIT]
        authorization = visit.text(b"authorization")
        claims, _ = await self._admission.member(tenant, authorization, visit.address)
        async with self._place():
            upload = await receive_file(visit, request.receive, self._limit)
            with upload.content:
                kind = await asyncio.to_thread(media_type, upload.content)
                self._quota.take(tenant, upload.size)
                key = await self._storage.put(tenant, upload.content)
        file = File(
            key=key,
            tenant_id=tenant,
            uploader=claims.account_id,
            name=clean_name(upload.name, kind),
            media_type=kind,
            size=upload.size,
            sha256=upload.sha256.hexdigest(),
        )
        reply = StoredFile(
            reference=self._references.upload(file), name=file.name, content_type=kind, size=file.size
        )
        headers = {"cache-control": "no-store"}
        return Response(
            orjson.dumps(reply.model_dump()), status_code=201, media_type="application/json", headers=headers
        )

    async def download(
        self,
        request: Request,
        reference: Annotated[str, Path(description="The id of an attachment, as its record gave it.")],
    ) -> Response:
        """Reads a file again. The reference is given by the record that the file belongs to, to the one
        account that may read it, for a quarter of an hour."""
        visit: Visit = request.scope[VISIT]
        claims = await self._admission.claims(visit.text(b"authorization"), visit.address)
        await self._admission.still(claims)
        file = self._references.readable(reference, account_id=claims.account_id)
        headers = {
            "cache-control": "private, max-age=900, immutable",
            "content-security-policy": _POLICY,
            "content-disposition": _disposition(file),
            "etag": f'"{file.sha256[:32]}"',
        }
        if visit.etag(b"if-none-match") == file.sha256[:32]:
            return Response(status_code=304, headers=headers)
        pieces = await self._storage.read(file.key)
        headers["content-length"] = str(file.size)
        return StreamingResponse(pieces, media_type=file.media_type, headers=headers)

    def _place(self) -> "_Place":
        return _Place(self._places)


class _Place:
    """One of the uploads at a time that the process takes in; the others wait without being read."""

    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places = places

    async def __aenter__(self) -> None:
        try:
            async with asyncio.timeout(_WAIT_S):
                await self._places.acquire()
        except TimeoutError:
            raise Unavailable("OVERLOADED", retry_after_s=2.0) from None

    async def __aexit__(self, *_: object) -> None:
        self._places.release()


def router(files: Files) -> APIRouter:
    """The routes of files."""
    routes = APIRouter(tags=["files"])
    schema: dict[str, Any] = {
        "type": "object",
        "required": ["file"],
        "properties": {"file": {"type": "string", "format": "binary"}},
    }
    routes.add_api_route(
        "/v1/tenants/{tenant}/files",
        files.upload,
        methods=["POST"],
        status_code=201,
        responses={201: {"model": StoredFile, "description": "Stored."}},
        openapi_extra={
            "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}},
            "security": [{"bearer": []}],
        },
    )
    routes.add_api_route(
        "/v1/files/{reference}",
        files.download,
        methods=["GET"],
        response_class=Response,
        responses={200: {"content": {"application/octet-stream": {}}, "description": "The file."}},
        openapi_extra={"security": [{"bearer": []}]},
    )
    return routes


def _disposition(file: File) -> str:
    """Pictures may be shown; everything else is for saving."""
    how = "inline" if file.media_type in IMAGES else "attachment"
    plain = "".join(c if (c.isascii() and c.isalnum()) or c in "._- " else "_" for c in file.name)
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name, safe='')}"
