"""What is measured on: resources as real programs register them, and 300 rules like those of the pack."""
