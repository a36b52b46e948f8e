"""The version of the package and of the pack."""

from typing import Final

VERSION: Final = "0.1.0"
"""Stands in the code because reading the package's metadata costs every run; pyproject.toml takes it from here."""
