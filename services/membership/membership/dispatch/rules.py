"""What a batch may go through, and on whose word. Pure: no I/O, no SQL, no protobuf.

selected → taking_over → serving → handing_over → relieved;   cancelled ← selected

Where the next one does not take on what is handed over, both go back.

A hand-over moves two batches at once: the one that serves hands over, the one that was selected takes over.
"""

from collections.abc import Collection, Mapping
from datetime import date
from enum import StrEnum
from typing import Final

from chassis.errors import Conflict, FieldError, Forbidden, Invalid, WrongState


class State(StrEnum):
    """Where a batch stands."""

    SELECTED = "selected"
    TAKING_OVER = "taking_over"
    SERVING = "serving"
    HANDING_OVER = "handing_over"
    RELIEVED = "relieved"
    CANCELLED = "cancelled"


class Item(StrEnum):
    """Where an item stands."""

    OPEN = "open"
    DONE = "done"


class Verb(StrEnum):
    """What is done with a batch; each is a path ending."""

    START = "start"
    CANCEL = "cancel"
    RECALL = "recall"
    HANDOVER = "handover"
    ACKNOWLEDGE = "acknowledge"
    RETURN = "return"


class Side(StrEnum):
    """Who acts: the office, or the lead of the batch."""

    OFFICE = "office"
    LEAD = "lead"


_S = State
THERE: Final = (_S.SERVING, _S.HANDING_OVER)
"""Somebody is in the village."""
NEXT: Final = (_S.SELECTED, _S.TAKING_OVER)
"""Who goes next."""
TRANSITIONS: Final[Mapping[Verb, tuple[Side, Mapping[State, State]]]] = {
    Verb.START: (Side.OFFICE, {_S.SELECTED: _S.SERVING}),
    Verb.CANCEL: (Side.OFFICE, {_S.SELECTED: _S.CANCELLED}),
    Verb.RECALL: (Side.OFFICE, {_S.SERVING: _S.RELIEVED}),
    Verb.HANDOVER: (Side.LEAD, {_S.SERVING: _S.HANDING_OVER}),
    Verb.ACKNOWLEDGE: (Side.LEAD, {_S.TAKING_OVER: _S.SERVING}),
    Verb.RETURN: (Side.LEAD, {_S.TAKING_OVER: _S.SELECTED}),
}
OTHER: Final[Mapping[Verb, Mapping[State, State]]] = {
    Verb.HANDOVER: {_S.SELECTED: _S.TAKING_OVER},
    Verb.ACKNOWLEDGE: {_S.HANDING_OVER: _S.RELIEVED},
    Verb.RETURN: {_S.HANDING_OVER: _S.SERVING},
}
"""What becomes of the batch on the other side of a hand-over."""


def allowed(state: State, sides: Collection[Side]) -> list[Verb]:
    """The verbs that the state allows to someone on these sides, in the order of `Verb`."""
    return [verb for verb, (side, moves) in TRANSITIONS.items() if side in sides and state in moves]


def move(state: State, verb: Verb) -> State:
    """The state after a verb; DISPATCH_WRONG_STATE with the verbs that its side may use now."""
    side, moves = TRANSITIONS[verb]
    if state not in moves:
        raise WrongState("DISPATCH_WRONG_STATE", state=state, allowed=allowed(state, {side}))
    return moves[state]


def check_lead(caller: str, lead: str) -> None:
    """Only the lead of a batch hands over, or takes on what is handed over to it. DISPATCH_NOT_LEAD."""
    if caller != lead:
        raise Forbidden("DISPATCH_NOT_LEAD")


def check_two(lead: str, other: str) -> None:
    """Two people sign a hand-over. OWN_RECORD."""
    if lead == other:
        raise Forbidden("OWN_RECORD")


def check_nobody_there(there: bool) -> None:
    """Whoever comes after somebody takes over. DISPATCH_SOMEBODY_THERE."""
    if there:
        raise Conflict("DISPATCH_SOMEBODY_THERE")


def check_nothing_open(count: int) -> None:
    """Nobody leaves open items to nobody. DISPATCH_HAS_ITEMS."""
    if count:
        raise Conflict("DISPATCH_HAS_ITEMS", params={"count": str(count)})


def check_days(from_on: date, until_on: date) -> None:
    """A batch is sent for some days. DISPATCH_DAYS."""
    if until_on < from_on:
        raise Invalid("DISPATCH_DAYS", fields=[FieldError("until_on", "DISPATCH_DAYS")])


def check_works_there(state: State) -> None:
    """Items are the batch's that serves; while it hands over, the list stays as it was handed over.
    DISPATCH_NOT_SERVING."""
    if state is not State.SERVING:
        raise Conflict("DISPATCH_NOT_SERVING")


def check_open(state: Item) -> None:
    """What is done stays done. DISPATCH_ITEM_DONE."""
    if state is not Item.OPEN:
        raise Conflict("DISPATCH_ITEM_DONE")
