"""What a matter must say. Pure: no I/O, no SQL, no protobuf."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from chassis.errors import FieldError, Invalid, WrongState


class State(StrEnum):
    """Where a matter stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


VERBS: Final[Mapping[State, tuple[str, ...]]] = {
    State.DRAFT: ("update", "publish"),
    State.PUBLISHED: ("update", "publish", "retire"),
    State.RETIRED: (),
}


@dataclass(frozen=True, slots=True)
class Material:
    """One paper that a matter needs."""

    code: str
    name_zh: str
    name_en: str
    required: bool
    hint_zh: str = ""
    hint_en: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """What a matter says to an applicant."""

    name_zh: str
    name_en: str
    summary_zh: str
    summary_en: str
    materials: tuple[Material, ...]
    promised_days: int

    def columns(self) -> dict[str, Any]:
        """As the tables keep it."""
        return {
            "name_zh": self.name_zh,
            "name_en": self.name_en,
            "summary_zh": self.summary_zh,
            "summary_en": self.summary_en,
            "materials": [asdict(material) for material in self.materials],
            "promised_days": self.promised_days,
        }


def materials_of(stored: Sequence[Mapping[str, Any]]) -> tuple[Material, ...]:
    """Materials as the tables keep them."""
    return tuple(Material(**material) for material in stored)


def check(content: Content) -> None:
    """A material has one code; Invalid naming the second one that has it."""
    seen: set[str] = set()
    wrong = []
    for place, material in enumerate(content.materials):
        if material.code in seen:
            wrong.append(FieldError(f"materials[{place}].code", "MATERIAL_TWICE", {"code": material.code}))
        seen.add(material.code)
    if wrong:
        raise Invalid("MATERIAL_TWICE", fields=wrong)


def require(state: str, verb: str) -> None:
    """Refuse a verb that the state does not allow."""
    allowed = VERBS[State(state)]
    if verb not in allowed:
        raise WrongState("MATTER_WRONG_STATE", state=state, allowed=allowed)
