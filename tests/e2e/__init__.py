"""The main job, end to end: the real engine, the local AWS, real messages."""
