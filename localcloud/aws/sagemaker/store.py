"""The models, endpoint configurations and endpoints that exist, each as it was asked for."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Final

from localcloud.aws.wire import AwsError, arn

Document = dict[str, Any]

INVALID: Final = "ValidationException"


@dataclass
class Kind:
    """One kind of resource.

    label: in error messages. name: the member that names one. path: in its ARN, which `arn_key` is the member of.
    """

    label: str
    name: str
    path: str
    found: dict[str, Document] = field(default_factory=dict)

    @property
    def arn_key(self) -> str:
        """The member that holds the ARN."""
        return self.name.replace("Name", "Arn")

    def arn(self, name: str) -> str:
        """Return the ARN of the one with this name."""
        return arn("sagemaker", f"{self.path}/{name.lower()}")

    def create(self, wanted: Document) -> Document:
        """Keep a new one as it was sent, with what AWS adds; AwsError when the name is taken."""
        name = str(wanted[self.name])
        if name in self.found:
            raise AwsError(INVALID, f'Cannot create already existing {self.label} "{self.arn(name)}".')
        document = {**wanted, self.arn_key: self.arn(name), "CreationTime": time.time()}
        self.found[name] = document
        return document

    def get(self, name: str) -> Document:
        """Return the one with this name; AwsError when there is none."""
        if name not in self.found:
            raise AwsError(INVALID, f'Could not find {self.label} "{self.arn(name)}".')
        return self.found[name]

    def delete(self, name: str) -> None:
        """Forget one."""
        self.get(name)
        del self.found[name]

    def page(self, wanted: Document) -> tuple[list[Document], Document]:
        """Return the newest ones whose name contains what is asked for, a page of them, and the next page's token."""
        named = [one for one in self.found.values() if str(wanted.get("NameContains", "")) in one[self.name]]
        ordered = sorted(named, key=lambda one: one["CreationTime"], reverse=wanted.get("SortOrder") != "Ascending")
        first, size = int(wanted.get("NextToken") or 0), int(wanted.get("MaxResults") or 10)
        more = {"NextToken": str(first + size)} if first + size < len(ordered) else {}
        return ordered[first : first + size], more


MODELS: Final = Kind("model", "ModelName", "model")
CONFIGS: Final = Kind("endpoint configuration", "EndpointConfigName", "endpoint-config")
ENDPOINTS: Final = Kind("endpoint", "EndpointName", "endpoint")
KINDS: Final = (MODELS, CONFIGS, ENDPOINTS)


def ours(resource: str) -> bool:
    """Whether an ARN is of a kind that is kept here."""
    return any(resource.startswith(kind.arn("")) for kind in KINDS)


def tagged(resource: str) -> Document:
    """Return what an ARN names; AwsError when there is no such thing."""
    for kind in KINDS:
        for one in kind.found.values():
            if one[kind.arn_key] == resource:
                return one
    raise AwsError(INVALID, f'Could not find "{resource}".')
