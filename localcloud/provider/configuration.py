"""The provider's configuration: from `aws.Provider(...)`, `aws:` settings and the environment."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

from localcloud.provider.aws_clients import Cloud
from localcloud.provider.wire import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping


class Configuration:
    """The settings of one provider instance.

    Only region, endpoints and defaultTags are used; credentials are ignored, as they are always fake. Unknown settings
    (in a preview) count as unset.
    """

    def __init__(self, settings: Mapping[str, Any], environ: Mapping[str, str]) -> None:
        self.settings = {key: _parsed(value) for key, value in settings.items() if not isinstance(value, Unknown)}
        self.environ = environ

    @cached_property
    def cloud(self) -> Cloud:
        """Return the AWS clients. Raises ForeignEndpointError for endpoints that are not on this machine."""
        return Cloud(self.settings, self.environ)


def _parsed(value: Any) -> Any:
    """Parse a setting: objects and lists arrive as JSON texts."""
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
