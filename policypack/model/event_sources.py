"""What kind of source an event source mapping reads from, told even where the source's ARN is not known yet."""

from policypack.model import QUEUE, STREAM, TABLE, Resource, Stack, Undecided, is_unknown
from policypack.model.arn import service_of

_SERVICES = {QUEUE: "sqs", STREAM: "kinesis", TABLE: "dynamodb"}


def event_source(mapping: Resource, stack: Stack) -> str:
    """`sqs`, `kinesis` or `dynamodb`; another service's name, or nothing, where the mapping reads from elsewhere."""
    source = mapping.get("eventSourceArn", "")
    if not is_unknown(source):
        return service_of(source) if isinstance(source, str) else ""
    makers = {resource.type for resource in stack.made_from(mapping, "eventSourceArn")}
    found = {service for type_, service in _SERVICES.items() if type_ in makers}
    if len(found) == 1:
        return found.pop()
    if makers and not found:
        return ""  # made from resources of this stack, none of which is such a source
    raise Undecided("eventSourceArn")
