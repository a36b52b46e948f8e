"""One module per service: its resource types, their tables and their calls.

A new type needs a line in registry.py, a run of `python -m localcloud.provider.generate_schema`, a subclass of Kind (or
of RegularKind for a regular API) in a module here with KINDS at its end, and a resource in
tests/localcloud/provider/all_types.
"""
