"""The roles of a stack whose endpoint answers later are least: without any single grant the flow fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.e2e.elsewhere import PARTS, TRACES, hosting
from tests.e2e.flow import Flow, eventually
from tests.e2e.lack import (
    Anew,
    Lack,
    Late,
    Lost,
    PutBack,
    Refused,
    Silent,
    Stuck,
    Unexplained,
    Untouched,
    refuse_model,
    through,
    try_without,
)
from tests.e2e.unsettled import Remembered, Unlisted

if TYPE_CHECKING:
    from tests.e2e.cloud import Cloud, Copy

DENIED: Final = "AccessDenied"
NOT_TAKEN: Final = PutBack(("the model does not take the batch", DENIED))
NOT_STORED: Final = PutBack(("the stores answer", DENIED))
NOT_READ: Final = PutBack(("cannot be read", DENIED))

WORKER: Final[dict[str, Lack]] = {
    "sqs:ReceiveMessage work": Untouched("ReceiveMessage on SQS"),
    "sqs:DeleteMessage work": Untouched("DeleteMessage on SQS"),
    "sqs:GetQueueAttributes work": Untouched("GetQueueAttributes on SQS"),
    "sqs:ChangeMessageVisibility work": Late(),
    "sagemaker:InvokeEndpointAsync endpoint/decoupled-ai-local-async-c5-large": NOT_TAKEN,
    "s3:PutObject batches/*": NOT_TAKEN,
    "s3:PutObject input/*": NOT_TAKEN,
    "kms:GenerateDataKey via s3": NOT_TAKEN,
    "dynamodb:UpdateItem claims": NOT_STORED,
    "kms:Decrypt via sqs": Untouched("Decrypt on KMS key"),
    "kms:Decrypt via dynamodb": NOT_STORED,
    "logs:CreateLogStream log-group:/aws/lambda/decoupled-ai-local-worker:*": Anew(),
    "logs:PutLogEvents log-group:/aws/lambda/decoupled-ai-local-worker:*": Silent(),
}

COLLECTOR: Final[dict[str, Lack]] = {
    "sqs:ReceiveMessage answers": Untouched("ReceiveMessage on SQS"),
    "sqs:DeleteMessage answers": Untouched("DeleteMessage on SQS"),
    "sqs:GetQueueAttributes answers": Untouched("GetQueueAttributes on SQS"),
    "sqs:ChangeMessageVisibility answers": Late("answers_queue_url"),
    "s3:GetObject batches/*": NOT_READ,
    "s3:GetObject output/*": NOT_READ,
    "s3:DeleteObject batches/*": Remembered(),
    "s3:ListBucket decoupled-ai-local-batches": Unlisted(),
    "dynamodb:UpdateItem claims": NOT_STORED,
    "dynamodb:PutItem results": NOT_STORED,
    "sqs:SendMessage work-dead-letters": Stuck(("the queue does not take work back", DENIED)),
    "kms:Decrypt via sqs": Untouched("Decrypt on KMS key"),
    "kms:GenerateDataKey via sqs": Stuck(("the queue does not take work back", "KMS", DENIED)),
    "kms:Decrypt via dynamodb": NOT_STORED,
    "kms:Decrypt via s3": NOT_READ,
    "logs:CreateLogStream log-group:/aws/lambda/decoupled-ai-local-collector:*": Anew("answers_queue_url"),
    "logs:PutLogEvents log-group:/aws/lambda/decoupled-ai-local-collector:*": Silent("answers_queue_url"),
}

MODEL: Final[dict[str, Lack]] = {
    "s3:PutObject failures/*": Unexplained(),
    "sns:Publish model-failed": Lost(fails=True),
    "kms:Decrypt via sns": Lost(),
    "kms:GenerateDataKey via sns": Lost(),
}

DELAYED: Final[dict[tuple[str, str], Lack]] = {
    ("collector", "sqs:SendMessage work"): Stuck(("the queue does not take work back", DENIED), tried=0),
    ("model", "s3:GetObject input/*"): Refused((DENIED, "GetObject")),
    ("model", "kms:Decrypt via s3"): Refused((DENIED, "kms:Decrypt")),
    ("model", "s3:PutObject output/*"): Refused((DENIED, "PutObject")),
    ("model", "kms:GenerateDataKey via s3"): Refused((DENIED, "kms:GenerateDataKey")),
    ("model", "sns:Publish model-done"): Refused(("AuthorizationError", "sns:Publish")),
}
"""What comes back after some seconds. Tried last: a fault of the model is to hit nothing but what was sent with it."""

ARTEFACT: Final = "s3:GetObject model.tar.gz"


@pytest.fixture(scope="module")
def flow(cloud: Cloud, copy: Copy) -> Flow:
    """The stack with an endpoint that answers later."""
    copy.up(endpointShape="async")
    return Flow(cloud, copy.outputs())


def test_the_roles_are_granted_what_is_tried_here_and_what_real_aws_does(flow: Flow) -> None:
    """Whatever is granted anew has to show what it is for."""
    delayed = {role: [grant for each, grant in DELAYED if each == role] for role in ("collector", "model")}
    assert sorted(flow.grants("worker")) == sorted([*WORKER, *TRACES])
    assert sorted(flow.grants("collector")) == sorted([*COLLECTOR, *delayed["collector"], *TRACES])
    assert sorted(flow.grants("model")) == sorted([*MODEL, *delayed["model"], ARTEFACT, *PARTS, *hosting("async")])


def test_with_all_grants_items_come_through(flow: Flow) -> None:
    """Else nothing below would show anything."""
    sent = flow.send()
    through(flow, sent)
    for function in ("worker", "collector"):
        eventually(lambda: flow.lines(function, sent.since), "the function says so")  # noqa: B023 - asked at once


@pytest.mark.parametrize("grant", WORKER)
def test_without_one_grant_of_the_worker_the_flow_fails(flow: Flow, grant: str) -> None:
    """And with it the same items come through."""
    try_without(flow, "worker", grant, WORKER[grant])


@pytest.mark.parametrize("grant", COLLECTOR)
def test_without_one_grant_of_the_collector_the_flow_fails(flow: Flow, grant: str) -> None:
    """And with it the same items come through, or are set aside where the model fails."""
    try_without(flow, "collector", grant, COLLECTOR[grant])


@pytest.mark.parametrize("grant", MODEL)
def test_without_one_grant_of_the_model_nobody_hears_what_became_of_work(flow: Flow, grant: str) -> None:
    """And with it somebody does."""
    try_without(flow, "model", grant, MODEL[grant], "collector")


def test_without_its_grant_on_the_artefact_there_is_no_model(flow: Flow) -> None:
    """And with it there is."""
    refuse_model(flow, ARTEFACT)


@pytest.mark.parametrize(("role", "grant"), DELAYED)
def test_without_one_grant_the_model_fails_at_items_or_cannot_give_them_back(flow: Flow, role: str, grant: str) -> None:
    """And with it the same items come through: the last test waits for them."""
    try_without(flow, role, grant, DELAYED[role, grant], "collector")


def test_in_the_end_everything_has_come_through_or_is_set_aside(flow: Flow) -> None:
    """Poison and what the model has failed at ten times is set aside; all else has its result."""
    good = {id_ for sent in flow.sent for id_ in sent.good} - set(flow.given_up) - set(flow.lost)
    poison = [id_ for sent in flow.sent for id_ in sent.poison]
    eventually(lambda: flow.stored(tuple(good)) == good, "everything comes through")
    eventually(lambda: flow.idle("queue_url"), "the queue is empty")
    assert flow.set_aside() == sorted([*poison, *(set(flow.given_up) - set(flow.lost))])
