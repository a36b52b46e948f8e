"""Roles whose policies name actions and resources, not patterns that take whole kinds of them."""

from collections.abc import Iterator
from typing import Final

from policypack.iam.actions import Action, ResourceType, expand
from policypack.iam.elements import Entry, Statement
from policypack.iam.matching import is_everything as is_any
from policypack.iam.matching import is_pattern
from policypack.model import Resource, Stack, Undecided
from policypack.rule import Fault, Findings, Level, Options, Severity, rule
from policypack.rules.least_privilege.breadth import (
    IN_A_NETWORK,
    conditions_known,
    is_everything,
    is_star,
    listed,
    open_parts,
    picks_resources,
)
from policypack.rules.least_privilege.documents import HOLDERS, allowing
from policypack.rules.least_privilege.narrow import narrowed
from policypack.rules.least_privilege.sensitive import only_reads, sensitivity

OWN_RULES: Final = frozenset(
    (
        *("iam:PassRole", "iam:CreateServiceLinkedRole", "sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"),
        *("kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "logs:CreateLogGroup"),
    )
)
"""Actions that have rules of their own about where they may stand."""

_OF_AWS: Final = (":foundation-model/", ":inference-profile/")
"""Resources that AWS owns, and that its documents grant as a whole (Amazon Bedrock user guide, "Identity-based policy
examples")."""


class PatternOptions(Options):
    """`reading`: also report patterns that only take verbs which list and describe."""

    reading: bool = False


@rule(
    on=HOLDERS,
    severity=Severity.MEDIUM,
    fix="Write the actions out in the Action of the policy argument, those that the workload calls.",
)
def role_names_its_actions(holder: Resource, stack: Stack, options: PatternOptions) -> Findings:
    """A pattern takes more verbs than anybody thought of when it was written, and those that AWS adds to it."""
    for path, statement, entry, found in _patterns(holder, stack):
        if not found or any(map(sensitivity, found)) or len(found) < 2:  # noqa: PLR2004 - one verb is as good as its name
            continue
        if options.reading or not all(map(only_reads, found)):
            message = f"allows {entry.text()}, which is {listed(one.full for one in found)}"
            yield Fault(message, f"{path}.{entry.place}", narrowed(holder, stack, statement))


@rule(
    on=HOLDERS,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Write the actions out in the Action of the policy argument, those that the workload calls.",
)
def role_names_its_sensitive_actions(holder: Resource, stack: Stack) -> Findings:
    """Verbs that show data, hand out credentials or change who may do what are granted one by one, or unawares."""
    for path, statement, entry, found in _patterns(holder, stack):
        grave = [(one.full, what) for one in found or () if (what := sensitivity(one))]
        if found is None:
            yield Fault(f"allows {entry.text()}, of whatever service", f"{path}.{entry.place}")
        elif grave and len(found) > 1:
            name, what = grave[0]
            message = f"allows {entry.text()}, which is {len(found)} actions and with {name} {what}"
            yield Fault(message, f"{path}.{entry.place}", narrowed(holder, stack, statement))


@rule(
    on=HOLDERS,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Name the resources in the Resource of the policy argument by their names.",
)
def role_grants_no_whole_kind_of_resource(holder: Resource, stack: Stack) -> Findings:
    """`table/*` is every table of the account, as `*` is: only what other services own is left out.

    Free are statements whose condition picks the resources, and what has no name yet when it is created.
    """
    for path, statement in allowing(holder, stack):
        if statement.not_resources or any(map(picks_resources, statement.conditions)):
            continue
        wide = [found for entry in statement.resources if (found := _whole(statement, entry)) is not None]
        if wide and not conditions_known(statement):
            yield Undecided(f"{path}.{statement.place}.Condition")
            continue
        for entry, actions, kind in wide:
            message = f"allows {listed(actions)} on every {kind}"
            yield Fault(message, f"{path}.{entry.place}", narrowed(holder, stack, statement))
        if not wide and not any(entry.known and is_everything(entry.text()) for entry in statement.resources):
            yield from open_parts(path, statement.resources)
            yield from open_parts(path, statement.actions)


def _patterns(holder: Resource, stack: Stack) -> Iterator[tuple[str, Statement, Entry, tuple[Action, ...] | None]]:
    """The patterns of actions that are not all of a service, with what they stand for."""
    unknown: Undecided | None = None
    for path, statement in allowing(holder, stack):
        for entry in statement.actions:
            if not entry.known:
                unknown = unknown or Undecided(f"{path}.{entry.place}")
            elif is_pattern(entry.text()) and not is_star(entry.text()):
                yield path, statement, entry, expand(entry.text())
    if unknown:
        raise unknown


def _whole(statement: Statement, resource: Entry) -> tuple[Entry, list[str], str] | None:
    """The actions that a resource pattern leaves on all resources of a kind, and the kind; None without any."""
    if not resource.known or not is_pattern(pattern := resource.text()) or is_everything(pattern):
        return None
    if any(owned in pattern for owned in _OF_AWS):
        return None
    service = pattern.split(":", 3)[2] if pattern.count(":") > 2 else ""  # noqa: PLR2004 - arn:partition:service:
    actions: list[str] = []
    kinds: list[ResourceType] = []
    for entry in statement.actions:
        if not entry.known:
            continue
        text = entry.text()
        whole = f"{service}:*" if is_any(text.partition(":")[0]) else text
        found = [kind for one in expand(whole) or () for kind in _kinds(one, pattern, alone=not is_star(text))]
        if found:
            actions.append(text)
            kinds += found
    if not actions:
        return None
    return resource, actions, min(kinds, key=lambda kind: len(kind.arn)).name.replace("-", " ")


def _kinds(action: Action, pattern: str, *, alone: bool) -> Iterator[ResourceType]:
    """The kinds of resources of which the pattern takes all."""
    if alone and (action.full in OWN_RULES or action.full in IN_A_NETWORK):
        return
    if action.service == "ec2" and action.name.startswith(("Create", "Run", "Start")):
        return  # what is created gets its id then
    if action.service == "logs" and pattern.endswith(":*") and pattern.count(":") == 5:  # noqa: PLR2004 - of an ARN
        return  # all logs: a rule of its own
    yield from (kind for kind in action.resource_types if action.scopable and kind.all_in(pattern))
