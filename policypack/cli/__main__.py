"""`python -m policypack.cli`: the command where no script is installed."""

import sys

from policypack.cli.main import main

sys.exit(main())
