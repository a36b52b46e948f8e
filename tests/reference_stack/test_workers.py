"""The functions, the archive of their code, and the stores that they write."""

from __future__ import annotations

import marshal
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pulumi
import pytest
from archive import archive, interpreter
from components.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.idempotency_store import IdempotencyStore
from components.network import Inside
from components.results_store import ResultsStore
from components.table import StoreArgs
from components.worker import Worker, WorkerArgs
from documents import allow

from localcloud.checkout import ROOT
from policypack.testing import UNKNOWN, program
from tests.reference_stack.parts import ALERTING, CHINA, HERE, KEY, POLICY, TAGS, only, statements, watched

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reference_stack.conftest import Deploy

FUNCTION = "aws:lambda/function:Function"
OWN = f"python{sys.version_info[0]}.{sys.version_info[1]}"


def worker(**changed: Any) -> WorkerArgs:
    """The arguments of a worker."""
    given: dict[str, Any] = {
        "place": CHINA,
        "code": pulumi.AssetArchive({}),
        "handler": "predict.handle",
        "queue_name": "jobs",
        "grants": [allow(["dynamodb:PutItem"], [CHINA.table("answers")])],
        "key_arn": KEY,
        "log_group_name": "/aws/lambda/it",
        "log_retention_days": 30,
        "alerting": ALERTING,
    }
    return WorkerArgs(**(given | changed))


def test_a_worker_may_do_what_it_is_granted_and_what_lambda_does_for_it() -> None:
    """The whole policy, word by word."""
    stack = program(lambda: Worker("it", worker()))
    assert statements(only(stack, POLICY)) == [
        {
            "Effect": "Allow",
            "Action": ["dynamodb:PutItem"],
            "Resource": [f"arn:aws-cn:dynamodb:{HERE}:table/answers"],
        },
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": [f"arn:aws-cn:logs:{HERE}:log-group:/aws/lambda/it:*"],
        },
        {"Effect": "Allow", "Action": ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "Resource": ["*"]},
    ]
    (trusted,) = statements(only(stack, "aws:iam/role:Role"), "assumeRolePolicy")
    assert trusted["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_a_worker_in_a_network_has_interfaces_that_its_code_cannot_touch() -> None:
    """Lambda makes them under the same role."""

    def build() -> None:
        inside = Inside(subnets=[pulumi.Output.from_input("subnet-1")], security_group=pulumi.Output.from_input("sg-1"))
        Worker("it", worker(inside=inside))

    stack = program(build)
    *_, lets, denies = statements(only(stack, POLICY))
    assert lets["Action"] == denies["Action"]
    assert (lets["Effect"], denies["Effect"]) == ("Allow", "Deny")
    assert denies["Condition"] == {"ArnLike": {"lambda:SourceFunctionArn": f"arn:aws-cn:lambda:{HERE}:function:it-*"}}
    assert only(stack, FUNCTION).get("vpcConfig") == {"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]}


def test_a_workers_limits_fit_together() -> None:
    """Pollers ignore reserved concurrency, so there is as much of it, and an alarm before it is used up."""
    stack = program(lambda: Worker("it", worker(concurrency=25)))
    function, mapping = only(stack, FUNCTION), only(stack, "aws:lambda/eventSourceMapping:EventSourceMapping")
    assert mapping.get("scalingConfig.maximumConcurrency") == 25
    assert function.get("reservedConcurrentExecutions") == 25
    assert mapping.get("functionResponseTypes") == ["ReportBatchItemFailures"]
    assert mapping.get("functionName").endswith(f":function:{function.get('name')}:live")
    assert watched(stack) == {
        "it-errors": ("Errors", 0.0),
        "it-throttles": ("Throttles", 0.0),
        "it-full": ("ConcurrentExecutions", 24.0),
    }


def test_a_worker_reserves_nothing_where_the_account_has_nothing_to_reserve() -> None:
    """AWS refuses to reserve what new accounts have in all; the mapping still holds to its bound."""
    stack = program(lambda: Worker("it", worker(concurrency=5, reserved=False)))
    assert not only(stack, FUNCTION).has("reservedConcurrentExecutions")
    mapping = only(stack, "aws:lambda/eventSourceMapping:EventSourceMapping")
    assert mapping.get("scalingConfig.maximumConcurrency") == 5


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A folder of code that has been run."""
    folder = tmp_path / "code"
    for name in ("handler.py", "part/more.py", "data.txt", "__pycache__/handler.cpython-39.pyc"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("def answer(what):\n    return what in {'one', 'two', 'three', 'four', 'five'}\n")
    return folder


def contents(made: pulumi.AssetArchive) -> dict[str, bytes]:
    """What is in an archive, by name."""
    return {name: open(asset.path, "rb").read() for name, asset in made.assets.items()}  # type: ignore[union-attr] # noqa: PTH123 - files only


def test_an_archive_holds_byte_code_for_the_runtime_and_not_what_running_it_left(code: Path, tmp_path: Path) -> None:
    """It is taken by an interpreter that finds no sources to compare it with, and tracebacks name Lambda's folder."""
    files = contents(archive(code, OWN, tmp_path / "build"))
    tag = f"cpython-{OWN.removeprefix('python').replace('.', '')}"
    compiled = {f"__pycache__/handler.{tag}.pyc", f"part/__pycache__/more.{tag}.pyc"}
    assert set(files) == {"handler.py", "part/more.py", "data.txt", *compiled}
    made = files[f"__pycache__/handler.{tag}.pyc"]
    assert int.from_bytes(made[4:8], "little") == 0b01  # a hash that is not checked: PEP 552
    assert marshal.loads(made[16:]).co_filename == "/var/task/handler.py"  # noqa: S302 - made a moment ago


PACK = """
import sys
from hashlib import sha256
from pathlib import Path
sys.path[:0] = sys.argv[4:]
from archive import archive
from localcloud.provider.archive import zipped
from localcloud.provider.wire import Asset
made = archive(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
files = {name: Asset("asset", {"path": file.path}) for name, file in made.assets.items()}
print(len(files), sha256(zipped(Asset("archive", {"assets": files}))).hexdigest())
"""


def test_an_archive_is_the_same_bytes_twice(code: Path, tmp_path: Path) -> None:
    """By other processes, which order sets otherwise, from another folder and time: else each deployment was a version.

    The provider uploads what is compared here.
    """
    copy = tmp_path / "elsewhere" / "code"
    shutil.copytree(code, copy)
    said = set()
    for number, folder in enumerate((code, copy)):
        for path in folder.rglob("*"):
            os.utime(path, (number * 1_000_000_000, number * 1_000_000_000))
        command = [sys.executable, "-c", PACK, str(folder), OWN, str(folder.parent / "build")]
        command += [str(ROOT), str(ROOT / "reference_stack")]
        environment = {"PATH": os.environ["PATH"], "PYTHONHASHSEED": str(number)}
        said.add(subprocess.check_output(command, cwd=folder.parent, env=environment, text=True))
    assert len(said) == 1
    assert said.pop().startswith("5 ")


def test_an_archive_without_an_interpreter_of_the_runtime_holds_the_sources(code: Path, tmp_path: Path) -> None:
    """Lambda compiles them itself, more slowly."""
    assert interpreter("python3.99") is None
    assert set(contents(archive(code, "python3.99", tmp_path))) == {"handler.py", "part/more.py", "data.txt"}


@pytest.mark.parametrize("protected", [True, False])
@pytest.mark.parametrize("store", [ResultsStore, IdempotencyStore])
def test_a_store_can_be_restored_is_bounded_and_forgets(
    store: type[ResultsStore | IdempotencyStore], protected: bool
) -> None:
    """A stack that is thrown away has to be able to lose it."""
    args = StoreArgs(
        place=CHINA, key_arn=UNKNOWN, deletion_protection=protected, most_reads=10, most_writes=20, tags=TAGS
    )
    table = only(program(lambda: store("it", args)), "aws:dynamodb/table:Table")
    assert table.get("deletionProtectionEnabled") is protected
    assert table.get("billingMode") == "PAY_PER_REQUEST"
    assert table.get("onDemandThroughput") == {"maxReadRequestUnits": 10, "maxWriteRequestUnits": 20}
    assert table.get("pointInTimeRecovery") == {"enabled": True, "recoveryPeriodInDays": 35}
    assert table.get("ttl") == {"enabled": True, "attributeName": "expires_at"}


def test_a_key_lets_services_in_for_this_account_and_logs_for_its_groups_only() -> None:
    """And leaves everything else to the account's own policies."""
    args = EncryptionKeyArgs(
        place=CHINA, alias="it", log_groups=["/aws/lambda/it"], senders=["events", "sns"], tags=TAGS
    )
    key = only(program(lambda: EncryptionKey("it", args)), "aws:kms/key:Key")
    administration, logs, *services = statements(key)
    assert administration["Principal"] == {"AWS": "arn:aws-cn:iam::210987654321:root"}
    assert logs["Principal"] == {"Service": "logs.cn-north-1.amazonaws.com"}
    assert logs["Condition"] == {
        "ArnEquals": {"kms:EncryptionContext:aws:logs:arn": [f"arn:aws-cn:logs:{HERE}:log-group:/aws/lambda/it"]}
    }
    assert [service["Principal"]["Service"] for service in services] == [
        "events.amazonaws.com",
        "sns.amazonaws.com",
        "events.amazonaws.com",
    ]
    assert {action for service in services for action in service["Action"]} == {
        "kms:Decrypt",
        "kms:GenerateDataKey*",
        "kms:DescribeKey",
    }
    for service in services:
        if service["Action"] == ["kms:DescribeKey"]:  # which a bus asks on nobody's behalf
            assert "Condition" not in service
        else:
            assert service["Condition"] == {"StringEquals": {"aws:SourceAccount": "210987654321"}}
    assert key.get("enableKeyRotation") is True


def test_the_worker_is_the_folder_of_the_worker(deploy: Deploy) -> None:
    """All its modules, their byte code where it can be made, and nothing else."""
    (function,) = deploy().of_type(FUNCTION)
    sources = {path.name for path in (ROOT / "lambda_src" / "worker").glob("*.py")}
    named = set(function.get("code").assets)
    assert {name for name in named if name.endswith(".py")} == sources
    rest = {name.removeprefix("__pycache__/").partition(".")[0] + ".py" for name in named - sources}
    assert rest in (set(), sources)
