"""Scalability and security policies for AWS systems of decoupled components."""
