"""`policypack iam`: the permissions of a role, and the evaluation of one request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from policypack.cli.main import main
from policypack.model import KEY, POLICY, ROLE, ROLE_POLICY, ROLE_POLICY_ATTACHMENT, TABLE
from policypack.model.signatures import SECRET, SIGNATURE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ACCOUNT = "123456789012"
RESULTS = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/results-1a2b3c4"
VIA = {"StringEquals": {"kms:ViaService": "sqs.eu-west-1.amazonaws.com"}}
OWN = [
    {"Effect": "Allow", "Action": ["dynamodb:PutItem", "dynamodb:GetItem"], "Resource": RESULTS},
    {
        "Effect": "Allow",
        "Action": "kms:Decrypt",
        "Resource": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/*",
        "Condition": VIA,
    },
    {"Effect": "Deny", "Action": "dynamodb:GetItem", "Resource": "*"},
    {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
]
SHARED = [{"Effect": "Allow", "NotAction": "iam:*", "Resource": f"{RESULTS}/index/*"}]


def item(type_: str, name: str, outputs: dict[str, Any], path: str = "", **more: Any) -> dict[str, Any]:
    """A resource in a state."""
    return {"urn": f"urn:pulumi:dev::app::{path}{type_}::{name}", "type": type_, "outputs": outputs, **more}


def role(name: str = "worker", path: str = "", **outputs: Any) -> dict[str, Any]:
    """A role in a state."""
    physical = f"{name}-1a2b3c4{path[:1]}"
    arn = f"arn:aws:iam::{ACCOUNT}:role/{physical}"
    return item(ROLE, name, {"name": physical, "arn": arn, **outputs}, path, id=physical)


def policy(statements: Any) -> str:
    """A policy document as JSON text."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


STATE = [
    role(),
    role("shared"),
    role("shared", "team:Parts$"),
    role("can"),
    role("bounded", permissionsBoundary="arn:aws:iam::aws:policy/PowerUserAccess"),
    role("empty"),
    item(ROLE_POLICY, "own", {"role": "worker-1a2b3c4", "name": "own", "policy": policy(OWN)}),
    item(ROLE_POLICY, "held", {"role": "bounded-1a2b3c4", "name": "held", "policy": policy(OWN[:1])}),
    item(ROLE_POLICY, "hidden", {"role": "can-1a2b3c4", "policy": {SIGNATURE: SECRET, "ciphertext": "v1:x"}}),
    item(POLICY, "index", {"arn": f"arn:aws:iam::{ACCOUNT}:policy/index", "policy": policy(SHARED)}),
    item(ROLE_POLICY_ATTACHMENT, "a", {"role": "worker-1a2b3c4", "policyArn": f"arn:aws:iam::{ACCOUNT}:policy/index"}),
    item(TABLE, "results", {"name": "results-1a2b3c4", "arn": RESULTS}),
    item(KEY, "key", {"keyId": "1", "arn": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"}),
    item("aws:kms/alias:Alias", "key", {"name": "alias/app", "arn": f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/app"}),
]


@pytest.fixture
def ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run the command on the state. Returns exit code, stdout and stderr."""
    path = tmp_path / "state.json"
    path.write_text(json.dumps({"version": 3, "deployment": {"resources": STATE}}))

    def run(*words: str, state: bool = True) -> tuple[int, str, str]:
        code = main(["iam", *words, *(["--state", str(path)] if state else [])])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_permissions_as_a_table(ask: Callable[..., tuple[int, str, str]]) -> None:
    """Each row has action, resource, document and condition. The Deny statements follow."""
    code, out, _ = ask("worker")
    assert code == 0
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines[0] == f"worker (arn:aws:iam::{ACCOUNT}:role/worker-1a2b3c4), 2 documents"
    assert "ACTION RESOURCE FROM CONDITION" in lines
    assert f"dynamodb:PutItem {RESULTS} inline policy own, Statement[0]" in lines
    assert not any(line.startswith("dynamodb:GetItem arn") for line in lines)  # it is denied
    assert (
        f"* except iam:* {RESULTS}/index/* policy index, Statement[0] except inline policy own, Statement[2]" in lines
    )
    decrypt = next(line for line in lines if line.startswith("kms:Decrypt"))
    assert decrypt.endswith("Statement[1] StringEquals kms:ViaService sqs.eu-west-1.amazonaws.com")
    denied = lines[lines.index("denied:") + 1 :]
    assert "* * inline policy own, Statement[3] Bool aws:SecureTransport false" in denied


def test_permissions_as_json(ask: Callable[..., tuple[int, str, str]]) -> None:
    """The JSON has the same permissions as the table."""
    code, out, _ = ask("worker", "--format", "json")
    found = json.loads(out)
    assert code == 0
    assert found["arn"] == f"arn:aws:iam::{ACCOUNT}:role/worker-1a2b3c4"
    assert [document["name"] for document in found["documents"]] == ["inline policy own", "policy index"]
    assert (found["boundary"], found["open"]) == (None, [])
    decrypt = next(grant for grant in found["grants"] if grant["action"] == "kms:Decrypt")
    (condition,) = decrypt["conditions"]
    assert condition == {
        "operator": "StringEquals",
        "key": "kms:ViaService",
        "values": ["sqs.eu-west-1.amazonaws.com"],
    }
    assert (decrypt["document"], decrypt["place"], decrypt["certain"]) == ("inline policy own", "Statement[1]", True)
    assert len(found["denials"]) == 2


def test_unknown_documents_and_roles_without_permissions(ask: Callable[..., tuple[int, str, str]]) -> None:
    """A secret document, a boundary that is not in the state, and a role without permissions."""
    assert "inline policy hidden is not fully known" in ask(f"arn:aws:iam::{ACCOUNT}:role/can-1a2b3c4")[1]
    _, out, _ = ask("bounded")
    assert "within managed policy PowerUserAccess" in out
    assert "may be denied by an unknown statement" in out
    assert "no permissions" in ask("empty")[1]


@pytest.mark.parametrize("name", ["worker", "worker-1a2b3c4", STATE[0]["urn"], STATE[0]["outputs"]["arn"]])
def test_a_role_is_found_by_each_of_its_names(name: str, ask: Callable[..., tuple[int, str, str]]) -> None:
    """Logical name, physical name, URN and ARN."""
    assert ask(name)[0] == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (
            ["worker", "dynamodb:PutItem", "results"],
            0,
            "allowed: a statement allows it: inline policy own, Statement[0]",
        ),
        (["worker", "DynamoDB:putitem", RESULTS], 0, "allowed"),
        (
            ["worker", "dynamodb:GetItem", "results"],
            1,
            "denied: a statement denies it: inline policy own, Statement[2]",
        ),
        (["worker", "dynamodb:DeleteItem", "results"], 1, "denied: no statement allows it"),
        (["worker", "sqs:SendMessage", "*"], 1, "denied: no statement allows it"),
        (["worker", "unheardof:DoIt", "*"], 1, "denied: no statement allows it"),  # a service that is not in the data
        (["worker", "unheardof:DoIt", f"{RESULTS}/index/a"], 0, "allowed"),  # NotAction includes it
        (["worker", "kms:Decrypt", "key"], 3, "undecided: it depends on an unknown value"),
        (["bounded", "dynamodb:PutItem", "results"], 3, "undecided"),
        (["can", "s3:GetObject", "arn:aws:s3:::a/b"], 3, "undecided"),
        (["empty", "s3:GetObject", "arn:aws:s3:::a/b"], 1, "denied"),
    ],
)
def test_one_request(words: list[str], code: int, said: str, ask: Callable[..., tuple[int, str, str]]) -> None:
    """The verdict with the statement that decides; each verdict has its exit code."""
    secure = ["--context", "aws:SecureTransport=true"]
    got, out, _ = ask("can", *words, *secure)
    assert (got, out.startswith(said)) == (code, True), out


def test_condition_keys_of_the_request(ask: Callable[..., tuple[int, str, str]]) -> None:
    """The condition keys of the request are given by --context."""
    question = ["can", "worker", "kms:Decrypt", "key", "--context", "aws:SecureTransport=true", "--format", "json"]
    code, out, _ = ask(*question, "--context", "kms:ViaService=sqs.eu-west-1.amazonaws.com")
    assert code == 0
    assert json.loads(out) == {
        "verdict": "allowed",
        "why": "a statement allows it",
        "document": "inline policy own",
        "place": "Statement[1]",
        "resource": STATE[6]["urn"],
        "property": "policy",
    }
    code, out, _ = ask(*question, "--context", "kms:ViaService=s3.eu-west-1.amazonaws.com")
    assert (code, json.loads(out)["verdict"]) == (1, "denied")


@pytest.mark.parametrize(
    ("words", "said", "then"),
    [
        ([], "exactly one role is required", "policypack iam --help"),
        (["worker", "empty"], "exactly one role is required", "policypack iam --help"),
        (["can", "worker"], "a role, an action and a resource are required", "policypack iam --help"),
        (["worke"], "the state has no role worke; nearest: worker", "policypack iam --help"),
        (
            ["shared"],
            "2 roles are named shared",
            "use the URN of one: urn:pulumi:dev::app::aws:iam/role:Role::shared",
        ),
        (["can", "worker", "PutItem", "results"], "PutItem is not an action", "policypack iam --help"),
        (["can", "worker", "s3:*", "results"], "s3:* is not an action", "policypack iam --help"),
        (
            ["can", "worker", "dynamodb:UpdateIte", "results"],
            "unknown action dynamodb:UpdateIte; nearest: dynamodb:UpdateItem\n",
            "Service Authorization Reference",
        ),
        (["can", "worker", "DynamoDB:putitm", "results"], "nearest: dynamodb:PutItem\n", "lists the actions"),
        (["can", "worker", "sqs:Zzz", "*"], "unknown action sqs:Zzz\n", "lists the actions"),
        (["can", "worker", "s3:GetObject", "nowhere"], "nowhere is neither an ARN nor a resource", "policypack iam"),
        (["can", "worker", "sts:AssumeRole", "shared"], "2 resources are named shared", "use the ARN of one"),
        (
            ["can", "worker", "s3:GetObject", "*", "--context", "x"],
            "x is not a condition key",
            "--context aws:SourceVpc",
        ),
        (["worker", "--requests", "-"], "--requests can only be used with policypack iam can", "policypack iam --help"),
        (["can", "worker", "--requests", "-"], "are read from the file", "policypack iam --help"),
        (["can", "--requests", "/none"], "/none cannot be read", "policypack iam --help"),
    ],
)
def test_invalid_arguments(words: list[str], said: str, then: str, ask: Callable[..., tuple[int, str, str]]) -> None:
    """Exit code 2; the error says what is wrong and what to do next."""
    code, out, err = ask(*words)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert said in err
    assert then in err


def test_the_state_is_required(ask: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    """The error names the command that writes a state."""
    code, _, err = ask("worker", state=False)
    assert (code, "pulumi stack export --file state.json" in err) == (2, True)
    code, _, err = ask("worker", "--state", str(tmp_path / "none.json"), state=False)
    assert (code, "none.json cannot be read" in err) == (2, True)


def test_control_characters_are_not_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are removed from names and values."""
    evil = "\x1b[2Jevil"
    held = [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{evil}"}]
    resources = [role(evil), item(ROLE_POLICY, evil, {"role": f"{evil}-1a2b3c4", "policy": policy(held)})]
    path = tmp_path / "state.json"
    path.write_text(json.dumps({"version": 3, "deployment": {"resources": resources}}))
    for words in ([evil], ["nobody"], ["can", evil, "s3:GetObject", f"arn:aws:s3:::{evil}"], ["can", evil, "x", "*"]):
        main(["iam", *words, "--state", str(path)])
        said = capsys.readouterr()
        assert "\x1b" not in said.out + said.err
