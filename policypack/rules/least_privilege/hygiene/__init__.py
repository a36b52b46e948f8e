"""Policies that AWS accepts, that mean what they say, and that are attached to something."""
