"""Photos and papers on a record: claimed by signed reference, shown by one that expires."""

from collections.abc import Iterable, Mapping
from typing import Any

from chassis.context import current
from chassis.errors import FieldError, Invalid
from chassis.files import File, FileReferences
from louyu.ticket.v1 import requests_pb2 as pb


class Attachments:
    """Turns the references of a request into records, and records into what readers get."""

    def __init__(self, files: FileReferences) -> None:
        self._files = files

    def claim(self, references: Iterable[str]) -> list[dict[str, Any]]:
        """The files that the caller uploaded for this tenant; each bad reference is named."""
        context = current()
        claimed: list[dict[str, Any]] = []
        for place, reference in enumerate(references):
            try:
                file = self._files.claim(
                    reference, tenant_id=context.tenant_id, account_id=context.caller.account_id
                )
            except Invalid as error:
                fault = FieldError(f"attachments[{place}]", error.reason)
                raise Invalid(error.reason, fields=[fault]) from error
            claimed.append(file.record())
        return claimed

    def shown(self, records: Iterable[Mapping[str, Any]]) -> list[pb.Attachment]:
        """The files as the present caller may read them."""
        account = current().caller.account_id
        return [
            pb.Attachment(
                id=self._files.download(File(**record), account_id=account),
                name=record["name"],
                media_type=record["media_type"],
                size=record["size"],
            )
            for record in records
        ]
