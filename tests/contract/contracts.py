"""Every contract of the product, found from the generated code rather than listed."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from types import ModuleType

from google.protobuf.descriptor import Descriptor, FileDescriptor, MethodDescriptor, ServiceDescriptor

import louyu
from louyu.options.v1 import access_pb2


@cache
def modules() -> tuple[ModuleType, ...]:
    """All generated modules with messages."""
    names = (name for _, name, _ in pkgutil.walk_packages(louyu.__path__, "louyu."))
    return tuple(importlib.import_module(name) for name in names if name.endswith("_pb2"))


def files() -> Iterator[FileDescriptor]:
    """All proto files."""
    for module in modules():
        yield module.DESCRIPTOR


def services() -> Iterator[ServiceDescriptor]:
    """All gRPC services."""
    for file in files():
        yield from file.services_by_name.values()


def methods() -> Iterator[tuple[ServiceDescriptor, MethodDescriptor]]:
    """All RPCs."""
    for service in services():
        for method in service.methods:
            yield service, method


def messages() -> Iterator[Descriptor]:
    """All top-level messages."""
    for file in files():
        yield from file.message_types_by_name.values()


def events() -> Iterator[Descriptor]:
    """All messages that are events."""
    for message in messages():
        if message.GetOptions().HasExtension(access_pb2.event):
            yield message
