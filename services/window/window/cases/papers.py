"""Papers of a case: claimed by signed reference, shown by one that expires."""

from collections.abc import Iterable, Mapping
from typing import Any

from chassis.context import current
from chassis.errors import FieldError, Invalid, NotFound
from chassis.files import File, FileReferences
from louyu.window.v1 import cases_pb2 as pb
from window.cases.rules import Supply


class Papers:
    """Turns the references of a request into records, and records into what readers get."""

    def __init__(self, files: FileReferences) -> None:
        self._files = files

    def supplies(self, inputs: Iterable[pb.MaterialInput]) -> list[Supply]:
        """What the caller supplies for each material; each bad reference is named."""
        return [
            Supply(
                code=given.code,
                files=tuple(self.claim(given.files, f"materials[{place}].files")),
                on_paper=given.on_paper,
            )
            for place, given in enumerate(inputs)
        ]

    def claim(self, references: Iterable[str], field: str) -> list[dict[str, Any]]:
        """Files that the caller uploaded for this tenant, or was shown before (a paper that is handed in
        once need not be uploaded again)."""
        claimed = []
        for place, reference in enumerate(references):
            try:
                claimed.append(self._one(reference).record())
            except (Invalid, NotFound) as error:
                wrong = FieldError(f"{field}[{place}]", "FILE_REFERENCE_INVALID")
                raise Invalid("FILE_REFERENCE_INVALID", fields=[wrong]) from error
        return claimed

    def _one(self, reference: str) -> File:
        context = current()
        account = context.caller.account_id
        try:
            return self._files.claim(reference, tenant_id=context.tenant_id, account_id=account)
        except Invalid:
            shown = self._files.readable(reference, account_id=account)
            if shown.tenant_id != context.tenant_id:
                raise
            return shown

    def shown(self, records: Iterable[Mapping[str, Any]]) -> list[pb.CaseFile]:
        """The files as the present caller may read them."""
        account = current().caller.account_id
        return [
            pb.CaseFile(
                id=self._files.download(File(**record), account_id=account),
                name=record["name"],
                media_type=record["media_type"],
                size=record["size"],
            )
            for record in records
        ]
