"""Configurations to choose from, for `--policy-pack-config`. profiles.py makes the JSON files."""
