"""The host: the analyzer, its configuration, waivers, remedies and report."""
