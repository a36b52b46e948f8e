"""SageMaker AI resources whose role no other service uses."""

from policypack.model import MODEL, Resource, Stack
from policypack.model.execution_roles import EXECUTION_ROLES
from policypack.rule import Findings, Level, Severity, rule

_SAGEMAKER = EXECUTION_ROLES[MODEL].service
_WORKLOADS = tuple(type_ for type_, use in EXECUTION_ROLES.items() if use.service == _SAGEMAKER)


@rule(
    on=_WORKLOADS,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    early=True,
    fix="Set execution_role_arn (role_arn of a notebook) to an aws.iam.Role that only SageMaker uses.",
    terms=("blast radius", "dedicated role"),
)
def sagemaker_role_is_not_shared(workload: Resource, stack: Stack) -> Findings:
    """With a role that SageMaker AI shares, code in the model's container has the permissions of the other service.

    The other service also has those of SageMaker AI. The rule judges every resource that runs with a role of SageMaker
    AI: models, endpoint configurations, notebooks, domains, pipelines and others.
    """
    path = EXECUTION_ROLES[workload.type].path
    for other in stack.resources_sharing_role(workload):
        if other.type not in _WORKLOADS:
            role = stack.role_of(workload)
            yield f"shares its role {workload.get(path) if role is None else role.name} with {other.name}", path
