"""Runs of the real engine under the pack of this repository, or under a small one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from localcloud.checkout import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.localcloud.engine.small_projects import Project

ONLY = {"all": "disabled"}
"""The beginning of a configuration under which only the rules that follow say anything."""

TABLE = """
import pulumi
import pulumi_aws as aws

key = aws.kms.Key("key")
late = key.key_id.apply(lambda _: "PAY_PER_REQUEST")
aws.dynamodb.Table("results", billing_mode=MODE, hash_key="id", attributes=[{"name": "id", "type": "S"}])
"""
"""A table whose billing mode is set by each test; `late` is one that only the deployment brings."""
PROVISIONED = TABLE.replace("MODE", "'PROVISIONED', read_capacity=1, write_capacity=1")

SHARED = """
import json
import pulumi
import pulumi_aws as aws

parties = ["lambda.amazonaws.com", "sagemaker.amazonaws.com"]
trust = [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": party}} for party in parties]
role = aws.iam.Role("shared", assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": trust}))

def function(after):
    code = pulumi.AssetArchive({"handler.py": pulumi.StringAsset("def handle(event, context): return event")})
    return aws.lambda_.Function("worker", role=role.arn, runtime="python3.13", handler="handler.handle", code=code,
        opts=pulumi.ResourceOptions(depends_on=after))

def model(after):
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/model:1"
    return aws.sagemaker.Model("model", execution_role_arn=role.arn, primary_container={"image": image},
        opts=pulumi.ResourceOptions(depends_on=after))

first, second = ORDER
second([first([])])
"""
"""A function and a model on one role, one after the other."""

OUR_PACK = """
from policypack import serve
from rules import PACK
serve(PACK)
"""
"""The `__main__.py` of a small pack on our host, whose rules are in `rules.py` beside it."""


def under(
    project: Project,
    *command: str,
    config: dict[str, Any] | None = None,
    pack: Path = ROOT,
    expect: int | None = 0,
) -> str:
    """Run a command on stack dev under a pack, configured; return all that is printed."""
    options = ["--stack", "dev", "--policy-pack", str(pack)]
    if config is not None:
        path = project.folder / "policy-config.json"
        path.write_text(json.dumps(config))
        options += ["--policy-pack-config", str(path)]
    return project.run(*command, *options, expect=expect)


def resources(project: Project) -> dict[str, dict[str, Any]]:
    """What was made, by type."""
    state = json.loads(project.run("stack", "export", "--stack", "dev"))
    return {resource["type"]: resource for resource in state["deployment"].get("resources", ())}
