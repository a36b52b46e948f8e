"""up, demo, up again, a broken rule, a killed AWS, down: in this order, on one local cloud."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from localcloud.checkout import ROOT
from policypack.cli.main import main
from tests.e2e.cloud import Copy, name_here

if TYPE_CHECKING:
    from tests.e2e.cloud import Cloud


def test_preview_in_the_users_own_shell_needs_no_aws(cloud: Cloud) -> None:
    """Before anything exists: no violation, and nothing that cannot be known."""
    done = cloud.shell("pulumi preview --policy-pack .")
    assert done.returncode == 0, done.stdout
    assert "✅ policypack@v" in done.stdout
    assert "values-are-known" not in done.stdout
    assert not (cloud.folder / "aws" / "server.json").exists()


def test_up_deploys_everything(cloud: Cloud) -> None:
    """Under the pack; it ends with the outputs and the next command."""
    done = cloud.run("up")
    assert done.returncode == 0, done.stdout
    assert "✅ policypack@v" in done.stdout
    assert "queue_url" in done.stdout
    assert "make demo" in done.stdout.splitlines()[-1]


def test_demo_loses_nothing(cloud: Cloud) -> None:
    """Each good item once, each poison item in the dead-letter queue."""
    done = cloud.run("demo")
    assert done.returncode == 0, done.stdout
    assert "predictions stored:       196 of 196" in done.stdout
    assert "in the dead-letter queue: 4 of 4" in done.stdout


def test_the_demo_says_that_nobody_works(cloud: Cloud) -> None:
    """The mapping is disabled: which, and what enables it. It goes on when that is done."""
    uuid, functions = name_of_mapping(cloud), cloud.client("lambda")
    functions.update_event_source_mapping(UUID=uuid, Enabled=False)
    with started(cloud, "demo") as demo:
        output = until(demo, "--enabled")
        functions.update_event_source_mapping(UUID=uuid, Enabled=True)
        rest, _ = demo.communicate(timeout=120)
    assert demo.returncode == 0, rest
    assert "the worker's event source mapping is Disabled: it does not poll the queue" in output
    assert f"aws lambda update-event-source-mapping --uuid {uuid} --enabled --endpoint-url http://127.0.0.1:" in output


def test_up_again_changes_nothing(cloud: Cloud) -> None:
    """The local AWS says of every resource what the program says of it."""
    done = cloud.run("up")
    assert done.returncode == 0, done.stdout
    changes = [line.strip() for line in done.stdout.splitlines() if line.strip().endswith("unchanged")]
    assert len(changes) == 1
    assert not any(word in done.stdout for word in ("created", "updated", "replaced", "deleted"))


def test_the_state_says_what_the_worker_may_do(cloud: Cloud, tmp_path: Path) -> None:
    """`policypack iam` reads what `pulumi stack export` writes."""
    state = tmp_path / "state.json"
    done = cloud.shell(f"pulumi stack export --stack local --file {state}")
    assert done.returncode == 0, done.stdout
    answers = {
        action: main(["iam", "can", "worker", action, "results", "--state", str(state)])
        for action in ("dynamodb:PutItem", "dynamodb:DeleteItem")
    }
    assert answers == {"dynamodb:PutItem": 0, "dynamodb:DeleteItem": 1}


def test_a_change_that_breaks_a_rule_stops_before_the_table_is_touched(cloud: Cloud, tmp_path: Path) -> None:
    """Billing mode PROVISIONED fails `pulumi up --policy-pack`; the table stays as it is."""
    copy = Copy(cloud, tmp_path / "project", name_here())
    store = copy.folder / "reference_stack" / "components" / "dynamodb_table.py"
    assert store.read_text().count('"PAY_PER_REQUEST"') == 1
    provisioned = '"PROVISIONED", read_capacity=5, write_capacity=5'
    store.write_text(store.read_text().replace('"PAY_PER_REQUEST"', provisioned))
    done = copy.pulumi("up", "--yes", "--skip-preview", "--policy-pack", str(ROOT))
    assert done.returncode != 0, done.stdout
    assert ": pays for provisioned capacity [billingMode]. Set billing_mode to PAY_PER_REQUEST." in done.stdout
    dynamodb = cloud.client("dynamodb")
    tables = dynamodb.list_tables()["TableNames"]
    assert len(tables) == 2
    for table in tables:
        described = dynamodb.describe_table(TableName=table)["Table"]
        assert described["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


def test_a_killed_aws_is_said_and_up_makes_it_work_again(cloud: Cloud) -> None:
    """Kill -9 in the middle of the demo: one clear error; then up and demo work as before."""
    with started(cloud, "demo", "--items", "4000") as demo:
        until(demo, "sending 4000 items")  # it sends and waits for much longer
        time.sleep(1)
        os.kill(cloud.server["pid"], signal.SIGKILL)
        output, _ = demo.communicate(timeout=120)
    assert demo.returncode == 2, output
    assert "error: the local AWS stopped during the demo" in output
    assert "make up && make demo" in output
    assert "Traceback" not in output
    (cloud.folder / "aws" / "deployed-to").unlink()  # as if somebody had cleaned up behind it
    refused = cloud.run("demo")
    assert refused.returncode == 2
    assert "make up" in refused.stdout
    again = cloud.run("up")
    assert again.returncode == 0, again.stdout
    done = cloud.run("demo")
    assert done.returncode == 0, done.stdout


def test_the_naive_stack_fails_and_says_why(cloud: Cloud) -> None:
    """By the names of rules and resources."""
    done = cloud.run("naive")
    assert done.returncode != 0
    assert "❌ policypack@v" in done.stdout
    assert "results: pays for provisioned capacity [billingMode]." in done.stdout
    assert "model: shares its role app-role with worker" in done.stdout


def test_an_interrupted_down_is_not_done(cloud: Cloud) -> None:
    """The engine says 0 after Ctrl-C, as if all were gone: the local AWS stays, for there is more to delete."""
    with started(cloud, "down") as down:
        until(down, "deleting")
        os.killpg(down.pid, signal.SIGINT)  # as a terminal does
        output, _ = down.communicate(timeout=120)
    assert down.returncode == 130, output
    assert "interrupted: make down continues. The local AWS is still running." in output
    assert "Traceback" not in output
    assert cloud.client("sqs").list_queues()["QueueUrls"]


def test_down_leaves_nothing(cloud: Cloud) -> None:
    """Every resource is deleted and the process is gone; a second time there is nothing to do."""
    pid = cloud.server["pid"]
    done = cloud.run("down")
    assert done.returncode == 0, done.stdout
    assert "deleted" in done.stdout
    assert "The local AWS is stopped." in done.stdout
    assert not Path(f"/proc/{pid}").exists() or _is_a_zombie(pid)
    again = cloud.run("down")
    assert again.returncode == 0, again.stdout
    assert "The local AWS was not running." in again.stdout


def name_of_mapping(cloud: Cloud) -> str:
    """The one mapping there is."""
    (mapping,) = cloud.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    return str(mapping["UUID"])


def started(cloud: Cloud, *words: str) -> subprocess.Popen[str]:
    """Start a command in a process group of its own; stderr goes with stdout, as on a terminal."""
    return subprocess.Popen(
        cloud.command(*words),
        cwd=ROOT,
        env=cloud.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def until(command: subprocess.Popen[str], words: str) -> str:
    """Read what a command says until it says these words; give it."""
    assert command.stdout is not None
    output = ""
    for line in command.stdout:
        output += line
        if words in line:
            return output
    raise AssertionError(output)


def _is_a_zombie(pid: int) -> bool:
    return ") Z " in Path(f"/proc/{pid}/stat").read_text()
