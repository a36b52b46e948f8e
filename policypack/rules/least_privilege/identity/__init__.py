"""Identity-based policies: what roles may do."""
