"""What survives a fault, a crash or a poisoned message."""
