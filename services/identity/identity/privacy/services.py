"""The services of the district, asked about a person."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

import grpc
import orjson

from chassis.privacy import stored_files
from identity.privacy.rules import GATEWAY
from louyu.gateway.v1 import files_pb2
from louyu.gateway.v1.files_pb2_grpc import FilesServiceStub
from louyu.operations.v1 import privacy_pb2 as pb
from louyu.operations.v1.privacy_pb2_grpc import PrivacyServiceStub

_CALL_S: Final = 4.0
_WORK_S: Final = 15.0
_GUIDE: Final = """这份压缩包是本区平台保存的关于您的全部信息（《个人信息保护法》第四十五条）。
copy.json   每个服务一节，每节按类别列出记录
files/      您的记录里的文件，对应关系见 copy.json 的 files
"""

Part = dict[str, Any]
"""Rows of one collection, as a service copied them."""


class Services:
    """Every service that keeps something about people, and the gateway with the files."""

    def __init__(self, channels: Mapping[str, grpc.aio.Channel]) -> None:
        self._stubs = {
            name: PrivacyServiceStub(channel) for name, channel in channels.items() if name != GATEWAY
        }
        self._files = FilesServiceStub(channels[GATEWAY])

    @property
    def names(self) -> list[str]:
        """All of them, the gateway last."""
        return [*sorted(self._stubs), GATEWAY]

    async def count(self, ids: Sequence[str]) -> Mapping[str, pb.CountPersonResponse | None]:
        """What each service keeps about a person; None for one that is away."""
        request = pb.CountPersonRequest(ids=ids)

        async def one(stub: Any) -> pb.CountPersonResponse | None:
            try:
                reply: pb.CountPersonResponse = await stub.CountPerson(request, timeout=_CALL_S)
            except grpc.aio.AioRpcError:
                return None
            return reply

        found = await asyncio.gather(*(one(stub) for stub in self._stubs.values()))
        return dict(zip(self._stubs, found, strict=True))

    async def copy(self, service: str, ids: Sequence[str]) -> list[Part]:
        """Everything a service keeps about a person."""
        parts: list[Part] = []
        token = ""
        while True:
            request = pb.CopyPersonRequest(ids=ids, page_token=token)
            page = await self._stubs[service].CopyPerson(request, timeout=_WORK_S)
            parts += [{"collection": part.collection, "rows": orjson.loads(part.rows)} for part in page.parts]
            token = page.next_page_token
            if not token:
                return parts

    async def erase(
        self, service: str, erasure: str, ids: Sequence[str], *, held: bool
    ) -> tuple[int, list[str]]:
        """Erase a person in a service; how many rows, and which stored files went with them."""
        request = pb.ErasePersonRequest(erasure=erasure, ids=ids, held=held)
        done = await self._stubs[service].ErasePerson(request, timeout=_WORK_S)
        return done.rows, list(done.files)

    async def release(self, service: str, erasure: str) -> int:
        """Delete what a service stored apart; how many rows."""
        request = pb.ReleasePersonRequest(erasure=erasure)
        return int((await self._stubs[service].ReleasePerson(request, timeout=_WORK_S)).rows)

    async def remove_files(self, keys: Sequence[str]) -> int:
        """Remove stored files."""
        if not keys:
            return 0
        request = files_pb2.RemoveFilesRequest(keys=keys)
        return int((await self._files.RemoveFiles(request, timeout=_WORK_S)).removed)

    async def pack(
        self, tenant_id: str, account_id: str, answers: Mapping[str, list[Part]], said: Mapping[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        """Make one archive of a person's copy; how many files are in it, and what it is stored as."""
        services: dict[str, dict[str, list[Any]]] = {
            service: {part["collection"]: [] for part in parts} for service, parts in answers.items() if parts
        }
        for service, parts in answers.items():
            for part in parts:
                services[service][part["collection"]] += part["rows"]
        files = {file["key"]: file for file in stored_files(services)}
        packed = [
            files_pb2.PackedFile(path=f"files/{number:03}-{file['name']}", key=key)
            for number, (key, file) in enumerate(files.items(), start=1)
        ]
        listed = [
            {
                "path": one.path,
                "name": files[one.key]["name"],
                "sha256": files[one.key]["sha256"],
                "key": one.key,
            }
            for one in packed
        ]
        document = {**said, "services": services, "files": listed}
        reply = await self._files.PackFiles(
            files_pb2.PackFilesRequest(
                tenant=tenant_id,
                documents=[
                    files_pb2.PackedDocument(path="说明.txt", content=_GUIDE.encode()),
                    files_pb2.PackedDocument(
                        path="copy.json", content=orjson.dumps(document, option=orjson.OPT_INDENT_2)
                    ),
                ],
                files=packed,
            ),
            timeout=_WORK_S,
        )
        return len(packed) - len(reply.missing), {
            "key": reply.key,
            "tenant_id": tenant_id,
            "uploader": account_id,
            "name": "louyu-copy.zip",
            "media_type": "application/zip",
            "size": reply.size,
            "sha256": reply.sha256,
        }
