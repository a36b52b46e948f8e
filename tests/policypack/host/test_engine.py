"""The pack under the real engine: what is stopped, what is remediated, what is said, and what stays quiet."""

from __future__ import annotations

import json
from importlib import resources as files
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from localcloud.checkout import ROOT
from policypack.model import FUNCTION, MODEL, TABLE
from tests.policypack.host.runs import ONLY, PROVISIONED, SHARED, resources, under
from tests.policypack.host.runs import TABLE as PROGRAM

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.localcloud.aws.cloud import Cloud
    from tests.localcloud.engine.small_projects import Project

RULE = "dynamodb-table-uses-on-demand-billing"
WAIVER = {"rule": RULE, "resource": "*::results", "reason": "steady", "owner": "data team", "expires": "2999-12-31"}


@pytest.mark.parametrize(
    ("order", "created", "stopped"), [("function, model", FUNCTION, MODEL), ("model, function", MODEL, FUNCTION)]
)
def test_the_second_user_of_a_shared_role_is_never_created(
    project: Callable[..., Project], cloud: Cloud, order: str, created: str, stopped: str
) -> None:
    """Without a preview: whichever comes second is stopped before it is created, and said once."""
    made = project(SHARED.replace("ORDER", order), AWS_ENDPOINT_URL=cloud.url)
    config = {**ONLY, "sagemaker-role-is-not-shared": "mandatory"}
    said = under(made, "up", "--yes", "--skip-preview", config=config, expect=None)
    assert said.count("model: shares its role shared with worker [executionRoleArn].") == 1
    there = resources(made)
    assert created in there
    assert stopped not in there


def test_what_is_undecided_is_one_line_that_blocks_nothing(project: Callable[..., Project]) -> None:
    """In a preview: the mandatory rule waits for the value, and the preview goes well."""
    made = project(PROGRAM.replace("MODE", "late"))
    said = under(made, "preview", config={**ONLY, RULE: "mandatory", "values-are-known": "advisory"})
    line = f"results: undecided, because values are unknown until deployment: {RULE} (billingMode)"
    assert said.count(line) == 1
    assert said.count(RULE) == 1


def test_a_remedied_resource_is_created_with_what_the_remedy_set(project: Callable[..., Project], cloud: Cloud) -> None:
    """The program says PROVISIONED; the state and AWS have the other, and nothing is left to find."""
    made = project(PROVISIONED, AWS_ENDPOINT_URL=cloud.url)
    said = under(made, "up", "--yes", "--skip-preview", config={**ONLY, RULE: "remediate"})
    assert f"[remediate]  {RULE}" in said
    assert "mandatory" not in said
    table = resources(made)[TABLE]
    assert table["inputs"]["billingMode"] == "PAY_PER_REQUEST"
    found = cloud("dynamodb").describe_table(TableName=table["outputs"]["name"])["Table"]
    assert found["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


def test_waivers_in_the_configuration_of_the_stack(project: Callable[..., Project]) -> None:
    """What the team answers for is not said; without the waiver it stops the preview, once said."""
    made = project(PROVISIONED)
    config = {**ONLY, RULE: "mandatory", "waivers-are-in-force": "advisory"}
    assert under(made, "preview", config=config, expect=None).count("results: pays for provisioned capacity") == 1
    made.run("config", "set", "--stack", "dev", "policypack:waivers", json.dumps([WAIVER]))
    assert RULE not in under(made, "preview", config=config)
    made.run("config", "set", "--stack", "dev", "policypack:waivers", json.dumps([{**WAIVER, "owner": ""}]))
    said = under(made, "preview", config=config, expect=None)
    assert said.count("needs a text in its field owner") == 1
    assert said.count("results: pays for provisioned capacity") == 1


def test_reports_of_preview_and_update_and_a_look_at_the_state(
    project: Callable[..., Project], cloud: Cloud, tmp_path: Path
) -> None:
    """The environment reaches the pack: two files that fit the schema. The exported state is judged the same."""
    folder = tmp_path / "reports"
    made = project(PROVISIONED, AWS_ENDPOINT_URL=cloud.url, POLICYPACK_REPORT=str(folder))
    under(made, "up", "--yes", config={**ONLY, RULE: "advisory"})  # a preview comes first
    found = {path.name: json.loads(path.read_text()) for path in folder.iterdir()}
    assert set(found) == {"organization.small.dev.preview.json", "organization.small.dev.up.json"}
    schema = json.loads(files.files("policypack.report").joinpath("schema.json").read_text())
    for report in found.values():
        jsonschema.validate(report, schema)
        assert [(each["rule"], each["verdict"]) for each in report["verdicts"]] == [(RULE, "fail")]
    state = tmp_path / "state.json"
    state.write_text(made.run("stack", "export", "--stack", "dev"))
    said = made.run("policy", "analyze", "--file", str(state), "--policy-pack", str(ROOT), expect=None)
    assert said.count("results: pays for provisioned capacity") == 1


TIMES = "queue-visibility-timeout-covers-function-timeout"
FAULTS: list[tuple[dict[str, Any], list[str]]] = [
    (
        {
            "dynamodb-bills-on-demnd": "mandatory",
            TIMES: {"timesFunctionTimeot": 6},
            "waivers-are-in-force": {"noWaivers": ["no-such-rule"]},
        },
        [
            f"no rule is called dynamodb-bills-on-demnd; nearest: {RULE}",
            "timesFunctionTimeot; nearest: timesFunctionTimeout",
            "noWaivers names no rule: no-such-rule",
        ],
    ),
    ({TIMES: {"timesFunctionTimeout": 100}}, ["timesFunctionTimeout: Must be less than or equal"]),
    ({TIMES: {"timesFunctionTimeout": 1e300}}, ["timesFunctionTimeout: Must be less than or"]),
]


def test_configuration_that_cannot_be_used_stops_before_anything_is_judged(project: Callable[..., Project]) -> None:
    """An unknown rule, an unknown option, a value out of range: all said with the nearest name, without a traceback."""
    made = project(PROVISIONED)
    for config, faults in FAULTS:
        said = under(made, "preview", config=config, expect=None)
        assert [fault for fault in faults if fault not in said] == []
        assert "Traceback" not in said
        assert "provisioned capacity" not in said
