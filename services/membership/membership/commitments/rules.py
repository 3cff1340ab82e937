"""What becomes of a commitment. Pure: no I/O, no SQL, no protobuf.

in force → withdrawn by the enterprise, or lapsed when its last day is over
"""

from datetime import date
from enum import StrEnum

from chassis.errors import Conflict, FieldError, Invalid


class State(StrEnum):
    """Where a commitment stands on a day."""

    IN_FORCE = "in_force"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


def check_period(until_on: date | None, today: date) -> None:
    """A commitment ends on the day on which it is made, or later."""
    if until_on is not None and until_on < today:
        raise Invalid("COMMITMENT_ENDS_IN_PAST", fields=[FieldError("until_date", "COMMITMENT_ENDS_IN_PAST")])


def state(*, withdrawn: bool, until_on: date | None, today: date) -> State:
    """Where it stands; what was taken back stays taken back after its last day."""
    if withdrawn:
        return State.WITHDRAWN
    return State.LAPSED if until_on is not None and until_on < today else State.IN_FORCE


def check_withdrawal(standing: State) -> None:
    """Only what holds can be taken back."""
    if standing is not State.IN_FORCE:
        raise Conflict("COMMITMENT_OVER")
