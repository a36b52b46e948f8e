"""What `make` runs, in small: locks, the environment, the Makefile."""
