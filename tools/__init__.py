"""What keeps this repository as it says it is."""
