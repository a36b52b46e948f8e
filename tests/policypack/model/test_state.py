"""Reading the state that Pulumi writes."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policypack.model import QUEUE, Archive, Asset, Reference, Stack, is_secret, is_unknown
from policypack.model.signatures import ARCHIVE, ASSET, OUTPUT, RESOURCE, SECRET, SIGNATURE
from policypack.model.state import StateError, read, stack_of

if TYPE_CHECKING:
    from pathlib import Path

URN = "urn:pulumi:dev::app::aws:sqs/queue:Queue::work"


def state(*resources: Any, version: Any = 3, **more: Any) -> dict[str, Any]:
    """Give an export with these resources."""
    return {"version": version, "deployment": {"manifest": {}, "resources": list(resources), **more}}


def queue(outputs: Any = None, **more: Any) -> dict[str, Any]:
    """Give one resource as an export has it."""
    return {"urn": URN, "custom": True, "id": "https://sqs/work", "type": QUEUE, "outputs": outputs or {}, **more}


def held(value: Any) -> Any:
    """Give the value of a property after reading."""
    (found,) = stack_of(state(queue({"it": value}))).resources
    return found.get("it")


def test_a_resource_has_all_that_rules_read() -> None:
    """Its identity, its outputs with the ID, and its dependencies."""
    role = "urn:pulumi:dev::app::aws:iam/role:Role::role"
    item = queue(
        {"name": "work", "delaySeconds": 3.0, "__defaults": []},
        parent="urn:pulumi:dev::app::team:Parts::parts",
        protect=True,
        dependencies=[role],
        propertyDependencies={"policy": [role]},
    )
    (found,) = stack_of(state(item)).resources
    assert (found.urn, found.type, found.name, found.protect) == (URN, QUEUE, "work", True)
    assert found.value == {"name": "work", "delaySeconds": 3, "id": "https://sqs/work"}
    assert (found.parent, found.dependencies) == (item["parent"], (role,))
    assert found.dependencies_of("policy[0]") == (role,)


def test_inputs_are_used_where_outputs_are_missing() -> None:
    """A resource whose creation failed has no outputs."""
    (found,) = stack_of(state({**queue(), "outputs": None, "inputs": {"name": "work"}})).resources
    assert found.get("name") == "work"


def test_only_resources_of_the_program_are_read() -> None:
    """Not the stack itself, providers, and resources that are pending deletion."""
    others = [
        queue(delete=True),
        {"urn": "urn:pulumi:dev::app::pulumi:pulumi:Stack::app-dev", "type": "pulumi:pulumi:Stack"},
        {"urn": "urn:pulumi:dev::app::pulumi:providers:aws::default", "type": "pulumi:providers:aws"},
    ]
    assert stack_of(state(*others)).resources == []


def test_a_checkpoint_of_a_self_managed_backend_is_read() -> None:
    """It has the same resources inside another object."""
    checkpoint = {"version": 3, "checkpoint": {"stack": "dev", "latest": {"resources": [queue()]}}}
    assert len(stack_of(checkpoint).resources) == 1
    assert stack_of({"version": 3, "deployment": {"resources": None}}).resources == []


def test_secrets_are_unknown_or_marked() -> None:
    """An export contains ciphertext, or with --show-secrets the plaintext as JSON."""
    encrypted = held({SIGNATURE: SECRET, "ciphertext": "v1:abc"})
    assert is_unknown(encrypted)
    shown = held({SIGNATURE: SECRET, "plaintext": json.dumps({"password": "hunter2"})})
    assert is_secret(shown["password"])
    assert "hunter2" not in f"{shown}"
    assert is_unknown(held({SIGNATURE: SECRET, "plaintext": "{"}))


def test_an_unknown_value_has_its_path() -> None:
    """Messages show it."""
    value = held({"deep": [{SIGNATURE: SECRET, "ciphertext": "v1:abc"}]})
    assert value["deep"][0].path == "it.deep[0]"


def test_other_kinds_of_values() -> None:
    """Assets, archives, references and outputs."""
    assert held({SIGNATURE: ASSET, "hash": "1", "path": "a.py", "text": None}) == Asset(hash="1", path="a.py")
    archive = held({SIGNATURE: ARCHIVE, "hash": "2", "assets": {"a.py": {SIGNATURE: ASSET, "hash": "1"}}})
    assert archive == Archive(hash="2", assets={"a.py": Asset(hash="1")})
    assert held({SIGNATURE: RESOURCE, "urn": URN, "id": "i"}) == Reference(urn=URN, id="i")
    assert held({SIGNATURE: OUTPUT, "value": 1.0}) == 1
    assert is_secret(held({SIGNATURE: OUTPUT, "value": "x", "secret": True}))
    assert is_unknown(held({SIGNATURE: OUTPUT}))
    assert is_unknown(held({SIGNATURE: "of another day"}))
    assert is_unknown(held("04da6b54-80e4-46f7-96ec-b56ff0331ba9"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is not JSON"),
        ("{", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ("[]", "a JSON object is needed"),
        ("{}", "it has no version and deployment"),
        (json.dumps({"version": True, "deployment": {}}), "it has no version and deployment"),
        (json.dumps({"steps": [], "changeSummary": {}}), "it has no version and deployment"),  # a preview's JSON
        (json.dumps(state(version=1)), "is of version 1"),
        (json.dumps({"version": 3, "deployment": {"resources": 5}}), "its resources are no list"),
        (json.dumps(state({"type": QUEUE})), "resource 0 has no urn and type"),
        (json.dumps(state(5)), "resource 0 has no urn and type"),
        (json.dumps(state(queue()))[:-2] + "]" + "}" * 0, "it is not JSON"),
    ],
)
def test_an_invalid_state_is_an_error(text: str, said: str, tmp_path: Path) -> None:
    """The message names the file."""
    path = tmp_path / "state.json"
    path.write_text(text)
    with pytest.raises(StateError, match=said) as raised:
        read(path)
    assert str(path) in raised.value.what


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """A missing file, a folder, and a binary file."""
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(StateError, match="cannot be read"):
            read(path)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StateError, match="not text in UTF-8"):
        read(tmp_path / "binary")


def test_deep_nesting_is_an_error() -> None:
    """Deeper than Python's recursion limit."""
    deep: Any = "x"
    for _ in range(5_000):
        deep = [deep]
    with pytest.raises(StateError, match="nested too deeply"):
        stack_of(state(queue({"it": deep})))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [SIGNATURE, "value", "plaintext", "ciphertext", "urn", "type", "id", "outputs", "resources", "version"]
            ),
            inner | st.sampled_from([SECRET, OUTPUT, ASSET, ARCHIVE, RESOURCE]),
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(JSON)
def test_any_json_is_a_stack_or_an_error(data: Any) -> None:
    """Never another exception."""
    for document in (
        data,
        state(data),
        state(queue({"it": data}, dependencies=data, propertyDependencies=data, id=data)),
    ):
        with suppress(StateError):
            assert isinstance(stack_of(document), Stack)
