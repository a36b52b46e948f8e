"""The embedded default: a Pulumi engine, an AWS provider and a local AWS, for machines without an account."""
