"""The catalogue: a folder per concern, a module per AWS service or subject."""
