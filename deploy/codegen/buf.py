"""`buf lint` and `buf breaking` over the contracts.

    python -m deploy.codegen.buf               check
    python -m deploy.codegen.buf --release     make today's contracts the ones that must not be broken

buf cannot resolve our imports offline, so it reads the image that protoc writes. The released contracts are
kept in proto/released.binpb: whatever a client may have been built against stays compatible with it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from deploy.codegen.contracts import PROTO, ROOT, image
from deploy.local.faults import Fault
from deploy.local.web import install_packages

TOOLS = Path(__file__).with_name("node")
RELEASED = PROTO / "released.binpb"
BORROWED = ["google", "buf"]

CONFIG = {
    "version": "v2",
    "lint": {
        "use": ["STANDARD", "COMMENTS"],
        # Resource style: Get, Create and verbs answer with the bare resource, shared by several RPCs.
        "except": ["RPC_RESPONSE_STANDARD_NAME", "RPC_REQUEST_RESPONSE_UNIQUE"],
        "ignore": BORROWED,
        # P0 … P4 are the words the requirements use.
        "ignore_only": {"ENUM_VALUE_PREFIX": ["louyu/options/v1/access.proto"]},
        "disallow_comment_ignores": True,
    },
    "breaking": {"use": ["FILE"], "ignore": BORROWED},
}


def buf(*arguments: str) -> None:
    """Runs buf; what it finds goes to the terminal."""
    log = ROOT / ".louyu" / "log" / "buf.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    install_packages(TOOLS, log)
    binary = next((TOOLS / "node_modules" / "@bufbuild").glob("buf-*/bin/buf"), None)
    if binary is None:
        raise Fault("There is no buf for this platform; contracts are linted on Linux (x86-64, arm64)")
    done = subprocess.run([binary, *arguments, "--config", json.dumps(CONFIG)], check=False)
    if done.returncode != 0:
        raise SystemExit(f"louyu: buf {arguments[0]} refuses the contracts, see above")


def release() -> None:
    """Writes proto/released.binpb, without comments: they may change."""
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "image.binpb"
        image(whole)
        files = FileDescriptorSet.FromString(whole.read_bytes())
    for file in files.file:
        file.ClearField("source_code_info")
    RELEASED.write_bytes(files.SerializeToString(deterministic=True))
    print(f"louyu: {RELEASED.relative_to(ROOT)} holds today's contracts")


def check() -> None:
    """Lints, and compares with the released contracts where there are any."""
    with tempfile.TemporaryDirectory() as scratch:
        now = Path(scratch) / "image.binpb"
        image(now)
        buf("lint", str(now))
        if RELEASED.is_file():
            buf("breaking", str(now), "--against", str(RELEASED))


def main() -> None:
    parser = argparse.ArgumentParser(description="Check the contracts with buf.")
    parser.add_argument("--release", action="store_true", help="make today's contracts the released ones")
    options = parser.parse_args()
    try:
        if options.release:
            release()
        else:
            check()
    except Fault as fault:
        raise SystemExit(f"louyu: {fault}") from fault


if __name__ == "__main__":
    main()
