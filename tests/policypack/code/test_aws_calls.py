"""Static analysis of boto3 calls: resolved calls, unresolved code, imports, and the actions that calls require."""

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
from tests.policypack.code.analysis import analyze_archive, analyze_modules, operations_of
from tests.policypack.code.example_programs import RESOLVED, UNRESOLVED

if TYPE_CHECKING:
    from pathlib import Path

WORKER = ROOT / "lambda_src" / "worker"


@pytest.mark.parametrize("case", RESOLVED)
def test_calls_are_resolved(case: str) -> None:
    """Exactly these operations are found, and nothing is unresolved."""
    text, expected = RESOLVED[case]
    calls = analyze_modules(handler=f"import boto3\n{text}\n")
    assert (operations_of(calls), calls.unresolved) == (expected, "")


@pytest.mark.parametrize("case", UNRESOLVED)
def test_unresolved_code_has_a_location(case: str) -> None:
    """The first source location that cannot be resolved is reported."""
    calls = analyze_modules(handler=f"import boto3\n{UNRESOLVED[case]}\n")
    assert calls.unresolved.startswith("handler.py"), calls


def test_calls_are_resolved_across_modules() -> None:
    """The worker creates clients in one module and uses them in others."""
    calls = analyze_archive(Archive(path=str(WORKER)), "predict.handle")
    assert calls.unresolved == ""
    assert operations_of(calls) == {
        "dynamodb.transact_write_items",
        "sagemaker-runtime.invoke_endpoint",
        "sqs.change_message_visibility_batch",
    }
    assert calls.operations["dynamodb", "transact_write_items"].startswith("store.py:")


def test_only_imported_modules_are_analyzed() -> None:
    """Absolute and relative imports of modules and packages."""
    calls = analyze_modules(
        handler="from app.work import go\nimport app.other as other\nimport lib.more\nfrom lib import most\n"
        "other.x.publish(); lib.more.x.invoke(); most.x.invoke_async()",
        app__init="",
        lib__more="import boto3\nx = boto3.client('lambda')",
        lib__most="from .more import x",
        app__work="from . import other\nfrom .other import x\ndef go(): other.x.subscribe()",
        app__other="import boto3\nx = boto3.client('sns')",
        tests="import boto3, subprocess\nboto3.client('s3').get_object()",
    )
    assert (operations_of(calls), calls.unresolved) == (
        {"sns.publish", "sns.subscribe", "lambda.invoke", "lambda.invoke_async"},
        "",
    )


def test_an_empty_handler_is_a_placeholder() -> None:
    """The code is deployed later, so nothing is known about its calls."""
    assert find_aws_calls(CodeArchive(Archive(assets={"handler.py": Asset(text="")})), "handler.handle") is None


def test_a_handler_in_a_folder(tmp_path: Path) -> None:
    """Lambda accepts handlers with slashes and with dots."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text("import boto3\nboto3.client('sns').publish()")
    for handler in ("src/app.handle", "src.app.handle"):
        calls = find_aws_calls(CodeArchive(Archive(path=str(tmp_path))), handler)
        assert calls is not None
        assert operations_of(calls) == {"sns.publish"}


@pytest.mark.parametrize("operation", REQUIRED_ACTIONS)
def test_the_actions_in_the_table_exist(operation: str) -> None:
    """Each action that an operation requires is in the Service Authorization Reference."""
    needs = REQUIRED_ACTIONS[operation]
    for action in (*(one for all_ in needs.all_of for one in all_), *needs.optional):
        assert find_action(action) is not None, action


def test_required_actions_of_operations() -> None:
    """Operations in the table, operations named like their action, and unknown ones."""
    assert required_actions("sqs", "send_message") == required_actions("sqs", "send_message_batch")
    assert required_actions("stepfunctions", "start_execution") is not None
    assert required_actions("no-such-service", "start") is None
    assert required_actions("sqs", "no_such_operation") is None
    assert all(required_actions(service, "no_such_operation") is None for service in IAM_PREFIXES)


@given(st.text(max_size=200), st.lists(st.sampled_from([text for text, _ in RESOLVED.values()]), max_size=3))
def test_analysis_never_raises(arbitrary: str, parts: list[str]) -> None:
    """Any text can be analyzed, and the result is the same each time."""
    code = CodeArchive(
        Archive(assets={"handler.py": Asset(text="import boto3\n" + "\n".join(parts) + "\n" + arbitrary)})
    )
    assert find_aws_calls(code, "handler.handle") == find_aws_calls(code, "handler.handle")
