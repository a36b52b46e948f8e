"""The policy documents that the rules of this package read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.access.policy_documents import effective_documents
from policypack.model import DeferredUndecided

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.access.policy_documents import EffectiveDocument
    from policypack.iam.elements import Condition
    from policypack.model import Resource, Stack


def texts_of(holder: Resource, stack: Stack) -> Iterator[EffectiveDocument]:
    """The policy documents of a resource; raises `Undecided` at the end if part of one is unknown."""
    undecided = DeferredUndecided()
    for text in effective_documents(holder, stack):
        yield text
        if text.document.unknown_places:
            place = "" if text.document.is_unknown else f".{text.document.unknown_places[0]}"
            undecided.replace(f"{text.path}{place}")
    undecided.raise_noted()


def place_of(text: EffectiveDocument, condition: Condition) -> str:
    """The path of a condition among the properties of the resource that holds the document."""
    return f"{text.path}.{condition.place}"
