"""Fault injection into the local AWS, for tests."""

from __future__ import annotations

import json
import urllib.request
from typing import Any


class Faults:
    """Adds and removes faults of a local AWS, through its control API."""

    def __init__(self, url: str) -> None:
        self.url = f"{url}/_localcloud/faults"

    def __call__(self, **what: Any) -> None:
        """Add a fault."""
        self._send("POST", json.dumps(what).encode())

    def end(self) -> None:
        """Remove all faults."""
        self._send("DELETE", None)

    def _send(self, method: str, data: bytes | None) -> None:
        request = urllib.request.Request(self.url, data=data, method=method)  # noqa: S310 - loopback
        urllib.request.urlopen(request, timeout=10).close()  # noqa: S310 - the same
