"""The local AWS talks to this machine only, whatever the libraries in it try."""

from __future__ import annotations

import ipaddress
import sys

LOCAL_NAMES = frozenset({"", "localhost", "127.0.0.1", "::1"})


def stay_home() -> None:
    """Refuse every connection and name lookup that would leave this machine, for the rest of the process."""
    sys.addaudithook(refuse)


def refuse(event: str, arguments: tuple[object, ...]) -> None:
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
