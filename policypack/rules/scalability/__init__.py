"""What keeps the system in balance with its load, without anybody watching."""
