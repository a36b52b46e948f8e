"""Paths in a checkout, and constants shared by engine, provider and local AWS."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
LOCAL: Final = Path(os.environ.get("POLICYPACK_LOCAL_DIR") or ROOT / ".local")
"""Everything the local cloud writes: Pulumi's home and state, the local AWS's pid, port and log. Git-ignored."""

PULUMI_HOME: Final = LOCAL / "pulumi"
BACKEND: Final = LOCAL / "state"
AWS_STATE: Final = LOCAL / "aws"

PYTHON: Final = ROOT / ".venv" / "bin" / "python"
"""Runs the pack, the programs, the provider and the tests."""
AWS_PYTHON: Final = ROOT / ".venv-aws" / "bin" / "python"
"""Runs the local AWS, whose libraries pin botocore."""

ACCOUNT: Final = "123456789012"
REGION: Final = "eu-west-1"
PARTITION: Final = "aws"
