"""What stands between the engine and the rules."""
