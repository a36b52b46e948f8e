"""The roles of a stack whose endpoint answers at once are least: without any single grant the flow fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.e2e.flow import Flow, eventually
from tests.e2e.grants_without_local_effect import CAPTURE, TRACES, hosting_grants
from tests.e2e.missing_grants import (
    NoNewLogStream,
    NothingLogged,
    NotPolled,
    ReturnedTooLate,
    ReturnedToQueue,
    Symptom,
    check_model_needs_grant,
    check_without_grant,
    wait_until_stored,
)

if TYPE_CHECKING:
    from tests.e2e.cloud import Cloud, Copy

WORKER: Final[dict[str, Symptom]] = {
    "sqs:ReceiveMessage work": NotPolled("ReceiveMessage on SQS"),
    "sqs:DeleteMessage work": NotPolled("DeleteMessage on SQS"),
    "sqs:GetQueueAttributes work": NotPolled("GetQueueAttributes on SQS"),
    "sqs:ChangeMessageVisibility work": ReturnedTooLate(),
    "sagemaker:InvokeEndpoint endpoint/decoupled-ai-local-instance-c5-large": ReturnedToQueue(
        ("the model answers", "AccessDenied")
    ),
    "dynamodb:UpdateItem claims": ReturnedToQueue(("the stores answer", "AccessDenied")),
    "dynamodb:PutItem results": ReturnedToQueue(("the stores answer", "AccessDenied")),
    "kms:Decrypt via sqs": NotPolled("Decrypt on KMS key"),
    "kms:Decrypt via dynamodb": ReturnedToQueue(("the stores answer", "AccessDenied")),
    "logs:CreateLogStream log-group:/aws/lambda/decoupled-ai-local-worker:*": NoNewLogStream(),
    "logs:PutLogEvents log-group:/aws/lambda/decoupled-ai-local-worker:*": NothingLogged(),
}
"""What goes wrong without each grant."""

MODEL: Final = ("s3:GetObject model.tar.gz", "kms:Decrypt via s3")
"""Without either SageMaker cannot load the artefact."""


@pytest.fixture(scope="module")
def flow(cloud: Cloud, copy: Copy) -> Flow:
    """The stack in its default shape."""
    copy.up(pack=False, endpointShape="instance")
    return Flow(cloud, copy.outputs())


def test_the_roles_are_granted_what_is_tried_here_and_what_real_aws_does(flow: Flow) -> None:
    """Whatever is granted anew has to show what it is for."""
    assert sorted(flow.grants("worker")) == sorted([*WORKER, *TRACES])
    assert sorted(flow.grants("model")) == sorted([*MODEL, *CAPTURE, *hosting_grants("instance")])


def test_with_all_grants_items_come_through(flow: Flow) -> None:
    """Else nothing below would show anything."""
    sent = flow.send()
    wait_until_stored(flow, sent)
    eventually(lambda: flow.lines("worker", sent.since), "the worker says so")


@pytest.mark.parametrize("grant", WORKER)
def test_without_one_grant_of_the_worker_the_flow_fails(flow: Flow, grant: str) -> None:
    """And with it the same items come through."""
    check_without_grant(flow, "worker", grant, WORKER[grant])


def test_every_poison_item_was_set_aside_in_the_end_and_nothing_else(flow: Flow) -> None:
    """However often the items around it came back."""
    eventually(lambda: flow.idle("queue_url"), "the queue is empty")
    assert flow.dead_letters() == sorted(id_ for sent in flow.sent for id_ in sent.poison)


@pytest.mark.parametrize("grant", MODEL)
def test_without_one_grant_of_the_model_there_is_none(flow: Flow, grant: str) -> None:
    """And with it there is."""
    check_model_needs_grant(flow, grant)
