"""Packing and removing stored files for other services, over gRPC."""

import asyncio
import hashlib
import tempfile
import zipfile
from typing import IO, Any, Final

from grpc.aio import ServicerContext

from chassis.errors import NotFound
from gateway.files.storage import Storage
from louyu.gateway.v1 import files_pb2 as pb
from louyu.gateway.v1.files_pb2_grpc import FilesServiceServicer

_PIECE: Final = 256 * 1024


class Files(FilesServiceServicer):
    """Serves louyu.gateway.v1.FilesService."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def PackFiles(
        self, request: pb.PackFilesRequest, context: ServicerContext[Any, Any]
    ) -> pb.PackFilesResponse:
        with tempfile.TemporaryFile() as packed:
            missing = await self._pack(request, packed)
            size = packed.tell()
            digest = await asyncio.to_thread(_digest, packed)
            key = await self._storage.put(request.tenant, packed)
        await self._storage.keep(key)
        return pb.PackFilesResponse(key=key, size=size, sha256=digest, missing=missing)

    async def RemoveFiles(
        self, request: pb.RemoveFilesRequest, context: ServicerContext[Any, Any]
    ) -> pb.RemoveFilesResponse:
        removed = 0
        for key in request.keys:
            removed += await self._storage.remove(key)
        return pb.RemoveFilesResponse(removed=removed)

    async def _pack(self, request: pb.PackFilesRequest, packed: IO[bytes]) -> list[str]:
        missing: list[str] = []
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for document in request.documents:
                await asyncio.to_thread(archive.writestr, document.path, document.content)
            for file in request.files:
                try:
                    pieces = await self._storage.read(file.key)
                except NotFound:
                    missing.append(file.path)
                    continue
                with archive.open(file.path, "w") as entry:
                    async for piece in pieces:
                        await asyncio.to_thread(entry.write, piece)
        return missing


def _digest(packed: IO[bytes]) -> str:
    digest = hashlib.sha256()
    packed.seek(0)
    while piece := packed.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest()
