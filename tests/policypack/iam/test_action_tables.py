"""The tables of actions name actions that there are, as they are written."""

from __future__ import annotations

import pytest

from policypack.iam.actions import find_action
from policypack.iam.event_actions import CONSUMER_ACTIONS, POLL_ACTIONS, SEND_ACTIONS
from policypack.iam.identity_providers import CONSUMER_PROVIDERS, SHARED_PROVIDERS
from policypack.iam.network_interfaces import DOCUMENTED_ON_ALL_RESOURCES, LAMBDA_ACTIONS, SAGEMAKER_ACTIONS

SENT = {action for actions in SEND_ACTIONS.values() for action in actions}
POLLED = {action for groups in POLL_ACTIONS.values() for actions in groups for action in actions}
INTERFACES = {*LAMBDA_ACTIONS, *SAGEMAKER_ACTIONS, *DOCUMENTED_ON_ALL_RESOURCES}


@pytest.mark.parametrize("action", sorted(SENT | POLLED | INTERFACES))
def test_every_action_is_one_of_the_service_authorization_reference(action: str) -> None:
    """Letter by letter, because messages show it."""
    found = find_action(action)
    assert found is not None
    assert found.full_name == action


@pytest.mark.parametrize("action", sorted(CONSUMER_ACTIONS))
def test_every_action_of_consumers_is_known(action: str) -> None:
    """In lower case."""
    assert action == action.lower()
    assert find_action(action)


def test_consumers_may_do_what_polling_takes() -> None:
    """Whatever Lambda does for a function, the function's own code may do instead."""
    assert {action.lower() for action in POLLED} <= CONSUMER_ACTIONS


def test_services_are_those_of_their_actions() -> None:
    """The key of a row is the prefix of its actions."""
    for service, actions in SEND_ACTIONS.items():
        assert {action.partition(":")[0] for action in actions} == {service}
    for service, groups in POLL_ACTIONS.items():
        assert {action.partition(":")[0] for actions in groups for action in actions} == {service}


def test_anybody_can_sign_in_at_a_shared_provider() -> None:
    """The providers of consumers are among them, each with a claim to limit."""
    assert set(CONSUMER_PROVIDERS) <= set(SHARED_PROVIDERS)
    assert all(SHARED_PROVIDERS.values())
