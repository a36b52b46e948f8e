"""Train the default model and pack it: `python reference_stack/default_model/train.py` writes model.tar.gz.

The result is reproducible on every machine: nothing is downloaded, the archive contains no times and users, and its
content is not compressed.
"""

from __future__ import annotations

import io
import json
import struct
import sys
import tarfile
import zlib
from pathlib import Path
from typing import Final

if not __package__:  # run as a file
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from default_model.boosting import Boosting, boost
from default_model.data import FEATURES, generate
from default_model.xgboost_json import document

ARCHIVE: Final = Path(__file__).resolve().parent / "model.tar.gz"
MEMBER: Final = "xgboost-model.json"
"""SageMaker's container accepts any name; XGBoost detects the format by the suffix."""
ROWS: Final = 1_500
GZIP_HEADER: Final = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
"""Deflate, no name, no time, no operating system."""
LARGEST_BLOCK: Final = 0xFFFF


def main() -> None:
    """Train the model and write the archive."""
    ARCHIVE.write_bytes(pack(train()))
    print(f"{ARCHIVE}: {ARCHIVE.stat().st_size} bytes")  # noqa: T201 - the answer of a command


def train(rows: int = ROWS) -> bytes:
    """Train the model; return it in XGBoost's JSON format."""
    observed = generate(rows)
    trees = boost([row.features for row in observed], [row.label for row in observed], Boosting())
    return json.dumps(document(trees, FEATURES), separators=(",", ":"), sort_keys=True).encode()


def pack(model: bytes) -> bytes:
    """Pack the model into an archive for SageMaker."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        member = tarfile.TarInfo(MEMBER)
        member.size, member.mode = len(model), 0o644
        archive.addfile(member, io.BytesIO(model))
    return _gzip(tar.getvalue())


def _gzip(data: bytes) -> bytes:
    """Gzip without compression (RFC 1951 and 1952): compressors differ between versions of zlib."""
    blocks = [data[start : start + LARGEST_BLOCK] for start in range(0, len(data), LARGEST_BLOCK)]
    stored = (
        struct.pack("<BHH", at == len(blocks) - 1, len(block), len(block) ^ LARGEST_BLOCK) + block
        for at, block in enumerate(blocks)
    )
    return GZIP_HEADER + b"".join(stored) + struct.pack("<LL", zlib.crc32(data), len(data))


if __name__ == "__main__":
    main()
