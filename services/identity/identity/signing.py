"""The key that signs access tokens."""

import base64
import os
import time
from typing import Final

from chassis.context import Context
from chassis.encryption import Vault
from chassis.ids import NIL
from chassis.tokens import Claims, SigningKey, issue_access
from chassis.units import UnitOfWork, Units
from identity.sessions import commands, queries
from identity.sessions.rules import ACCESS_S

_LOOK_S: Final = 2.0
"""How often the key in use is looked up again: another replica may have rotated it."""
_FIELD: Final = "signing_key"
_OWN: Final = Context(mode="service")


class SigningKeys:
    """Issues access tokens with the key in use, and makes the first one."""

    lifetime_s: Final = ACCESS_S

    def __init__(self, units: Units, vault: Vault) -> None:
        self._units = units
        self._vault = vault
        self._key: SigningKey | None = None
        self._looked = float("-inf")

    async def token(self, account_id: str, person_id: str, session_id: str, kind: str = "account") -> str:
        """An access token."""
        now = time.time()
        claims = Claims(account_id, person_id, session_id, kind, now + ACCESS_S)
        return issue_access(await self._current(), claims, now)

    async def fresh(self) -> tuple[str, bytes, bytes]:
        """A new key, ready to be stored: its id, sealed seed and public part."""
        seed = os.urandom(32)
        kid = base64.urlsafe_b64encode(os.urandom(9)).decode()
        sealed = await self._vault.seal(NIL, kid, _FIELD, base64.b64encode(seed).decode())
        return kid, sealed, SigningKey(kid, seed).public

    def forget(self) -> None:
        """Look the key up again at next use."""
        self._looked = float("-inf")

    async def _current(self) -> SigningKey:
        if self._key is not None and time.monotonic() - self._looked < _LOOK_S:
            return self._key
        row = await self._units.run(_OWN, queries.signing_key)
        if row is None:
            await self._first()
            row = await self._units.run(_OWN, queries.signing_key)
            assert row is not None
        if self._key is None or self._key.kid != row.kid:
            seed = await self._vault.open(NIL, row.kid, _FIELD, row.seed)
            self._key = SigningKey(row.kid, base64.b64decode(seed))
        self._looked = time.monotonic()
        return self._key

    async def _first(self) -> None:
        kid, sealed, public = await self.fresh()

        async def work(unit: UnitOfWork) -> None:
            # Two replicas that start together may both come here; the newer key is then the one in use.
            await commands.add_key(unit, kid, sealed, public)

        await self._units.run(_OWN, work)
