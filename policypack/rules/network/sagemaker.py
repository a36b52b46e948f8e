"""Models that cannot carry anything out."""

from policypack.model import MODEL, Resource
from policypack.rule import Findings, Severity, rule


@rule(on=MODEL, severity=Severity.MEDIUM, fix="Set enable_network_isolation to True.")
def model_isolates_its_network(model: Resource) -> Findings:
    """A model container runs code from elsewhere on your data; with the network open it can send that data anywhere."""
    if not model.get("enableNetworkIsolation", default=False):
        yield "lets its containers reach the network", "enableNetworkIsolation"
