"""`python -m localcloud`: see cli.py."""

import sys
from importlib.util import find_spec

EXTRAS = {"boto3": "local", "pulumi_aws": "stack"}
"""Packages that the core of policypack does not bring, and the extras that do."""


def missing() -> list[str]:
    """The extras that this environment lacks."""
    return [extra for package, extra in EXTRAS.items() if find_spec(package) is None]


if __name__ == "__main__":
    if lacking := missing():
        extras = ",".join(lacking)
        sys.stderr.write(f"error: the local cloud needs the extras {extras} of policypack\n       make setup\n")
        sys.exit(2)
    try:
        from localcloud.cli import main

        main()
    except KeyboardInterrupt:  # while it was still being loaded
        sys.exit(130)
