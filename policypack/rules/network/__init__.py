"""What can be reached, and what can be sent where."""
