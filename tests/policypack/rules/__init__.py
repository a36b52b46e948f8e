"""Every rule of the pack: examples that follow it, that break it, and that cannot be judged yet."""
