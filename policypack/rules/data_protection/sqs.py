"""Queues whose messages only the owner of a key can read."""

from policypack.model import QUEUE, Resource
from policypack.model.encryption_keys import names_a_customer_key
from policypack.rule import Findings, Severity, rule


@rule(on=QUEUE, severity=Severity.MEDIUM, fix="Set kms_master_key_id to a key of your own.")
def queue_is_encrypted_with_customer_managed_key(queue: Resource) -> Findings:
    """With a key of AWS's own nobody can say who may decrypt, see who did, or take the access away."""
    if not names_a_customer_key(queue, "kmsMasterKeyId"):
        yield "is not encrypted with a customer key", "kmsMasterKeyId"
