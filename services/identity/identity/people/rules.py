"""What an ID number and a phone number look like, whole and masked."""

from typing import Final

from chassis.errors import FieldError, Invalid

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"

CHECKS_PER_HOUR: Final = 30
"""How often one account may ask whether a number is known."""


def normal_id_number(text: str) -> str:
    """The number in its normal form; ID_NUMBER_INVALID where its check character is wrong."""
    number = text.upper()
    if number and _CHECKS[sum(w * int(d) for w, d in zip(_WEIGHTS, number, strict=False)) % 11] != number[-1]:
        raise Invalid("ID_NUMBER_INVALID", fields=[FieldError("id_number", "ID_NUMBER_INVALID")])
    return number


def masked_id_number(number: str) -> str:
    """All but the first three and the last two characters hidden: 410***********21."""
    return f"{number[:3]}{'*' * (len(number) - 5)}{number[-2:]}" if number else ""


def masked_phone(phone: str) -> str:
    """The middle four digits hidden: 138****0000."""
    return f"{phone[:3]}****{phone[-4:]}" if phone else ""


def check_one_number(id_number: str, phone: str) -> None:
    """A duplicate check asks about exactly one number."""
    if bool(id_number) == bool(phone):
        raise Invalid("ONE_NUMBER_REQUIRED", fields=[FieldError("id_number", "ONE_NUMBER_REQUIRED")])
