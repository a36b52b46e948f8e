"""`python -m localcloud`: see cli.py."""

from localcloud.cli import main

if __name__ == "__main__":
    main()
