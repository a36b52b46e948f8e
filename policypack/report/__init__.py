"""The report that a run leaves: what it holds, and one module a format that it is written in."""
