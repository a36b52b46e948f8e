"""What the Python code of a function may call of AWS, told from its source."""
