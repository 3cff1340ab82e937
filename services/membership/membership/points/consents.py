"""What people consent to, asked of identity at the moment it matters.

Asked, not kept: a copy that follows events would still say yes while NATS is away, and taking a consent
back works at once. While identity cannot be asked, nobody consents to anything.
"""

import asyncio
from collections.abc import Iterable
from typing import Final

import grpc

from chassis.errors import Unavailable
from louyu.identity.v1.consents_pb2 import CheckConsentRequest
from louyu.identity.v1.consents_pb2_grpc import ConsentsServiceStub
from membership.points.rules import PURPOSE

CALL_S: Final = 2.0
AT_ONCE: Final = 16


class Consents:
    """Answers from identity."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._identity = ConsentsServiceStub(channel)

    async def agreeing(self, tenant_id: str, people: Iterable[str]) -> set[str]:
        """Those who consent now that a building shows their bands to employers. Raises Unavailable."""
        turn = asyncio.Semaphore(AT_ONCE)

        async def agrees(person: str) -> bool:
            request = CheckConsentRequest(person_id=person, purpose=PURPOSE, recipient=tenant_id)
            async with turn:
                return (await self._identity.CheckConsent(request, timeout=CALL_S)).active

        asked = list(dict.fromkeys(people))
        try:
            answers = await asyncio.gather(*(agrees(person) for person in asked))
        except grpc.aio.AioRpcError as error:
            raise Unavailable("CONSENTS_UNKNOWN", retry_after_s=2.0) from error
        return {person for person, answer in zip(asked, answers, strict=True) if answer}
