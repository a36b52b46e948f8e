"""The check that all endpoints are loopback addresses: the only place that decides which addresses are allowed.

The provider can never access a real account: every endpoint has to be on this machine, and the credentials are fake.
"""

from __future__ import annotations

import ipaddress
import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PREFIX: Final = "AWS_ENDPOINT_URL"
_FORM: Final = re.compile(r"https?://(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?/?")


class ForeignEndpointError(Exception):
    """An endpoint that is not on this machine."""

    def __init__(self, url: str, where: str) -> None:
        super().__init__(
            f"the local provider talks to this machine only, but {where} is {url!r}. "
            "Allowed are http://127.0.0.1:PORT, http://localhost:PORT and http://[::1]:PORT. "
            "For a real account use the official aws plugin, without localcloud."
        )


def is_loopback(url: str) -> bool:
    """Whether a URL is http(s)://HOST[:PORT][/] with a host in 127.0.0.0/8, ::1 or localhost."""
    if not _FORM.fullmatch(url):
        return False
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback and getattr(address, "ipv4_mapped", None) is None


def configured(config: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, str]:
    """Return the endpoint of each service, and the default under "". Raises ForeignEndpointError for any other host.

    config: the provider's own configuration, which takes precedence. Keys are lower case without hyphens, underscores
    and spaces, so that sagemaker-runtime, SAGEMAKER_RUNTIME and sagemakerruntime are equal.
    """
    found: dict[str, str] = {}
    for service, url, where in [*_from_environment(environ), *_from_config(config)]:
        if not is_loopback(url):
            raise ForeignEndpointError(url, where)
        found[key(service)] = url.rstrip("/")
    return found


def key(service: str) -> str:
    """Normalise the spelling of a service's name."""
    return re.sub(r"[^a-z0-9]", "", service.lower())


def _from_environment(environ: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for name, value in sorted(environ.items()):
        if value and (name == PREFIX or name.startswith(f"{PREFIX}_")):
            yield name.removeprefix(PREFIX), value, name


def _from_config(config: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    given = config.get("endpoints") or []
    for entry in json.loads(given) if isinstance(given, str) else given:
        for service, url in entry.items() if isinstance(entry, dict) else ():
            if url and isinstance(url, str):
                yield service, url, f"the provider's endpoints.{service}"
