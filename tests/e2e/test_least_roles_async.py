"""The roles of a stack whose endpoint answers later are least: without any single grant the flow fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.e2e.flow import Flow, eventually
from tests.e2e.grants_without_local_effect import MULTIPART_UPLOAD, TRACES, hosting_grants
from tests.e2e.missing_grants import (
    CannotRequeue,
    FailureNotStored,
    ModelCannotRun,
    NoNewLogStream,
    NothingLogged,
    NotificationLost,
    NotPolled,
    ReturnedTooLate,
    ReturnedToQueue,
    Symptom,
    check_model_needs_grant,
    check_without_grant,
    wait_until_stored,
)
from tests.e2e.open_batches import BatchesNotListed, BatchNotDeleted

if TYPE_CHECKING:
    from tests.e2e.cloud import Cloud, Copy

DENIED: Final = "AccessDenied"
NOT_TAKEN: Final = ReturnedToQueue(("the model does not take the batch", DENIED))
NOT_STORED: Final = ReturnedToQueue(("the stores answer", DENIED))
NOT_READ: Final = ReturnedToQueue(("cannot be read", DENIED))

WORKER: Final[dict[str, Symptom]] = {
    "sqs:ReceiveMessage work": NotPolled("ReceiveMessage on SQS"),
    "sqs:DeleteMessage work": NotPolled("DeleteMessage on SQS"),
    "sqs:GetQueueAttributes work": NotPolled("GetQueueAttributes on SQS"),
    "sqs:ChangeMessageVisibility work": ReturnedTooLate(),
    "sagemaker:InvokeEndpointAsync endpoint/decoupled-ai-local-async-c5-large": NOT_TAKEN,
    "s3:PutObject batches/*": NOT_TAKEN,
    "s3:PutObject input/*": NOT_TAKEN,
    "kms:GenerateDataKey via s3": NOT_TAKEN,
    "dynamodb:UpdateItem claims": NOT_STORED,
    "kms:Decrypt via sqs": NotPolled("Decrypt on KMS key"),
    "kms:Decrypt via dynamodb": NOT_STORED,
    "logs:CreateLogStream log-group:/aws/lambda/decoupled-ai-local-worker:*": NoNewLogStream(),
    "logs:PutLogEvents log-group:/aws/lambda/decoupled-ai-local-worker:*": NothingLogged(),
}

COLLECTOR: Final[dict[str, Symptom]] = {
    "sqs:ReceiveMessage answers": NotPolled("ReceiveMessage on SQS"),
    "sqs:DeleteMessage answers": NotPolled("DeleteMessage on SQS"),
    "sqs:GetQueueAttributes answers": NotPolled("GetQueueAttributes on SQS"),
    "sqs:ChangeMessageVisibility answers": ReturnedTooLate("answers_queue_url"),
    "s3:GetObject batches/*": NOT_READ,
    "s3:GetObject output/*": NOT_READ,
    "s3:DeleteObject batches/*": BatchNotDeleted(),
    "s3:ListBucket decoupled-ai-local-batches": BatchesNotListed(),
    "dynamodb:UpdateItem claims": NOT_STORED,
    "dynamodb:PutItem results": NOT_STORED,
    "sqs:SendMessage work-dead-letters": CannotRequeue(("the queue does not take work back", DENIED)),
    "kms:Decrypt via sqs": NotPolled("Decrypt on KMS key"),
    "kms:GenerateDataKey via sqs": CannotRequeue(("the queue does not take work back", "KMS", DENIED)),
    "kms:Decrypt via dynamodb": NOT_STORED,
    "kms:Decrypt via s3": NOT_READ,
    "logs:CreateLogStream log-group:/aws/lambda/decoupled-ai-local-collector:*": NoNewLogStream("answers_queue_url"),
    "logs:PutLogEvents log-group:/aws/lambda/decoupled-ai-local-collector:*": NothingLogged("answers_queue_url"),
}

MODEL: Final[dict[str, Symptom]] = {
    "s3:PutObject failures/*": FailureNotStored(),
    "sns:Publish model-failed": NotificationLost(fails=True),
    "kms:Decrypt via sns": NotificationLost(),
    "kms:GenerateDataKey via sns": NotificationLost(),
}

DELAYED: Final[dict[tuple[str, str], Symptom]] = {
    ("collector", "sqs:SendMessage work"): CannotRequeue(("the queue does not take work back", DENIED), tried=0),
    ("model", "s3:GetObject input/*"): ModelCannotRun((DENIED, "GetObject")),
    ("model", "kms:Decrypt via s3"): ModelCannotRun((DENIED, "kms:Decrypt")),
    ("model", "s3:PutObject output/*"): ModelCannotRun((DENIED, "PutObject")),
    ("model", "kms:GenerateDataKey via s3"): ModelCannotRun((DENIED, "kms:GenerateDataKey")),
    ("model", "sns:Publish model-done"): ModelCannotRun(("AuthorizationError", "sns:Publish")),
}
"""What comes back after some seconds. Tried last: a fault of the model is to hit nothing but what was sent with it."""

ARTEFACT: Final = "s3:GetObject model.tar.gz"


@pytest.fixture(scope="module")
def flow(cloud: Cloud, copy: Copy) -> Flow:
    """The stack with an endpoint that answers later."""
    copy.up(pack=False, endpointShape="async")
    return Flow(cloud, copy.outputs())


def test_the_roles_are_granted_what_is_tried_here_and_what_real_aws_does(flow: Flow) -> None:
    """Whatever is granted anew has to show what it is for."""
    delayed = {role: [grant for each, grant in DELAYED if each == role] for role in ("collector", "model")}
    assert sorted(flow.grants("worker")) == sorted([*WORKER, *TRACES])
    assert sorted(flow.grants("collector")) == sorted([*COLLECTOR, *delayed["collector"], *TRACES])
    assert sorted(flow.grants("model")) == sorted(
        [*MODEL, *delayed["model"], ARTEFACT, *MULTIPART_UPLOAD, *hosting_grants("async")]
    )


def test_with_all_grants_items_come_through(flow: Flow) -> None:
    """Else nothing below would show anything."""
    sent = flow.send()
    wait_until_stored(flow, sent)
    for function in ("worker", "collector"):
        eventually(lambda: flow.lines(function, sent.since), "the function says so")  # noqa: B023 - asked at once


@pytest.mark.parametrize("grant", WORKER)
def test_without_one_grant_of_the_worker_the_flow_fails(flow: Flow, grant: str) -> None:
    """And with it the same items come through."""
    check_without_grant(flow, "worker", grant, WORKER[grant])


@pytest.mark.parametrize("grant", COLLECTOR)
def test_without_one_grant_of_the_collector_the_flow_fails(flow: Flow, grant: str) -> None:
    """And with it the same items come through, or are set aside where the model fails."""
    check_without_grant(flow, "collector", grant, COLLECTOR[grant])


@pytest.mark.parametrize("grant", MODEL)
def test_without_one_grant_of_the_model_nobody_hears_what_became_of_work(flow: Flow, grant: str) -> None:
    """And with it somebody does."""
    check_without_grant(flow, "model", grant, MODEL[grant], "collector")


def test_without_its_grant_on_the_artefact_there_is_no_model(flow: Flow) -> None:
    """And with it there is."""
    check_model_needs_grant(flow, ARTEFACT)


@pytest.mark.parametrize(("role", "grant"), DELAYED)
def test_without_one_grant_the_model_fails_at_items_or_cannot_give_them_back(flow: Flow, role: str, grant: str) -> None:
    """And with it the same items come through: the last test waits for them."""
    check_without_grant(flow, role, grant, DELAYED[role, grant], "collector")


def test_in_the_end_everything_has_come_through_or_is_set_aside(flow: Flow) -> None:
    """Poison and what the model has failed at ten times is set aside; all else has its result."""
    good = {id_ for sent in flow.sent for id_ in sent.good} - set(flow.exhausted) - set(flow.lost)
    poison = [id_ for sent in flow.sent for id_ in sent.poison]
    eventually(lambda: flow.stored(tuple(good)) == good, "everything comes through")
    eventually(lambda: flow.idle("queue_url"), "the queue is empty")
    assert flow.dead_letters() == sorted([*poison, *(set(flow.exhausted) - set(flow.lost))])
