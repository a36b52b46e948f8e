"""One module a service: its resource types, their tables and their calls.

A new type takes a line in registry.py, `python -m localcloud.provider.generate`, a subclass of Kind (or of Shaped,
where the API is regular) in a module here with KINDS at its end, and a resource in
tests/localcloud/provider/all_types.
"""
