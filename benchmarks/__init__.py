"""What the pack costs, side by side with what others cost."""
