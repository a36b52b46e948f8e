"""`python -m localcloud`: see cli.py."""

import sys

if __name__ == "__main__":
    try:
        from localcloud.cli import main

        main()
    except KeyboardInterrupt:  # while it was still being loaded
        sys.exit(130)
