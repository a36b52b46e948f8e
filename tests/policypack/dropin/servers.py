"""pulumi_policy's server and ours, asked the same."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Final

import pulumi.runtime
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import EnforcementLevel, Policy
from pulumi_policy.policy import _PolicyAnalyzerServicer

from policypack.dropin.servicer import Servicer

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.message import Message

NAME: Final = "somebodys-pack"
_ADDRESS: Final = re.compile("0x[0-9a-f]+")  # of an object in memory: in texts of any class without a __repr__

Answer = Any
"""A protobuf message, or the type and the text of the exception that the engine would be told."""


class Servers:
    """Both servers with the same policies, made for each of them so that no state is shared."""

    def __init__(self, make: Callable[[], list[Policy]], **pack: Any) -> None:
        level = pack.pop("enforcement_level", EnforcementLevel.ADVISORY)
        config, tags = pack.pop("initial_config", None), pack.pop("tags", None)
        texts = [pack.get(name) for name in ("description", "display_name", "readme", "provider", "repository")]
        stock: Any = _PolicyAnalyzerServicer
        self.stock = stock(NAME, "0.0.1", make(), level, config, *texts[:4], tags, texts[4])
        names = ("description", "displayName", "readme", "provider", "repository")
        self.ours = Servicer(
            NAME,
            make(),
            enforcement_level=level,
            initial_config=config,
            texts=dict(zip(names, texts, strict=True)),
            tags=tags,
        )

    def answers(self, method: str, request: Message) -> tuple[Answer, Answer]:
        """What each of the two answers to its own copy of a request."""
        return answer(self.stock, method, request), answer(self.ours, method, request)

    def agree(self, method: str, request: Message) -> Answer:
        """The answer of both. Fails if they differ."""
        stock, ours = self.answers(method, request)
        assert ours == stock, f"{method}: pulumi_policy's server answers\n{stock}\nours\n{ours}"
        return ours


def answer(server: object, method: str, request: Message) -> Answer:
    """Ask from a worker thread, as gRPC does: there is no event loop in it."""
    copied = type(request).FromString(request.SerializeToString())
    with ThreadPoolExecutor(1) as thread:
        try:
            return _clean(thread.submit(copy_context().run, _ask, getattr(server, method), copied).result())
        except Exception as error:  # noqa: BLE001 - the answer is whatever it is
            return type(error), without_addresses(str(error))


def _ask(method: Any, request: Message) -> Any:
    pulumi.runtime.set_all_config({})  # what policies configure stays in this context, and out of other tests
    return method(request, None)


def without_addresses(text: str) -> str:
    """A text that is the same for two objects of one class."""
    return _ADDRESS.sub("0x", text)


def _clean(response: Any) -> Any:
    for diagnostic in getattr(response, "diagnostics", ()):
        diagnostic.message = without_addresses(diagnostic.message)
    return response


def analyze(properties: Any, **fields: Any) -> analyzer_pb2.AnalyzeRequest:
    """A resource as the engine presents it."""
    request = analyzer_pb2.AnalyzeRequest(
        type="aws:sqs/queue:Queue", urn="urn:pulumi:dev::app::aws:sqs/queue:Queue::jobs", name="jobs", **fields
    )
    request.properties.update(properties)
    return request


def messages(response: analyzer_pb2.AnalyzeResponse) -> list[str]:
    """What was reported, without the policy's description."""
    return [diagnostic.message.partition("\n")[2] or diagnostic.message for diagnostic in response.diagnostics]
