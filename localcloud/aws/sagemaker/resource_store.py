"""The stored models, endpoint configurations and endpoints, each as it was requested."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Final

from localcloud.aws.http_messages import AwsError, arn

Document = dict[str, Any]

INVALID: Final = "ValidationException"


@dataclass
class Kind:
    """A kind of resource.

    label: in error messages. name: the member with its name. path: in its ARN, which is in the member `arn_key`.
    """

    label: str
    name: str
    path: str
    found: dict[str, Document] = field(default_factory=dict)

    @property
    def arn_key(self) -> str:
        """The member with the ARN."""
        return self.name.replace("Name", "Arn")

    def arn(self, name: str) -> str:
        """Return the ARN of the one with this name."""
        return arn("sagemaker", f"{self.path}/{name.lower()}")

    def create(self, wanted: Document) -> Document:
        """Store a new resource as it was sent, with what AWS adds. Raises AwsError if the name exists."""
        name = str(wanted[self.name])
        if name in self.found:
            raise AwsError(INVALID, f'Cannot create already existing {self.label} "{self.arn(name)}".')
        document = {**wanted, self.arn_key: self.arn(name), "CreationTime": time.time()}
        self.found[name] = document
        return document

    def get(self, name: str) -> Document:
        """Return the resource with this name. Raises AwsError if there is none."""
        if name not in self.found:
            raise AwsError(INVALID, f'Could not find {self.label} "{self.arn(name)}".')
        return self.found[name]

    def delete(self, name: str) -> None:
        """Delete the resource."""
        self.get(name)
        del self.found[name]

    def page(self, wanted: Document) -> tuple[list[Document], Document]:
        """Return a page of the newest resources whose name contains the filter, and the next page's token."""
        named = [one for one in self.found.values() if str(wanted.get("NameContains", "")) in one[self.name]]
        ordered = sorted(named, key=lambda one: one["CreationTime"], reverse=wanted.get("SortOrder") != "Ascending")
        first, size = int(wanted.get("NextToken") or 0), int(wanted.get("MaxResults") or 10)
        more = {"NextToken": str(first + size)} if first + size < len(ordered) else {}
        return ordered[first : first + size], more


MODELS: Final = Kind("model", "ModelName", "model")
CONFIGS: Final = Kind("endpoint configuration", "EndpointConfigName", "endpoint-config")
ENDPOINTS: Final = Kind("endpoint", "EndpointName", "endpoint")
KINDS: Final = (MODELS, CONFIGS, ENDPOINTS)


def is_stored_kind(resource: str) -> bool:
    """Whether an ARN is of a kind that is stored here."""
    return any(resource.startswith(kind.arn("")) for kind in KINDS)


def find_by_arn(resource: str) -> Document:
    """Return the resource with this ARN. Raises AwsError if there is none."""
    for kind in KINDS:
        for one in kind.found.values():
            if one[kind.arn_key] == resource:
                return one
    raise AwsError(INVALID, f'Could not find "{resource}".')
