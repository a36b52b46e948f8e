"""The parts of the architecture, one a module. Each comes with its key, its limits, its alarms and its policies."""
