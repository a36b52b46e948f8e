"""Which AWS accounts a stack lives in, told from its own resources: a program does not say so itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final

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
from policypack.model.policy_holders import POLICY_HOLDERS, STATEMENT_HOLDERS
from policypack.model.roles import EXECUTION_ROLES
from policypack.model.services import services_of_type
from policypack.rule import Options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.iam.elements import Statement
    from policypack.iam.trust_policies import NamedPrincipal
    from policypack.model import Resource, Stack

Account = Annotated[str, msgspec.Meta(pattern=r"^\d{12}$")]


class AccountOptions(Options):
    """`accounts`: accounts beside the stack's own that are trusted, such as the others of the organisation."""

    accounts: tuple[Account, ...] = ()


_ARN: Final = re.compile(r"arn:[\w-]+:([\w-]+):[\w-]*:(\d{12}):([^\s\"'\\,\[\]{}]+)")
_QUEUE_URL: Final = re.compile(r"https://(sqs\.[^/]+)/(\d{12})/")
_SHOWING_OWNER: Final = (QUEUE_POLICY, SECRET_POLICY, STREAM_POLICY, TABLE_POLICY, FUNCTION_POLICY, PERMISSION)
"""Resources that name the one whose policy they hold by an ARN or URL with its account in it."""


def accounts_of(stack: Stack) -> frozenset[str]:
    """The accounts of the stack's resources; empty where nothing shows one yet, as in a first preview."""
    return stack.cached(_accounts)


def is_own_account(stack: Stack, account: str) -> bool | None:
    """Whether an account is one of the stack's; None where that cannot be told yet."""
    own = accounts_of(stack)
    return account in own if own else None


def _accounts(stack: Stack) -> frozenset[str]:
    assigned = {account for resource in stack.resources for account in _in_arn(resource.get("arn"))}
    return frozenset(assigned or {*_built(stack), *_owning(stack)})


def _in_arn(arn: object) -> Iterator[str]:
    """The account in the ARN that AWS gave a resource."""
    if isinstance(arn, str) and (found := _ARN.match(arn)) is not None:
        yield found[2]


def _built(stack: Stack) -> Iterator[str]:
    """The accounts in ARNs that the program made from the names of its own resources.

    Roles do not count: one of the same name in another account is often just whom a policy is about.
    """
    names = {(service, name) for resource in stack.resources for service, name in _named(resource)}
    for resource in stack.resources:
        for text in texts(resource.value):
            for service, account, tail in _ARN.findall(text):
                if service != "iam" and any((service, name) in names for name in _names_in(tail)):
                    yield account


def _named(resource: Resource) -> Iterator[tuple[str, str]]:
    name = resource.get("name")
    if isinstance(name, str) and name:
        for service in services_of_type(resource.type):
            yield service, str.__str__(name)


def _names_in(tail: str) -> Iterator[str]:
    """The names that the last segment of an ARN may hold: `work`, `table/NAME/index/*`, `log-group:NAME:*`."""
    yield tail
    for separator in ":/":
        _, found, rest = tail.partition(separator)
        if found:
            yield rest
            yield rest.partition(separator)[0]
            yield rest.partition(":")[0]


def _owning(stack: Stack) -> Iterator[str]:
    """The accounts that own what the stack puts policies on, and the roles that it hands to services: nobody else may.

    A key whose policy names one account is that account's, for KMS takes no policy that locks the key's owner out of
    it (KMS developer guide, "Default key policy").
    """
    roles = {type_: use.path for type_, use in EXECUTION_ROLES.items()}
    holders = {type_: {**POLICY_HOLDERS, **STATEMENT_HOLDERS}[type_].path for type_ in _SHOWING_OWNER}
    for type_, path in (*holders.items(), *roles.items()):
        for holder in stack.of_type(type_):
            value = holder.get(path)
            if isinstance(value, str) and (found := _ARN.match(value) or _QUEUE_URL.match(value)) is not None:
                yield found[2]
    for holder in stack.of_type(QUEUE_POLICY, TOPIC_POLICY, EVENT_BUS_POLICY):
        for statement in parse_policy(holder.get("policy"), "resource").statements:
            for entry in statement.resources:
                yield from _in_arn(entry.value)
    for holder in stack.of_type(KEY, KEY_POLICY):
        statements = parse_policy(holder.get("policy"), "resource").statements
        owners = {one.account for statement in statements for one in _administrators(statement)}
        if len(owners) == 1:
            yield from owners


def _administrators(statement: Statement) -> Iterator[NamedPrincipal]:
    if statement.is_allow and any(entry.value in {"*", "kms:*"} for entry in statement.actions):
        yield from (one for one in named_principals(statement) if one.kind == "account" and one.account)


def texts(value: Any) -> Iterator[str]:
    """Every text in a property, however deep. What is secret is left out: it could end up in a message."""
    if isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif type(value) is str:
        yield value
