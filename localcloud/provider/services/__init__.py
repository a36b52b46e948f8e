"""One module a service: its resource types, their tables and their calls."""
