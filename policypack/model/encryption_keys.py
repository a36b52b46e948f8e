"""Whose key a property names."""

from policypack.model import Resource, is_unknown


def uses_customer_managed_key(subject: Resource, path: str) -> bool:
    """Whether the property names a key, and not one of those that AWS makes for a service (`alias/aws/sqs`).

    A key that is still to be made, so that its ARN is not known yet, is the customer's.
    """
    key = subject.get(path, "")
    return is_unknown(key) or (key != "" and "alias/aws/" not in key)
