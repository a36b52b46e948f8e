"""Every example policy gets the same answers from both servers, to every request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import EnforcementLevel

from policypack.model.signatures import ASSET, SECRET, SIGNATURE
from tests.policypack.dropin import example_policies
from tests.policypack.dropin.servers import Servers, analyze

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.message import Message
    from pulumi_policy import Policy

UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
PROPERTIES: Final[dict[str, Any]] = {
    "billing": "PROVISIONED",
    "tags": {"team": "a", "cost": UNKNOWN},
    "list": [1, {"deep": UNKNOWN}, [None]],
    "unknown": UNKNOWN,
    "password": {SIGNATURE: SECRET, "value": "hunter2"},
    "code": {SIGNATURE: ASSET, "text": "def handle(): ..."},
}


def _full() -> analyzer_pb2.AnalyzeRequest:
    request = analyze(PROPERTIES)
    request.options.protect = request.options.deleteBeforeReplaceDefined = True
    request.options.ignoreChanges.append("tags")
    request.options.aliases.extend(["old", "older"])
    request.options.additionalSecretOutputs.append("password")
    request.options.customTimeouts.create = 1.5
    request.options.parent = "urn:parent"
    request.provider.type, request.provider.name, request.provider.urn = "pulumi:providers:aws", "eu", "urn:provider"
    request.provider.properties.update({"region": "eu-west-1", "unknown": UNKNOWN})
    return request


def _stack() -> analyzer_pb2.AnalyzeStackRequest:
    stack = analyzer_pb2.AnalyzeStackRequest()
    for number, one in enumerate([_full(), analyze({}), analyze({"unknown": 1})]):
        resource = stack.resources.add(
            type=one.type, urn=f"{one.urn}{number}", name=f"jobs{number}", options=one.options
        )
        resource.properties.CopyFrom(one.properties)
        if one.HasField("provider"):
            resource.provider.CopyFrom(one.provider)
    return stack


def _configured(**policies: Any) -> analyzer_pb2.ConfigureAnalyzerRequest:
    request = analyzer_pb2.ConfigureAnalyzerRequest()
    for name, (level, properties) in policies.items():
        request.policyConfig[name].enforcementLevel = level
        request.policyConfig[name].properties.update(properties)
    return request


RUN: Final[list[tuple[str, Message]]] = [
    ("GetPluginInfo", empty_pb2.Empty()),
    ("GetAnalyzerInfo", empty_pb2.Empty()),
    ("Analyze", analyze({})),
    ("ConfigureStack", analyzer_pb2.AnalyzerStackConfigureRequest(stack="dev", project="app", tags={"owner": "us"})),
    ("Configure", _configured(policy=(analyzer_pb2.MANDATORY, {"nested": {"n": 1}, "s": "x"}), second=(2, {}))),
    ("Remediate", _full()),
    ("Analyze", _full()),
    ("Analyze", _full()),
    ("AnalyzeStack", _stack()),
    ("AnalyzeStack", analyzer_pb2.AnalyzeStackRequest()),
    ("Configure", _configured(policy=(analyzer_pb2.REMEDIATE, {}), stack=(analyzer_pb2.MANDATORY, {"nested": []}))),
    ("Remediate", _full()),
    ("Remediate", analyze(PROPERTIES)),
    ("Analyze", analyze(PROPERTIES)),
    ("AnalyzeStack", _stack()),
    ("Configure", _configured(policy=(99, {}))),
    ("Configure", _configured(policy=(0, {"n": float("nan")}))),
    ("Analyze", _full()),
    ("Configure", _configured(policy=(analyzer_pb2.DISABLED, {}))),
    ("Analyze", _full()),
    ("Remediate", _full()),
]
"""A life of a pack: every request in it is answered after all that came before."""


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"PROJECT": "app", "STACK": "dev", "DRY_RUN": "true", "CONFIG": '{"example:colour": "red"}'}
    for name, value in values.items():
        monkeypatch.setenv(f"PULUMI_{name}", value)


@pytest.mark.parametrize("level", [EnforcementLevel.ADVISORY, EnforcementLevel.REMEDIATE])
@pytest.mark.parametrize("name", example_policies.POLICIES)
def test_same_answers(name: str, level: EnforcementLevel) -> None:
    """Answers, or the errors in their place, are equal through a pack's whole life."""
    servers = Servers(lambda: [make() for make in example_policies.POLICIES[name]], enforcement_level=level)
    for method, request in RUN:
        servers.agree(method, request)


def test_same_answers_in_company() -> None:
    """All policies that let others live, in one pack."""
    asked = [(method, request) for method, request in RUN if method in {"Analyze", "AnalyzeStack", "Remediate"}]
    makes: list[Callable[[], Policy]] = []
    for entry in example_policies.POLICIES.values():
        alone = Servers(lambda entry=entry: [make() for make in entry])  # type: ignore[misc]
        if not any(isinstance(alone.agree(method, request), tuple) for method, request in asked):
            makes.extend(entry)
    assert len(makes) > 40
    servers = Servers(lambda: [make() for make in makes])
    assert min(len(servers.agree(method, request).ListFields()) for method, request in asked) > 0


@pytest.mark.parametrize(
    "pack",
    [
        {"description": "D", "display_name": "N", "readme": "# R", "provider": "aws", "repository": "https://r"},
        {"tags": ["a", "b"], "enforcement_level": EnforcementLevel.MANDATORY},
        {"description": 1},
        {"tags": [1]},
        {"initial_config": {"all": EnforcementLevel.DISABLED, "policy": {"n": 1, "deep": {"l": [1, None]}}, "": {}}},
        {"initial_config": {"policy": {"enforcementLevel": EnforcementLevel.MANDATORY}}},
        {"initial_config": {"policy": {"enforcementLevel": None, "n": 1}}},
        {"initial_config": {"policy": {"enforcementLevel": "mandatory", "n": 1}}},
        {"initial_config": {"policy": {"n": object()}}},
        {"initial_config": {}},
    ],
)
def test_same_description(pack: dict[str, Any]) -> None:
    """What a pack says of itself, its texts of wrong types too."""
    servers = Servers(lambda: [make() for make in example_policies.POLICIES["described"]], **pack)
    servers.agree("GetAnalyzerInfo", empty_pb2.Empty())


@pytest.mark.parametrize("missing", [("PROJECT",), ("CONFIG",), ("PROJECT", "STACK", "DRY_RUN", "CONFIG")])
def test_same_runtime(monkeypatch: pytest.MonkeyPatch, missing: tuple[str, ...]) -> None:
    """Without some of the environment, policies see what is left of it; broken configuration stops them."""
    for name in missing:
        monkeypatch.delenv(f"PULUMI_{name}")
    servers = Servers(lambda: [make() for make in example_policies.POLICIES["runtime"]])
    servers.agree("Analyze", _full())
    monkeypatch.setenv("PULUMI_CONFIG", "{")
    servers.agree("Analyze", _full())
