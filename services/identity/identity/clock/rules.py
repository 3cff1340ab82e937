"""How the business clock may be walked."""

from chassis.errors import FieldError, Forbidden, Invalid


def check_walkable(walkable: bool) -> None:
    """Only test and demo deployments walk their clock: CLOCK_FIXED elsewhere."""
    if not walkable:
        raise Forbidden("CLOCK_FIXED")


def after(offset_s: int, forward_s: int) -> int:
    """The offset after a step forward: never beyond the system's time."""
    if offset_s + forward_s > 0:
        raise Invalid(
            "CLOCK_BEYOND_NOW",
            fields=[FieldError("seconds", "CLOCK_BEYOND_NOW")],
            params={"seconds": str(-offset_s)},
        )
    return offset_s + forward_s
