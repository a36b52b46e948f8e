"""Pulumi's ResourceProvider protocol over gRPC: dispatch, and translation of errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NoReturn

import grpc
from google.protobuf import any_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from localcloud.provider import wire
from localcloud.provider.aws_clients import explain
from localcloud.provider.lifecycle import PartialCreationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from localcloud.provider.provider import Provider

CALLS: Final = {
    "Handshake": "handshake",
    "GetPluginInfo": "plugin_info",
    "GetSchema": "get_schema",
    "GetMapping": "get_mapping",
    "GetMappings": "get_mappings",
    "CheckConfig": "check_config",
    "DiffConfig": "diff_config",
    "Configure": "configure",
    "Invoke": "invoke",
    "Check": "check",
    "Diff": "diff",
    "Create": "create",
    "Read": "read",
    "Update": "update",
    "Delete": "delete",
    "Cancel": "cancel",
}
"""The protocol's calls, and the methods of Provider that answer them. All others are answered with "unimplemented"."""


def servicer(provider: Provider) -> Any:
    """Return the gRPC servicer of a provider."""
    methods = {rpc: staticmethod(_translated_errors(getattr(provider, method))) for rpc, method in CALLS.items()}
    return type("Servicer", (provider_pb2_grpc.ResourceProviderServicer,), methods)()


def _translated_errors(method: Callable[[Any], Any]) -> Callable[[Any, grpc.ServicerContext], Any]:
    """Turn exceptions into one line for the user, without a traceback."""

    def answer(request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method(request)
        except PartialCreationError as error:
            _abort_partial_creation(context, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the user has to see it
            context.abort(grpc.StatusCode.UNKNOWN, explain(error))

    return answer


def _abort_partial_creation(context: grpc.ServicerContext, error: PartialCreationError) -> NoReturn:
    """Report an error together with the existing resource, so that the engine stores it in the state."""
    detail = any_pb2.Any()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=error.resource.id,
            properties=wire.encode(error.resource.outputs, error.resource.secrets),
            inputs=wire.encode(error.resource.inputs, error.resource.secrets),
            reasons=[error.reason],
        )
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=error.reason, details=[detail])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, error.reason)
