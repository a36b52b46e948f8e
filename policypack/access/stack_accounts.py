"""The AWS accounts of a stack, inferred from its resources, because a program does not state them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from policypack.iam.documents import parse_policy
from policypack.iam.trust_policies import named_principals
from policypack.model import (
    EVENT_BUS_POLICY,
    FUNCTION_POLICY,
    KEY,
    KEY_POLICY,
    PERMISSION,
    QUEUE_POLICY,
    SECRET_POLICY,
    STREAM_POLICY,
    TABLE_POLICY,
    TOPIC_POLICY,
)
from policypack.model.execution_roles import EXECUTION_ROLES
from policypack.model.policy_holders import POLICY_HOLDERS, STATEMENT_HOLDERS
from policypack.model.services import services_of_type
from policypack.model.values import plain_texts_in
from policypack.rule import Options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.iam.elements import Statement
    from policypack.iam.trust_policies import NamedPrincipal
    from policypack.model import Resource, Stack

Account = Annotated[str, msgspec.Meta(pattern=r"^\d{12}$")]


class AccountOptions(Options):
    """`accounts`: accounts to trust beside the stack's own, for example other accounts of the organization."""

    accounts: tuple[Account, ...] = ()


_ARN: Final = re.compile(r"arn:[\w-]+:([\w-]+):[\w-]*:(\d{12}):([^\s\"'\\,\[\]{}]+)")
_QUEUE_URL: Final = re.compile(r"https://(sqs\.[^/]+)/(\d{12})/")
_HOLDERS_BY_ARN: Final = (QUEUE_POLICY, SECRET_POLICY, STREAM_POLICY, TABLE_POLICY, FUNCTION_POLICY, PERMISSION)
"""The types that name the owner of their policy by an ARN or a queue URL, which contain its account."""


def accounts_of(stack: Stack) -> frozenset[str]:
    """The accounts of the stack's resources; empty while none is known, as in a first preview."""
    return stack.cached(_accounts)


def is_own_account(stack: Stack, account: str) -> bool | None:
    """Whether an account is one of the stack's; None while these are unknown."""
    own = accounts_of(stack)
    return account in own if own else None


def _accounts(stack: Stack) -> frozenset[str]:
    assigned = {account for resource in stack.resources for account in _account_in_arn(resource.get("arn"))}
    return frozenset(assigned or {*_accounts_in_built_arns(stack), *_accounts_of_owners(stack)})


def _account_in_arn(arn: object) -> Iterator[str]:
    """The account in a resource's ARN."""
    if isinstance(arn, str) and (found := _ARN.match(arn)) is not None:
        yield found[2]


def _accounts_in_built_arns(stack: Stack) -> Iterator[str]:
    """The accounts in ARNs that the program built from the names of its own resources.

    ARNs of roles do not count: policies often name a role of the same name in another account.
    """
    names = {(service, name) for resource in stack.resources for service, name in _named_resources(resource)}
    for resource in stack.resources:
        for text in plain_texts_in(resource.value):
            for service, account, tail in _ARN.findall(text):
                if service != "iam" and any((service, name) in names for name in _possible_names(tail)):
                    yield account


def _named_resources(resource: Resource) -> Iterator[tuple[str, str]]:
    name = resource.get("name")
    if isinstance(name, str) and name:
        for service in services_of_type(resource.type):
            yield service, str.__str__(name)


def _possible_names(tail: str) -> Iterator[str]:
    """The names that the last segment of an ARN may contain: `work`, `table/NAME/index/*`, `log-group:NAME:*`."""
    yield tail
    for separator in ":/":
        _, found, rest = tail.partition(separator)
        if found:
            yield rest
            yield rest.partition(separator)[0]
            yield rest.partition(":")[0]


def _accounts_of_owners(stack: Stack) -> Iterator[str]:
    """The accounts of resources that only their own account can configure.

    These are the resources that the stack sets policies of, and the roles that it passes to services. A KMS key belongs
    to the only account that its policy allows all actions: KMS rejects key policies that lock the owner out (KMS
    developer guide, "Default key policy").
    """
    roles = {type_: use.path for type_, use in EXECUTION_ROLES.items()}
    holders = {type_: {**POLICY_HOLDERS, **STATEMENT_HOLDERS}[type_].path for type_ in _HOLDERS_BY_ARN}
    for type_, path in (*holders.items(), *roles.items()):
        for holder in stack.of_type(type_):
            value = holder.get(path)
            if isinstance(value, str) and (found := _ARN.match(value) or _QUEUE_URL.match(value)) is not None:
                yield found[2]
    for holder in stack.of_type(QUEUE_POLICY, TOPIC_POLICY, EVENT_BUS_POLICY):
        for statement in parse_policy(holder.get("policy"), "resource").statements:
            for entry in statement.resources:
                yield from _account_in_arn(entry.value)
    for holder in stack.of_type(KEY, KEY_POLICY):
        statements = parse_policy(holder.get("policy"), "resource").statements
        owners = {one.account for statement in statements for one in _administrators(statement)}
        if len(owners) == 1:
            yield from owners


def _administrators(statement: Statement) -> Iterator[NamedPrincipal]:
    if statement.is_allow and any(entry.value in {"*", "kms:*"} for entry in statement.actions):
        yield from (one for one in named_principals(statement) if one.kind == "account" and one.account)
