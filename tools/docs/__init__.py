"""The generated parts of docs/reference-stack.md: pictures, grants, alarms, settings, exports.

`python -m tools.docs` writes them, `python -m tools.docs --check` fails if they are out of date.
"""

import sys

from localcloud.checkout import ROOT

PROGRAM = ROOT / "reference_stack"

if str(PROGRAM) not in sys.path:
    sys.path.insert(0, str(PROGRAM))  # as Pulumi runs it
