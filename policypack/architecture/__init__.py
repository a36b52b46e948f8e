"""The stack as an architecture: what hands work to what, and where failed work goes."""
