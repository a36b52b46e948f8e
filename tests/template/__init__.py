"""What people start from: the project that the template makes, the example stack files, another stack's use of ours."""
