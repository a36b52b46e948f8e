"""What can still be seen afterwards."""
