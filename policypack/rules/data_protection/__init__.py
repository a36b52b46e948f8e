"""What data is protected with, at rest."""
