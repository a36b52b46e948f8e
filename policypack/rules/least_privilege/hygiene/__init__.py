"""Policy documents that are valid and effective, and policies that are attached."""
