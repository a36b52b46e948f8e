"""Models that hold nobody else's permissions."""

from policypack.model import Resource, Stack
from policypack.model.roles import ROLE_USES
from policypack.rule import Findings, Level, Severity, rule

_SAGEMAKER = "sagemaker.amazonaws.com"
_WORKLOADS = tuple(type_ for type_, use in ROLE_USES.items() if use.service == _SAGEMAKER)


@rule(
    on=_WORKLOADS,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    early=True,
    fix="Set execution_role_arn (role_arn of a notebook) to an aws.iam.Role that only SageMaker works under.",
)
def sagemaker_role_is_its_own(workload: Resource, stack: Stack) -> Findings:
    """A shared role hands the model container everything the function may do, and the other way round."""
    role = stack.role_of(workload)
    for other in stack.users_of(role):
        if role is not None and other.type not in _WORKLOADS:
            yield f"shares its role {role.name} with {other.name}", ROLE_USES[workload.type].path
