"""A gRPC client of the local provider, for tests: sends the engine's requests and returns plain Python values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from localcloud.provider import serve, wire
from localcloud.provider.provider import Provider

if TYPE_CHECKING:
    from collections.abc import Mapping

SEED = bytes(32)


@dataclass(frozen=True)
class Diff:
    """A Diff response: changed paths, paths that force replacement, and whether the old resource is deleted first."""

    changed: frozenset[str]
    replaces: frozenset[str]
    deletes_first: bool


class ProviderClient:
    """One provider with its server; `close` stops it."""

    def __init__(self, environ: Mapping[str, str], settings: Mapping[str, Any] | None = None) -> None:
        self.server, port = serve.start(Provider(environ))
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub = provider_pb2_grpc.ResourceProviderStub(self.channel)
        self.settings = dict(settings or {})

    def close(self) -> None:
        """Stop."""
        self.channel.close()
        self.server.stop(0).wait()

    def configure(self) -> None:
        """Send the settings."""
        self.stub.Configure(provider_pb2.ConfigureRequest(args=wire.encode(self.settings), acceptSecrets=True))

    def check(
        self, token: str, news: Mapping[str, Any], olds: Mapping[str, Any] | None = None, name: str = "thing"
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """Return the checked inputs and the failures by path."""
        response = self.stub.Check(
            provider_pb2.CheckRequest(
                urn=urn(token, name),
                news=wire.encode(news),
                olds=wire.encode(olds or {}),
                randomSeed=SEED,
            )
        )
        return wire.decode(response.inputs)[0], {each.property: each.reason for each in response.failures}

    def checked(self, token: str, news: Mapping[str, Any], name: str = "thing") -> dict[str, Any]:
        """Return the checked inputs, which must be without failures."""
        inputs, failures = self.check(token, news, name=name)
        assert not failures
        return inputs

    def preview(self, token: str, news: Mapping[str, Any]) -> dict[str, Any]:
        """Return the outputs of a create preview."""
        request = provider_pb2.CreateRequest(urn=urn(token), properties=wire.encode(news), preview=True)
        response = self.stub.Create(request)
        assert not response.id
        return wire.decode(response.properties)[0]

    def create(self, token: str, news: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Create, and return id and outputs."""
        response = self.stub.Create(provider_pb2.CreateRequest(urn=urn(token), properties=wire.encode(news)))
        return response.id, wire.decode(response.properties)[0]

    def read(
        self, token: str, identity: str, state: Mapping[str, Any] | None = None, inputs: Mapping[str, Any] | None = None
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """Return id, outputs and inputs; the id is empty if the resource no longer exists."""
        response = self.stub.Read(
            provider_pb2.ReadRequest(
                urn=urn(token),
                id=identity,
                properties=wire.encode(state or {}),
                inputs=wire.encode(inputs or {}),
            )
        )
        return response.id, wire.decode(response.properties)[0], wire.decode(response.inputs)[0]

    def diff(self, token: str, old: Mapping[str, Any], state: Mapping[str, Any], news: Mapping[str, Any]) -> Diff:
        """Return what differs."""
        response = self.stub.Diff(
            provider_pb2.DiffRequest(
                urn=urn(token),
                id="x",
                olds=wire.encode(state),
                old_inputs=wire.encode(old),
                news=wire.encode(news),
            )
        )
        assert (response.changes == provider_pb2.DiffResponse.DIFF_SOME) == bool(response.detailedDiff)
        return Diff(frozenset(response.detailedDiff), frozenset(response.replaces), response.deleteBeforeReplace)

    def update(
        self,
        token: str,
        identity: str,
        old: Mapping[str, Any],
        state: Mapping[str, Any],
        news: Mapping[str, Any],
        *,
        preview: bool = False,
    ) -> dict[str, Any]:
        """Update, and return the outputs."""
        response = self.stub.Update(
            provider_pb2.UpdateRequest(
                urn=urn(token),
                id=identity,
                olds=wire.encode(state),
                old_inputs=wire.encode(old),
                news=wire.encode(news),
                preview=preview,
            )
        )
        return wire.decode(response.properties)[0]

    def delete(self, token: str, identity: str, state: Mapping[str, Any], old: Mapping[str, Any]) -> None:
        """Delete."""
        self.stub.Delete(
            provider_pb2.DeleteRequest(
                urn=urn(token),
                id=identity,
                properties=wire.encode(state),
                old_inputs=wire.encode(old),
            )
        )

    def invoke(self, token: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Call a function."""
        response = self.stub.Invoke(provider_pb2.InvokeRequest(tok=token, args=wire.encode(arguments)))
        return wire.decode(getattr(response, "return"))[0]


def urn(token: str, name: str = "thing") -> str:
    """Make a URN."""
    return f"urn:pulumi:stack::project::{token}::{name}"
