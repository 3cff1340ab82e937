"""What a reward and its redemption may go through. Pure: no I/O, no SQL, no protobuf."""

from enum import StrEnum
from typing import Final, Protocol

from chassis.errors import Conflict, Forbidden, WrongState


class Kind(StrEnum):
    """Which kind of goods a reward is. No service, place or answer is among them."""

    DAILY = "daily"
    BOOK = "book"
    CULTURAL = "cultural"
    FOOD = "food"


class State(StrEnum):
    """Where a redemption stands."""

    RESERVED = "reserved"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"


class Cause(StrEnum):
    """Why a redemption was cancelled."""

    MEMBER = "member"
    OFFICE = "office"
    EXPIRED = "expired"


CODE_DIGITS: Final = 6


class Stocked(Protocol):
    """The columns of a stored reward that rules ask for."""

    @property
    def live(self) -> bool: ...
    @property
    def stock(self) -> int: ...
    @property
    def limit_per_person(self) -> int: ...


def check_redeemable(reward: Stocked, had: int) -> None:
    """Whether one more can go to somebody who had some. Raises Conflict with the reason."""
    if not reward.live:
        raise Conflict("REWARD_NOT_IN_SHOP")
    if reward.stock < 1:
        raise Conflict("REWARD_SOLD_OUT")
    if reward.limit_per_person and had >= reward.limit_per_person:
        raise Conflict("REWARD_LIMIT_REACHED", params={"limit": str(reward.limit_per_person)})


def restocked(stock: int, pieces: int) -> int:
    """The stock after pieces came in or went. Nothing goes that is not there."""
    if stock + pieces < 0:
        raise Conflict("STOCK_TOO_LOW", params={"stock": str(stock)})
    return stock + pieces


def settle(state: str) -> None:
    """A reservation ends once."""
    if state != State.RESERVED:
        raise WrongState("REDEMPTION_SETTLED", state=state)


def check_code(shown: str, code: str) -> None:
    """The code that the member shows is the one of this redemption."""
    if shown != code:
        raise Conflict("PICKUP_CODE_WRONG")


def check_hands_over(person_id: str, caller_person: str) -> None:
    """Nobody hands a reward over to themselves, whichever account they sign in with."""
    if not caller_person or person_id == caller_person:
        raise Forbidden("NOT_TO_ONESELF")
