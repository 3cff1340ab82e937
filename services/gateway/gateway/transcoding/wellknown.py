"""How values that are not plain numbers or words look in JSON, in both directions."""

import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from google.protobuf.descriptor import EnumDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.struct_pb2 import ListValue, Struct, Value
from google.protobuf.timestamp_pb2 import Timestamp

DEPTH_LIMIT = 30
"""How deep free-form JSON may nest: protobuf stops reading at 100 levels and spends three on each of ours."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIMESTAMP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII
)
_DURATION = re.compile(r"(-?)(\d{1,12})(?:\.(\d{1,9}))?s", re.ASCII)
_LONGEST_DURATION_S = 315_576_000_000


class Wrong(ValueError):
    """A value that does not fit; `reason` and `params` are those of the field error."""

    def __init__(self, reason: str, **params: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.params = params


def short_names(enum: EnumDescriptor) -> dict[int, str]:
    """The names of an enum's values in JSON: without the prefix that protobuf's scoping makes necessary."""
    prefix = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", enum.name).upper() + "_"
    names: dict[int, str] = {}
    for value in enum.values:
        rest = value.name.removeprefix(prefix)
        names.setdefault(value.number, rest if rest[:1].isalpha() else value.name)
    return names


@lru_cache(maxsize=16384)
def _second(seconds: int) -> str:
    """The text of a whole second. Rows of one page, and the same rows read again, share many of them."""
    moment = _EPOCH + timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")


def timestamp_text(value: Timestamp) -> str:
    """RFC 3339 in UTC, with as many decimals as are needed in steps of three."""
    nanos = value.nanos
    if not nanos:
        return _second(value.seconds) + "Z"
    if nanos % 1000 == 0 and nanos % 1_000_000:  # what PostgreSQL keeps: nearly all of ours
        return f"{_second(value.seconds)}.{nanos // 1000:06}Z"
    return f"{_second(value.seconds)}{_fraction(nanos)}Z"


def timestamp_from(text: str) -> Timestamp:
    """The moment an RFC 3339 text names; Wrong where it is none."""
    parts = _TIMESTAMP.fullmatch(text)
    if parts is None:
        raise Wrong("FIELD_NOT_A_TIME")
    year, month, day, hour, minute, second = (int(parts[group]) for group in range(1, 7))
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        if parts[8]:
            offset = timedelta(hours=int(parts[9]), minutes=int(parts[10]))
            moment = moment - offset if parts[8] == "+" else moment + offset
    except (ValueError, OverflowError):
        raise Wrong("FIELD_NOT_A_TIME") from None
    nanos = int((parts[7] or "0").ljust(9, "0"))
    return Timestamp(seconds=(moment - _EPOCH) // timedelta(seconds=1), nanos=nanos)


def duration_text(value: Duration) -> str:
    """Seconds with an s: 90s, 0.500s."""
    sign = "-" if value.seconds < 0 or value.nanos < 0 else ""
    return f"{sign}{abs(value.seconds)}{_fraction(abs(value.nanos)) if value.nanos else ''}s"


def duration_from(text: str) -> Duration:
    """The length of time that `duration_text` wrote; Wrong where it is none."""
    parts = _DURATION.fullmatch(text)
    if parts is None or int(parts[2]) > _LONGEST_DURATION_S:
        raise Wrong("FIELD_NOT_A_DURATION")
    sign = -1 if parts[1] else 1
    return Duration(seconds=sign * int(parts[2]), nanos=sign * int((parts[3] or "0").ljust(9, "0")))


def _fraction(nanos: int) -> str:
    micros, rest = divmod(nanos, 1000)
    if rest:
        return f".{nanos:09}"
    millis, rest = divmod(micros, 1000)
    return f".{micros:06}" if rest else f".{millis:03}"


def bytes_from(text: str) -> bytes:
    """The bytes of a base64 text, standard or URL-safe, padded or not."""
    plain = text.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except ValueError:
        raise Wrong("FIELD_NOT_BASE64") from None


def clean(text: str) -> str:
    """The text, if it has no NUL in it: PostgreSQL cannot hold one, and no word needs it."""
    if "\0" in text:
        raise Wrong("FIELD_NUL_CHARACTER")
    return text


def struct_json(value: Struct) -> dict[str, object]:
    """A Struct as the object it stands for."""
    return {key: value_json(item) for key, item in value.fields.items()}


def list_json(value: ListValue) -> list[object]:
    """A ListValue as the array it stands for."""
    return [value_json(item) for item in value.values]


def value_json(value: Value) -> object:
    """A Value as the JSON value it stands for; whole numbers stay whole."""
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return struct_json(value.struct_value)
    if kind == "list_value":
        return list_json(value.list_value)
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    return None if kind in (None, "null_value") else getattr(value, kind)


def value_from(raw: object, depth: int = 0) -> Value:
    """A JSON value as a Value; Wrong where it nests too deep."""
    if depth > DEPTH_LIMIT:
        raise Wrong("FIELD_TOO_DEEP", limit=str(DEPTH_LIMIT))
    if raw is None:
        return Value(null_value=0)  # type: ignore[arg-type]  # an open enum: its number is its value
    if isinstance(raw, bool):
        return Value(bool_value=raw)
    if isinstance(raw, int | float):
        return Value(number_value=raw)
    if isinstance(raw, str):
        return Value(string_value=clean(raw))
    if isinstance(raw, list):
        return Value(list_value=ListValue(values=[value_from(item, depth + 1) for item in raw]))
    return Value(struct_value=struct_from(raw, depth))


def struct_from(raw: object, depth: int = 0) -> Struct:
    """A JSON object as a Struct."""
    if not isinstance(raw, dict):
        raise Wrong("FIELD_WRONG_TYPE", expected="object")
    return Struct(fields={clean(key): value_from(item, depth + 1) for key, item in raw.items()})


def list_from(raw: object) -> ListValue:
    """A JSON array as a ListValue."""
    if not isinstance(raw, list):
        raise Wrong("FIELD_WRONG_TYPE", expected="list")
    return ListValue(values=[value_from(item, 1) for item in raw])


def _from_text(parse: Callable[[str], object]) -> Callable[[object], object]:
    def read(raw: object) -> object:
        if not isinstance(raw, str):
            raise Wrong("FIELD_WRONG_TYPE", expected="string")
        return parse(raw)

    return read


READERS: Mapping[str, Callable[[object], object]] = {
    "google.protobuf.Timestamp": _from_text(timestamp_from),
    "google.protobuf.Duration": _from_text(duration_from),
    "google.protobuf.Struct": struct_from,
    "google.protobuf.ListValue": list_from,
    "google.protobuf.Value": value_from,
}
"""Messages that are not written as JSON objects with their fields: how they are read."""

WRITERS: Mapping[str, Callable[..., object]] = {
    "google.protobuf.Timestamp": timestamp_text,
    "google.protobuf.Duration": duration_text,
    "google.protobuf.Struct": struct_json,
    "google.protobuf.ListValue": list_json,
    "google.protobuf.Value": value_json,
}
"""How they are written."""

WRAPPERS = frozenset(
    f"google.protobuf.{kind}Value"
    for kind in ("Bool", "Int32", "Int64", "UInt32", "UInt64", "Float", "Double", "String", "Bytes")
)
"""Messages that stand for their only field, `value`."""

REFUSED = frozenset({"google.protobuf.Any", "google.protobuf.FieldMask"})
"""Not used in our contracts; an RPC that brings one is refused at start rather than mistranslated."""
