"""Remediation: a rule that fails applies its remedy, if the changed resource then passes the rule."""

from __future__ import annotations

import contextlib
import traceback
from typing import TYPE_CHECKING, Any, Final

from pulumi.runtime.proto import analyzer_pb2

from policypack.host.answers import LARGEST
from policypack.host.merge import merge
from policypack.host.resources import WireResource
from policypack.host.wire import decode
from policypack.judge.evaluation import Verdict, judge
from policypack.model import Undecided, is_secret
from policypack.text import cut, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from policypack.rule import Options, Rule
    from policypack.rule_pack import Pack

_LONGEST: Final = 500  # characters of an exception's own text


def remediate(
    pack: Pack,
    rules: Iterable[Rule],
    request: Any,
    options: Mapping[str, Options],
    waived: Callable[[str, str], bool],
) -> analyzer_pb2.RemediateResponse:
    """Apply the remedies of the rules that fail, each to the result of the one before.

    `options` holds each rule's options by its id. `waived` takes a rule's id and a URN, and returns whether a waiver
    covers the finding: it is then not remediated.
    """
    response = analyzer_pb2.RemediateResponse()
    name = printable(WireResource(request).name)
    for rule in rules:
        chosen = options.get(rule.id)
        if not can_be_remediated(rule, request, chosen) or waived(rule.id, request.urn):
            continue
        remediation = analyzer_pb2.Remediation(
            policyName=rule.id, policyPackName=pack.name, policyPackVersion=pack.version, description=rule.why
        )
        try:
            after = remediated(rule, request, chosen)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - also sys.exit: the resource then stays as it was
            remediation.diagnostic = cut(f"{name}: {_fault(rule, request, error)}")
            response.remediations.append(remediation)
            continue
        if after is not None:
            request = after
            remediation.properties.CopyFrom(after.properties)
            response.remediations.append(remediation)
    return _fitting(response, name)


def can_be_remediated(rule: Rule, request: analyzer_pb2.AnalyzeRequest, options: Options | None) -> bool:
    """Whether the rule has a remedy, and fails for this resource."""
    return rule.remedy is not None and judge(rule, WireResource(request), None, options).verdict is Verdict.FAIL


def remediated(
    rule: Rule, request: analyzer_pb2.AnalyzeRequest, options: Options | None
) -> analyzer_pb2.AnalyzeRequest | None:
    """The resource after the rule's remedy; None if it still does not pass the rule. Raises what the remedy raises."""
    if rule.remedy is None:
        return None
    before = decode(request.properties)
    after = analyzer_pb2.AnalyzeRequest()
    after.CopyFrom(request)
    after.properties.CopyFrom(merge(request.properties, before, rule.remedy(before)))
    return after if judge(rule, WireResource(after), None, options).verdict is Verdict.PASS else None


def _fault(rule: Rule, request: analyzer_pb2.AnalyzeRequest, error: BaseException) -> str:
    """Why a remedy could not be applied, with the line of code to look at.

    The exception's own text is left out where the resource holds secrets: it may quote one in any form.
    """
    if isinstance(error, Undecided):
        return f"the remedy of {rule.id} depends on a value that is unknown until deployment: {printable(error.path)}"
    text = type(error).__name__
    if not _holds_secret(decode(request.properties)):
        with contextlib.suppress(Exception):  # an exception whose own text cannot be had
            text = f"{text}: {' '.join(str(error).split())[:_LONGEST]}"
    frames = traceback.extract_tb(error.__traceback__)
    return printable(f"the remedy of {rule.id} crashed: {text} ({frames[-1].filename}:{frames[-1].lineno})")


def _holds_secret(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_secret, value.values()))
    if isinstance(value, list):
        return any(map(_holds_secret, value))
    return is_secret(value)


def _fitting(response: analyzer_pb2.RemediateResponse, name: str) -> analyzer_pb2.RemediateResponse:
    """The response within the engine's size limit. The last remediation includes the changes of all earlier ones."""
    if response.ByteSize() <= LARGEST:
        return response
    *earlier, last = [each for each in response.remediations if each.HasField("properties")]
    for each in earlier:
        each.ClearField("properties")
        each.diagnostic = f"{name}: remediated together with {last.policyName}; the resource is too large to send twice"
    if response.ByteSize() > LARGEST:
        last.ClearField("properties")
        last.diagnostic = f"{name}: too large to remediate: the engine accepts at most {LARGEST:,} bytes"
        for each in earlier:
            response.remediations.remove(each)
    return response
