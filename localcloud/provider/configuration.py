"""The provider's own configuration: what `aws.Provider(...)` and `aws:` settings say, and the environment."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

from localcloud.provider.cloud import Cloud
from localcloud.provider.wire import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping


class Configuration:
    """Settings of one provider instance.

    Only region, endpoints and defaultTags mean something here; credentials are ignored, as all of them are made up.
    Unknown settings (in a preview) count as not set.
    """

    def __init__(self, settings: Mapping[str, Any], environ: Mapping[str, str]) -> None:
        self.settings = {key: _parsed(value) for key, value in settings.items() if not isinstance(value, Unknown)}
        self.environ = environ

    @cached_property
    def cloud(self) -> Cloud:
        """Return the AWS to talk to. Raise ForeignEndpointError for endpoints that are not on this machine."""
        return Cloud(self.settings, self.environ)


def _parsed(value: Any) -> Any:
    """Read a setting: objects and lists come as JSON texts."""
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
