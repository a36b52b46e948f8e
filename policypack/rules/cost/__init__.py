"""What is paid for without anybody using it."""
