"""What nobody should send or write, and somebody will: at a running server, over gRPC, as the engine reaches it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime.proto import analyzer_pb2

from policypack.host import wire
from policypack.host.request_reading import DEEPEST, UnreadableError, read
from policypack.model import EVENT_SOURCE_MAPPING, FUNCTION, TABLE, signatures
from tests.localcloud.engine.small_projects import write_pack
from tests.policypack.dropin.child import started
from tests.policypack.host.calls import UNKNOWN, analyze, begin, configure, messages, stack, struct
from tests.policypack.host.runs import OUR_PACK, PROVISIONED, under

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from google.protobuf.descriptor import Descriptor
    from google.protobuf.message import Message

    from tests.localcloud.engine.small_projects import Project
    from tests.policypack.dropin.child import Child

ALL_KINDS = OUR_PACK.replace("from rules", "from tests.policypack.host.rules")
FINDING = "mandatory table-bills-on-demand: results: pays for provisioned capacity [billingMode]. Set billing_mode to "


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    """A running pack of rules that do everything a rule may do, and some things it should not."""
    folder = tmp_path_factory.mktemp("pack")
    with started(folder, ALL_KINDS) as child:
        yield child
        assert child.process.poll() is None, "the server did not live through all of it"
    assert "Traceback" not in (folder / "stderr").read_text()


@pytest.fixture
def child(server: Child) -> Child:
    """The running pack, at the beginning of a run and with its own settings."""
    server.ask("Configure", configure())
    server.ask("ConfigureStack", begin())
    return server


def nested(levels: int, *, lists: bool = False) -> bytes:
    """A request with a property nested so deep that protobuf itself could not write it."""
    value = field(3, b"bottom")
    for _ in range(levels):
        value = field(6, field(1, value)) if lists else field(5, field(1, field(1, b"in") + field(2, value)))
    shallow: bytes = analyze(TABLE, "results").SerializeToString()
    return shallow + field(2, field(1, field(1, b"deep") + field(2, value)))


def field(number: int, content: bytes) -> bytes:
    """A field of a protobuf message: tag, length, content."""
    length, left = b"", len(content)
    while left > 127:
        length, left = length + bytes([left & 127 | 128]), left >> 7
    return bytes([number << 3 | 2]) + length + bytes([left]) + content


def send(child: Child, method: str, data: bytes) -> Any:
    """The answer to a request of these bytes, or the code and text of the error."""
    call: Any = child._channel.unary_unary(f"/pulumirpc.Analyzer/{method}")
    try:
        return call(data, timeout=30)
    except grpc.RpcError as error:
        return error.code(), error.details()


@pytest.mark.parametrize("lists", [False, True])
@pytest.mark.parametrize("method", ["Analyze", "Remediate", "AnalyzeStack"])
def test_five_thousand_levels_are_refused_and_the_next_resource_is_judged(
    child: Child, method: str, *, lists: bool
) -> None:
    """Protobuf's parser would end the process; the refusal names the resource."""
    data = nested(5000, lists=lists)
    code, said = send(child, method, field(1, data) if method == "AnalyzeStack" else data)
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert said == f"{analyze(TABLE, 'results').urn} is nested more than 200 levels deep: too deep to judge"
    assert messages(child.ask("Analyze", analyze(TABLE, "results", ttl={"enabled": True})))[0].startswith(FINDING)


@pytest.mark.parametrize(("lists", "most"), [(False, DEEPEST // 3 - 2), (True, (DEEPEST - 3) // 2)])
def test_the_deepest_that_is_taken_can_be_judged(child: Child, most: int, *, lists: bool) -> None:
    """At the limit rules still run; one level more is refused."""
    assert messages(analyzed := child.ask("Analyze", request(nested(most, lists=lists)))), analyzed
    with pytest.raises(UnreadableError):
        request(nested(most + 1, lists=lists))


def request(data: bytes) -> Message:
    """The request that these bytes are."""
    return read(data, analyzer_pb2.AnalyzeRequest.DESCRIPTOR)


@given(st.binary(max_size=3000) | st.builds(lambda head, data: head + data * 900, st.binary(), st.binary(max_size=4)))
def test_bytes_that_are_no_request_are_refused(data: bytes) -> None:
    """Whatever they are, they are read or refused with a line: never an endless walk, never another exception."""
    for kind in (analyzer_pb2.AnalyzeRequest, analyzer_pb2.AnalyzeStackRequest):
        assert "\n" not in refusal(data, kind.DESCRIPTOR)


def refusal(data: bytes, kind: Descriptor) -> str:
    """Why these bytes are refused; nothing where they are read."""
    try:
        read(data, kind)
    except UnreadableError as error:
        return str(error)
    return ""


MARKS = st.sampled_from(
    [signatures.SECRET, signatures.OUTPUT, signatures.ASSET, signatures.ARCHIVE, signatures.RESOURCE, "newer than this"]
)
ODD_LEAVES = st.sampled_from([None, True, "", "text", UNKNOWN, math.nan, math.inf, -math.inf, 1e308, signatures.SECRET])
PARTS = st.sampled_from(["value", "secret", "id", "urn", "assets", "hash", "path", "text", "uri", signatures.SIGNATURE])
ODD = st.recursive(
    ODD_LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(PARTS, inner, max_size=4)
        | st.builds(
            lambda mark, parts: {**parts, signatures.SIGNATURE: mark}, MARKS, st.dictionaries(PARTS, inner, max_size=4)
        )
    ),
    max_leaves=8,
)


@given(ODD)
def test_whatever_is_marked_wrongly_is_decoded_all_the_same(value: Any) -> None:
    """A secret without a value, a reference whose id is unknown, an asset of lists, a mark that is a number."""
    assert list(wire.decode(struct({"it": value}))) == ["it"]


@pytest.mark.parametrize("size", [math.nan, math.inf, -math.inf, 1e308, 2.0**53 + 2, UNKNOWN])
def test_numbers_that_are_none_cost_no_other_verdict(child: Child, size: object) -> None:
    """As a property: the rule may find what it likes, the other rule still finds the token."""
    said = messages(
        child.ask("Analyze", analyze(FUNCTION, "f", memorySize=size, environment={"variables": {"TOKEN": "t"}}))
    )
    assert "advisory function-has-no-token: f: has the token t, that is t" in said[-1]


@pytest.mark.parametrize("size", [math.nan, math.inf, 1e308, 64, "much", None, [], {}])
def test_options_that_are_no_option_are_one_line(child: Child, size: object) -> None:
    """The engine checks them first, unless it is told not to: so does the pack."""
    code, said = child.ask("Configure", configure(function_is_small=(0, {"largestMemory": size})))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert said.startswith("policy configuration: function-is-small: ")
    assert "\n" not in said


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('[{"rule": "table-forgets", "rule": "table-bills-on-demand"}]', "the key 'rule' occurs twice in one object"),
        ("null", "are not a list of objects"),
        ('[{"rule": NaN}]', "needs a text in its field rule"),
        ("\x00", "the waivers of the stack configuration cannot be read"),
    ],
)
def test_waivers_that_are_none_waive_nothing(child: Child, text: str, complaint: str) -> None:
    """The finding is there, and so is what is wrong with the waivers."""
    child.ask("ConfigureStack", begin(waivers=text))
    table = analyze(TABLE, "results", ttl={"enabled": True})
    assert messages(child.ask("Analyze", table))[0].startswith(FINDING)
    assert complaint in messages(child.ask("AnalyzeStack", stack(table)))[0]


def test_rules_that_raise_recurse_exit_and_print_leave_the_server_as_it_was(child: Child) -> None:
    """Each costs its own line; another resource and the whole stack are judged afterwards."""
    broken = analyze("test:crash:Raises", "broken")
    crashed = [line.split(":")[0] for line in messages(child.ask("Analyze", broken))]
    assert crashed == [
        "advisory advisory-crash",
        "mandatory mandatory-crash",
        "advisory crash-that-exits",
        "advisory rule-that-prints",
    ]
    mapping = analyze(EVENT_SOURCE_MAPPING, "fast", functionName="worker-1")
    function = analyze(FUNCTION, "worker", name="worker-1")
    said = messages(child.ask("AnalyzeStack", stack(broken, mapping, function)))
    assert said == ["advisory mapping-is-fast: fast: calls a slow function. None."]


def test_a_stack_without_resources_and_a_type_that_no_rule_knows(child: Child) -> None:
    """Nothing is found, nothing fails."""
    assert messages(child.ask("Analyze", analyze("nobody:knows:This", "it", a=1))) == []
    assert messages(child.ask("AnalyzeStack", analyzer_pb2.AnalyzeStackRequest())) == []


RULES = """
print("an import prints")
from policypack.model import TABLE
from policypack.rule_pack import Pack
from policypack.rule import Severity, rule

@rule(on=TABLE, severity=Severity.LOW, fix="Be quiet.")
def prints(table):
    '''Prints to stdout.'''
    print("a rule prints")
    yield "is printed"

PACK = Pack("loud", "1.0.0", RULES)
"""
TWICE = "two rules are called prints: rules.prints and rules.prints"


def test_what_prints_does_not_break_the_start_and_two_rules_of_one_name_do(
    project: Callable[..., Project], tmp_path: Path
) -> None:
    """With the real engine: stdout is the engine's own; what cannot be is one line with its place."""
    made = project(PROVISIONED)
    loud = write_pack(
        tmp_path / "loud", files={"__main__.py": OUR_PACK, "rules.py": RULES.replace("RULES", "(prints,)")}
    )
    said = under(made, "preview", pack=loud)
    assert said.count("results: is printed. Be quiet.") == 1
    assert "a rule prints" in said
    twice = write_pack(
        tmp_path / "twice", files={"__main__.py": OUR_PACK, "rules.py": RULES.replace("RULES", "(prints, prints)")}
    )
    said = under(made, "preview", pack=twice, expect=None)
    assert f"error: {TWICE}" in said
    assert "Traceback" not in said


def test_configuration_that_is_not_an_object(project: Callable[..., Project]) -> None:
    """The engine refuses it; there is a message, and nothing was judged."""
    made = project(PROVISIONED)
    configs: list[Any] = [[], "strict", {"table-forgets": []}, {"table-forgets": "sometimes"}]
    for config in configs:
        said = under(made, "preview", config=config, expect=None)
        assert "error: " in said
        assert "Traceback" not in said
        assert "results:" not in said
