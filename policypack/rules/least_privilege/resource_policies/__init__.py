"""Resource-based policies: which principals, accounts and services they allow."""
