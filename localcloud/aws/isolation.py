"""The local AWS connects to this machine only, whatever its libraries do."""

from __future__ import annotations

import ipaddress
import sys

LOCAL_NAMES = frozenset({"", "localhost", "127.0.0.1", "::1"})


def block_external_connections() -> None:
    """Reject every connection and name lookup that would leave this machine, until the process ends."""
    sys.addaudithook(audit_hook)


def audit_hook(event: str, arguments: tuple[object, ...]) -> None:
    """Raise PermissionError for an audit event that would leave this machine."""
    if event == "socket.connect":
        address = arguments[1]
        if isinstance(address, tuple) and not _local(str(address[0])):
            raise PermissionError(f"the local AWS does not connect to {address[0]}")
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = arguments[0].decode() if isinstance(arguments[0], bytes) else str(arguments[0] or "")
        if not _local(host):
            raise PermissionError(f"the local AWS does not look up {host}")


def _local(host: str) -> bool:
    if host in LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
