"""The Analyzer service of Pulumi's protocol, reading requests so that none of them can end the process.

Protobuf's parser recurses on the processor's stack, and Pulumi's SDK takes its limit off: a value nested some thousand
levels deep ends Python without a word. So depth is found first, by a walk over the bytes that does not recurse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import grpc
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass
from pulumi.runtime.proto import analyzer_pb2

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from google.protobuf.descriptor import Descriptor
    from google.protobuf.message import Message
    from pulumi.runtime.proto.analyzer_pb2_grpc import AnalyzerServicer

    Nested = dict[int, "Nested"]
    """The fields of a message that hold messages, by number, with theirs."""

DEEPEST: Final = 600
"""Messages within messages: 200 objects in each other. No type of AWS has more than a few dozen."""
_LEAST: Final = 2  # bytes that a level takes: its tag and its length
_SERVICE: Final = analyzer_pb2.DESCRIPTOR.services_by_name["Analyzer"]
_RESOURCE: Final = analyzer_pb2.AnalyzerResource.DESCRIPTOR


class UnreadableError(Exception):
    """A request that cannot be read, and why, in one line."""


def handler(servicer: AnalyzerServicer) -> grpc.GenericRpcHandler:
    """What a gRPC server needs to serve an analyzer."""
    methods: dict[str, grpc.RpcMethodHandler[Any, Any]] = {}
    for method in _SERVICE.methods:
        methods[method.name] = grpc.unary_unary_rpc_method_handler(
            _answering(getattr(servicer, method.name), method.input_type),
            response_serializer=lambda message: message.SerializeToString(),
        )
    handlers: grpc.GenericRpcHandler = grpc.method_handlers_generic_handler(_SERVICE.full_name, methods)
    return handlers


def read(data: bytes, kind: Descriptor) -> Message:
    """Parse a request. Raises UnreadableError."""
    try:
        if len(data) > _LEAST * DEEPEST and _is_deep(data, _nested(kind)):
            levels = DEEPEST // 3
            raise UnreadableError(f"{_culprit(data, kind)} is nested more than {levels} levels deep: too deep to judge")
        return GetMessageClass(kind).FromString(data)
    except DecodeError as error:
        raise UnreadableError(f"the engine's {kind.name} cannot be read: {error}") from error


def _answering(method: Callable[[Any, Any], Any], kind: Descriptor) -> Callable[[bytes, grpc.ServicerContext], Any]:
    def answer(data: bytes, context: grpc.ServicerContext) -> Any:
        try:
            request = read(data, kind)
        except UnreadableError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        return method(request, context)

    return answer


_known: Final[dict[str, Nested]] = {}


def _nested(kind: Descriptor) -> Nested:
    if kind.full_name not in _known:
        _known[kind.full_name] = fields = {}
        fields.update({field.number: _nested(field.message_type) for field in kind.fields if field.message_type})
    return _known[kind.full_name]


def _is_deep(data: bytes, fields: Nested) -> bool:
    """Whether messages lie in each other deeper than DEEPEST. Goes only where there is room for that."""
    around = [(_parts(data, 0, len(data)), fields)]
    while around:
        parts, fields = around[-1]
        for number, _, start, end in parts:
            inner = fields.get(number)
            if inner is not None and end - start >= _LEAST * (DEEPEST - len(around)):
                if len(around) == DEEPEST:
                    return True
                around.append((_parts(data, start, end), inner))
                break
        else:
            around.pop()
    return False


def _culprit(data: bytes, kind: Descriptor) -> str:
    """The URN of the resource that is too deep: what is left of it without its messages tells."""
    fields, rest, done = _nested(kind), b"", 0
    for number, begin, start, end in _parts(data, 0, len(data)):
        if number in fields:
            if fields[number] is _nested(_RESOURCE) and _is_deep(data[start:end], fields[number]):
                return _culprit(data[start:end], _RESOURCE)
            rest, done = rest + data[done:begin], end
    return getattr(GetMessageClass(kind).FromString(rest + data[done:]), "urn", "") or f"the engine's {kind.name}"


def _parts(data: bytes, position: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """The fields that may hold messages: number, where the field begins, where its content does, where it ends."""
    while position < end:
        begin = position
        tag, position = _number(data, position)
        match tag & 7:
            case 0:
                _, position = _number(data, position)
            case 1:
                position += 8
            case 2:
                length, position = _number(data, position)
                yield tag >> 3, begin, position, min(position + length, end)
                position += length
            case 5:
                position += 4
            case _:
                return  # no message at all: the parser will say so


def _number(data: bytes, position: int) -> tuple[int, int]:
    """A number in base 128, and where it ends."""
    number = shift = 0
    while position < len(data):
        byte = data[position]
        position += 1
        number |= (byte & 127) << shift
        if byte < 128:  # noqa: PLR2004 - the last byte has no high bit
            break
        shift += 7
    return number, position
