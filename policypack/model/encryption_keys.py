"""Customer managed and AWS managed KMS keys."""

from policypack.model import Resource, is_unknown


def uses_customer_managed_key(subject: Resource, path: str) -> bool:
    """Whether a property names a customer managed KMS key, and no AWS managed key (`alias/aws/sqs`).

    An unknown value is the ARN of a key that the program creates, so a customer managed key.
    """
    key = subject.get(path, "")
    return is_unknown(key) or (key != "" and "alias/aws/" not in key)
