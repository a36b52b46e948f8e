"""What code calls of AWS: found where it can be followed, left open where it cannot, never guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.checkout import ROOT
from policypack.code.aws_calls import find_aws_calls
from policypack.code.code_archive import CodeArchive
from policypack.code.required_actions import IAM_PREFIXES, REQUIRED_ACTIONS, required_actions
from policypack.iam.actions import find_action
from policypack.model.values import Archive, Asset
from tests.policypack.code.code_cases import FOLLOWED, OPEN
from tests.policypack.code.reading import at, called, of

if TYPE_CHECKING:
    from pathlib import Path

WORKER = ROOT / "lambda_src" / "worker"


@pytest.mark.parametrize("case", FOLLOWED)
def test_calls_are_found(case: str) -> None:
    """Exactly these, and nothing is left open."""
    text, expected = FOLLOWED[case]
    calls = of(handler=f"import boto3\n{text}\n")
    assert (called(calls), calls.unresolved) == (expected, "")


@pytest.mark.parametrize("case", OPEN)
def test_what_cannot_be_followed_is_left_open(case: str) -> None:
    """It is said where."""
    calls = of(handler=f"import boto3\n{OPEN[case]}\n")
    assert calls.unresolved.startswith("handler.py"), calls


def test_the_worker_is_followed_through_its_modules() -> None:
    """Clients are made in one module and called in others."""
    calls = at(Archive(path=str(WORKER)), "predict.handle")
    assert calls.unresolved == ""
    assert called(calls) == {
        "dynamodb.transact_write_items",
        "sagemaker-runtime.invoke_endpoint",
        "sqs.change_message_visibility_batch",
    }
    assert calls.operations["dynamodb", "transact_write_items"].startswith("store.py:")


def test_only_what_is_imported_is_read() -> None:
    """By absolute and relative imports, of packages too."""
    calls = of(
        handler="from app.work import go\nimport app.other as other\nimport lib.more\nfrom lib import most\n"
        "other.x.publish(); lib.more.x.invoke(); most.x.invoke_async()",
        app__init="",
        lib__more="import boto3\nx = boto3.client('lambda')",
        lib__most="from .more import x",
        app__work="from . import other\nfrom .other import x\ndef go(): other.x.subscribe()",
        app__other="import boto3\nx = boto3.client('sns')",
        tests="import boto3, subprocess\nboto3.client('s3').get_object()",
    )
    assert (called(calls), calls.unresolved) == (
        {"sns.publish", "sns.subscribe", "lambda.invoke", "lambda.invoke_async"},
        "",
    )


def test_an_empty_handler_is_a_placeholder() -> None:
    """It says nothing of what is deployed later."""
    assert find_aws_calls(CodeArchive(Archive(assets={"handler.py": Asset(text="")})), "handler.handle") is None


def test_a_handler_in_a_folder(tmp_path: Path) -> None:
    """Lambda writes it with slashes or points."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text("import boto3\nboto3.client('sns').publish()")
    for handler in ("src/app.handle", "src.app.handle"):
        calls = find_aws_calls(CodeArchive(Archive(path=str(tmp_path))), handler)
        assert calls is not None
        assert called(calls) == {"sns.publish"}


@pytest.mark.parametrize("operation", REQUIRED_ACTIONS)
def test_the_table_names_actions_that_there_are(operation: str) -> None:
    """And operations of services whose prefix is known."""
    needs = REQUIRED_ACTIONS[operation]
    for action in (*(one for all_ in needs.all_of for one in all_), *needs.optional):
        assert find_action(action) is not None, action


def test_operations_of_boto3_are_actions() -> None:
    """Of the services of the table and of others."""
    assert required_actions("sqs", "send_message") == required_actions("sqs", "send_message_batch")
    assert required_actions("stepfunctions", "start_execution") is not None
    assert required_actions("no-such-service", "start") is None
    assert required_actions("sqs", "no_such_operation") is None
    assert all(required_actions(service, "no_such_operation") is None for service in IAM_PREFIXES)


@given(st.text(max_size=200), st.lists(st.sampled_from([text for text, _ in FOLLOWED.values()]), max_size=3))
def test_no_text_makes_it_fail(wild: str, parts: list[str]) -> None:
    """Whatever is written: calls, or open, and the same the next time."""
    code = CodeArchive(Archive(assets={"handler.py": Asset(text="import boto3\n" + "\n".join(parts) + "\n" + wild)}))
    assert find_aws_calls(code, "handler.handle") == find_aws_calls(code, "handler.handle")
