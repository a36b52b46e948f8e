"""The functions, their code archives, and the stores."""

from __future__ import annotations

import marshal
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pulumi
import pytest
from code_archive import code_archive, interpreter
from components.dynamodb_table import StoreArgs
from components.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.idempotency_store import IdempotencyStore
from components.network import VpcPlacement
from components.queue_function import Worker, WorkerArgs
from components.results_store import ResultsStore
from policy_documents import allow

from localcloud.checkout import ROOT
from policypack.testing import UNKNOWN, program
from tests.reference_stack.component_fixtures import ALERTING, CHINA, HERE, KEY, POLICY, TAGS, only, statements, watched

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reference_stack.conftest import Deploy

FUNCTION = "aws:lambda/function:Function"
OWN = f"python{sys.version_info[0]}.{sys.version_info[1]}"


def worker(**changed: Any) -> WorkerArgs:
    """The arguments of a worker."""
    given: dict[str, Any] = {
        "aws_env": CHINA,
        "code": pulumi.AssetArchive({}),
        "handler": "predict.handle",
        "queue_name": "jobs",
        "grants": [allow(["dynamodb:PutItem"], [CHINA.table_arn("answers")])],
        "key_arn": KEY,
        "log_group_name": "/aws/lambda/it",
        "log_retention_days": 30,
        "alerting": ALERTING,
    }
    return WorkerArgs(**(given | changed))


def test_the_policy_of_a_worker() -> None:
    """The whole document."""
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


def test_the_code_of_a_worker_in_a_vpc_cannot_manage_its_network_interfaces() -> None:
    """Lambda manages them with the same role."""

    def build() -> None:
        vpc_placement = VpcPlacement(
            subnets=[pulumi.Output.from_input("subnet-1")], security_group=pulumi.Output.from_input("sg-1")
        )
        Worker("it", worker(vpc_placement=vpc_placement))

    stack = program(build)
    *_, lets, denies = statements(only(stack, POLICY))
    assert lets["Action"] == denies["Action"]
    assert (lets["Effect"], denies["Effect"]) == ("Allow", "Deny")
    assert denies["Condition"] == {"ArnLike": {"lambda:SourceFunctionArn": f"arn:aws-cn:lambda:{HERE}:function:it-*"}}
    assert only(stack, FUNCTION).get("vpcConfig") == {"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]}


def test_the_concurrency_limits_of_a_worker_are_consistent() -> None:
    """Pollers ignore reserved concurrency, so both are equal, with an alarm below the limit."""
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


def test_reserved_concurrency_can_be_disabled() -> None:
    """For accounts whose quota is too low; the mapping keeps its maximum concurrency."""
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
    """The files of an archive by name."""
    return {name: open(asset.path, "rb").read() for name, asset in made.assets.items()}  # type: ignore[union-attr] # noqa: PTH123 - files only


def test_an_archive_contains_byte_code_for_the_runtime(code: Path, tmp_path: Path) -> None:
    """Unchecked hash-based byte code with Lambda's paths, and no Python caches."""
    files = contents(code_archive(code, OWN, tmp_path / "build"))
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
from code_archive import code_archive
from localcloud.provider.archive import zipped
from localcloud.provider.wire import Asset
made = code_archive(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
files = {name: Asset("asset", {"path": file.path}) for name, file in made.assets.items()}
print(len(files), sha256(zipped(Asset("archive", {"assets": files}))).hexdigest())
"""


def test_archives_are_reproducible(code: Path, tmp_path: Path) -> None:
    """From other processes, hash seeds, folders and times: otherwise each deployment would publish a version.

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


def test_an_archive_without_a_matching_interpreter_contains_the_sources(code: Path, tmp_path: Path) -> None:
    """Lambda then compiles them, which takes longer."""
    assert interpreter("python3.99") is None
    assert set(contents(code_archive(code, "python3.99", tmp_path))) == {"handler.py", "part/more.py", "data.txt"}


@pytest.mark.parametrize("protected", [True, False])
@pytest.mark.parametrize("store", [ResultsStore, IdempotencyStore])
def test_a_store_has_backups_throughput_limits_and_ttl(
    store: type[ResultsStore | IdempotencyStore], protected: bool
) -> None:
    """The local stack has no deletion protection."""
    args = StoreArgs(
        aws_env=CHINA, key_arn=UNKNOWN, deletion_protection=protected, max_reads=10, max_writes=20, tags=TAGS
    )
    table = only(program(lambda: store("it", args)), "aws:dynamodb/table:Table")
    assert table.get("deletionProtectionEnabled") is protected
    assert table.get("billingMode") == "PAY_PER_REQUEST"
    assert table.get("onDemandThroughput") == {"maxReadRequestUnits": 10, "maxWriteRequestUnits": 20}
    assert table.get("pointInTimeRecovery") == {"enabled": True, "recoveryPeriodInDays": 35}
    assert table.get("ttl") == {"enabled": True, "attributeName": "expires_at"}


def test_the_key_policy_admits_services_for_this_account_only() -> None:
    """And CloudWatch Logs for the stack's log groups only."""
    args = EncryptionKeyArgs(
        aws_env=CHINA, alias="it", log_groups=["/aws/lambda/it"], senders=["events", "sns"], tags=TAGS
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


def test_the_archive_contains_the_workers_folder(deploy: Deploy) -> None:
    """All its modules, byte code if an interpreter is available, and nothing else."""
    (function,) = deploy().of_type(FUNCTION)
    sources = {path.name for path in (ROOT / "lambda_src" / "worker").glob("*.py")}
    named = set(function.get("code").assets)
    assert {name for name in named if name.endswith(".py")} == sources
    rest = {name.removeprefix("__pycache__/").partition(".")[0] + ".py" for name in named - sources}
    assert rest in (set(), sources)
