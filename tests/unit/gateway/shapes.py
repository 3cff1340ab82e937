"""A message type with every kind of field, for what no contract uses yet."""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, duration_pb2, struct_pb2, timestamp_pb2, wrappers_pb2
from google.protobuf.descriptor import Descriptor
from google.protobuf.descriptor_pool import Default
from google.protobuf.message_factory import GetMessageClass

Field = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    "text": Field.TYPE_STRING, "data": Field.TYPE_BYTES, "flag": Field.TYPE_BOOL,
    "small": Field.TYPE_INT32, "signed": Field.TYPE_SINT32, "fixed": Field.TYPE_SFIXED32,
    "unsigned": Field.TYPE_UINT32, "large": Field.TYPE_INT64, "huge": Field.TYPE_UINT64,
    "single": Field.TYPE_FLOAT, "double": Field.TYPE_DOUBLE,
}  # fmt: skip
_MESSAGES = {
    "at": ".google.protobuf.Timestamp", "lasts": ".google.protobuf.Duration",
    "form": ".google.protobuf.Struct", "any": ".google.protobuf.Value", "rows": ".google.protobuf.ListValue",
    "maybe": ".google.protobuf.StringValue", "maybe_large": ".google.protobuf.Int64Value",
    "inner": ".louyu.tests.Inner",
}  # fmt: skip


def _file() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(
        name="louyu/tests/shapes.proto", package="louyu.tests", syntax="proto3"
    )
    modules = (timestamp_pb2, duration_pb2, struct_pb2, wrappers_pb2)
    file.dependency.extend(module.DESCRIPTOR.name for module in modules)
    kind = file.enum_type.add(name="Kind")
    for number, name in enumerate(("KIND_UNSPECIFIED", "KIND_FIRST", "KIND_3D", "OTHER")):
        kind.value.add(name=name, number=number)
    inner = file.message_type.add(name="Inner")
    _add(inner, "name", Field.TYPE_STRING)
    _add(inner, "again", Field.TYPE_MESSAGE, ".louyu.tests.Inner")
    everything = file.message_type.add(name="Everything")
    for name, scalar in _SCALARS.items():
        _add(everything, name, scalar)
        _add(everything, f"{name}s", scalar, repeated=True)
    for name, type_name in _MESSAGES.items():
        _add(everything, name, Field.TYPE_MESSAGE, type_name)
        _add(everything, f"{name}s", Field.TYPE_MESSAGE, type_name, repeated=True)
    _add(everything, "kind", Field.TYPE_ENUM, ".louyu.tests.Kind")
    _add(everything, "kinds", Field.TYPE_ENUM, ".louyu.tests.Kind", repeated=True)
    _map(everything, "counts", Field.TYPE_STRING, Field.TYPE_INT64, "")
    _map(everything, "by_number", Field.TYPE_INT32, Field.TYPE_MESSAGE, ".louyu.tests.Inner")
    _map(everything, "by_flag", Field.TYPE_BOOL, Field.TYPE_ENUM, ".louyu.tests.Kind")
    everything.oneof_decl.add(name="side")
    _add(everything, "left", Field.TYPE_STRING).oneof_index = 0
    _add(everything, "right", Field.TYPE_INT32).oneof_index = 0
    everything.oneof_decl.add(name="_chosen")
    chosen = _add(everything, "chosen", Field.TYPE_INT32)
    chosen.oneof_index, chosen.proto3_optional = 1, True
    return file


def _add(
    message: descriptor_pb2.DescriptorProto,
    name: str,
    kind: Field.Type.ValueType,
    type_name: str = "",
    *,
    repeated: bool = False,
) -> Field:
    label = Field.LABEL_REPEATED if repeated else Field.LABEL_OPTIONAL
    field = message.field.add(name=name, number=len(message.field) + 1, type=kind, label=label)
    if type_name:
        field.type_name = type_name
    return field


def _map(
    message: descriptor_pb2.DescriptorProto,
    name: str,
    key: Field.Type.ValueType,
    value: Field.Type.ValueType,
    type_name: str,
) -> None:
    entry = message.nested_type.add(name="".join(part.title() for part in name.split("_")) + "Entry")
    entry.options.map_entry = True
    _add(entry, "key", key)
    _add(entry, "value", value, type_name)
    _add(message, name, Field.TYPE_MESSAGE, f".louyu.tests.Everything.{entry.name}", repeated=True)


def _compiled() -> Descriptor:
    pool = Default()
    pool.AddSerializedFile(_file().SerializeToString())
    return pool.FindMessageTypeByName("louyu.tests.Everything")


EVERYTHING = _compiled()
Everything: Any = GetMessageClass(EVERYTHING)
