"""Generates libs/contracts from proto/: messages, stubs, their types, and the comments.

    python -m deploy.codegen.contracts            write libs/contracts
    python -m deploy.codegen.contracts --check    fail if what is committed differs

The output depends on proto/ and the locked tools alone, so that a second run changes nothing.
"""

from __future__ import annotations

import argparse
import filecmp
import json
import shutil
import sys
import tempfile
from importlib import resources
from pathlib import Path

import protovalidate._gen.buf.validate.validate_pb as validate
from google.protobuf import (
    descriptor_pb2,
    duration_pb2,
    field_mask_pb2,
    timestamp_pb2,
)
from grpc_tools import protoc

ROOT = Path(__file__).resolve().parents[2]
PROTO = ROOT / "proto"
CONTRACTS = ROOT / "libs" / "contracts"
PACKAGES = ("louyu", "buf")
VALIDATE = "buf/validate/validate.proto"
COMMENTS = "louyu/comments.json"


def sources() -> list[str]:
    """The contract files, relative to proto/."""
    return sorted(path.relative_to(PROTO).as_posix() for path in PROTO.rglob("*.proto"))


def known_descriptors() -> descriptor_pb2.FileDescriptorSet:
    """The rules of protovalidate and what they import; its wheel ships descriptors, not .proto files."""
    known = descriptor_pb2.FileDescriptorSet()
    for module in (descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2):
        module.DESCRIPTOR.CopyToProto(known.file.add())
    known.file.add().ParseFromString(validate._DESC.proto.to_binary())
    return known


def run_protoc(arguments: list[str], inputs: list[str]) -> None:
    """Runs protoc over files of proto/, google.api and buf.validate."""
    common = Path(str(resources.files("google.api").joinpath("annotations.proto"))).parents[2]
    well_known = Path(str(resources.files("grpc_tools").joinpath("_proto")))
    with tempfile.TemporaryDirectory() as scratch:
        known = Path(scratch) / "known.binpb"
        known.write_bytes(known_descriptors().SerializeToString(deterministic=True))
        code = protoc.main(
            [
                "protoc",
                f"-I{PROTO}",
                f"-I{common}",
                f"-I{well_known}",
                f"--descriptor_set_in={known}",
                *arguments,
                *inputs,
            ]
        )
    if code != 0:
        raise SystemExit("louyu: proto/ does not compile, see above")


def image(path: Path) -> None:
    """Writes every contract with its imports and comments as one FileDescriptorSet."""
    run_protoc([f"--descriptor_set_out={path}", "--include_imports", "--include_source_info"], sources())


def comments(files: descriptor_pb2.FileDescriptorSet) -> dict[str, str]:
    """Full name of every message, field, enum, value, service and RPC of ours → its comment.

    Generated Python keeps no comments, and they are the documentation of the API.
    """
    found: dict[str, str] = {}
    for file in files.file:
        if not file.name.startswith("louyu/"):
            continue
        names = dict(named_paths(file))
        for location in file.source_code_info.location:
            name = names.get(tuple(location.path))
            text = (location.leading_comments or location.trailing_comments).strip()
            if name and text:
                found[name] = "\n".join(line.removeprefix(" ").rstrip() for line in text.splitlines())
    return dict(sorted(found.items()))


def named_paths(file: descriptor_pb2.FileDescriptorProto) -> list[tuple[tuple[int, ...], str]]:
    """Where source_code_info places each named element of a file."""
    paths: list[tuple[tuple[int, ...], str]] = []

    def enum(at: tuple[int, ...], parent: str, item: descriptor_pb2.EnumDescriptorProto) -> None:
        paths.append((at, f"{parent}.{item.name}"))
        # Values are named inside their enum: protobuf's own scoping would make P1 a sibling of Sensitivity.
        paths.extend(
            ((*at, 2, index), f"{parent}.{item.name}.{value.name}") for index, value in enumerate(item.value)
        )

    def message(at: tuple[int, ...], parent: str, item: descriptor_pb2.DescriptorProto) -> None:
        name = f"{parent}.{item.name}"
        paths.append((at, name))
        paths.extend(((*at, 2, index), f"{name}.{field.name}") for index, field in enumerate(item.field))
        paths.extend(((*at, 8, index), f"{name}.{oneof.name}") for index, oneof in enumerate(item.oneof_decl))
        for index, nested in enumerate(item.nested_type):
            message((*at, 3, index), name, nested)
        for index, nested_enum in enumerate(item.enum_type):
            enum((*at, 4, index), name, nested_enum)

    for index, top in enumerate(file.message_type):
        message((4, index), file.package, top)
    for index, top_enum in enumerate(file.enum_type):
        enum((5, index), file.package, top_enum)
    for index, service in enumerate(file.service):
        paths.append(((6, index), f"{file.package}.{service.name}"))
        paths.extend(
            ((6, index, 2, number), f"{file.package}.{service.name}.{rpc.name}")
            for number, rpc in enumerate(service.method)
        )
    return paths


def generate(out: Path) -> None:
    """Writes the packages louyu and buf into a folder that holds neither."""
    scripts = Path(sys.executable).parent
    run_protoc(
        [
            f"--plugin=protoc-gen-mypy={scripts / 'protoc-gen-mypy'}",
            f"--plugin=protoc-gen-mypy_grpc={scripts / 'protoc-gen-mypy_grpc'}",
            f"--python_out={out}",
            f"--mypy_out=quiet,readable_stubs:{out}",
        ],
        [*sources(), VALIDATE],
    )
    with_services = [name for name in sources() if "\nservice " in (PROTO / name).read_text(encoding="utf-8")]
    if with_services:
        run_protoc(
            [
                f"--plugin=protoc-gen-mypy_grpc={scripts / 'protoc-gen-mypy_grpc'}",
                f"--grpc_python_out={out}",
                f"--mypy_grpc_out=quiet,readable_stubs,only_async:{out}",
            ],
            with_services,
        )
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "image.binpb"
        image(whole)
        files = descriptor_pb2.FileDescriptorSet.FromString(whole.read_bytes())
    text = json.dumps(comments(files), ensure_ascii=False, indent=1)
    (out / COMMENTS).write_text(text + "\n", encoding="utf-8")
    for package in PACKAGES:
        (out / package / "py.typed").touch()
        for folder in [out / package, *(path for path in (out / package).rglob("*") if path.is_dir())]:
            (folder / "__init__.py").touch()


def differences(left: Path, right: Path) -> list[str]:
    """Files that exist on one side only or differ, relative to the two folders."""
    names = {
        path.relative_to(side)
        for side in (left, right)
        for package in PACKAGES
        for path in (side / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    return sorted(
        name.as_posix()
        for name in names
        if not (left / name).is_file()
        or not (right / name).is_file()
        or not filecmp.cmp(left / name, right / name, shallow=False)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Generate libs/contracts from proto/.")
    parser.add_argument("--check", action="store_true", help="change nothing, fail on a difference")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        fresh = Path(scratch)
        generate(fresh)
        changed = differences(fresh, CONTRACTS)
        if options.check:
            if changed:
                named = ", ".join(changed[:5])
                raise SystemExit(
                    f"louyu: libs/contracts is not what proto/ generates ({named}); run: make gen"
                )
            return
        # File by file, so that a process which imports the contracts meanwhile never finds them gone.
        for name in changed:
            source, target = fresh / name, CONTRACTS / name
            if source.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target.with_name(target.name + ".new"))
                target.with_name(target.name + ".new").replace(target)
            else:
                target.unlink()
    print(f"louyu: {len(sources())} contracts, {len(changed)} generated files changed")


if __name__ == "__main__":
    main()
