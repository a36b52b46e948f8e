"""Redaction of secrets in findings and crashes, also where a rule uses only a part of a secret."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any, Final

import msgspec

from policypack.model import is_secret
from policypack.model.values import REDACTED, texts_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.judge.evaluation import Judgement
    from policypack.model import Resource

_SHORTEST: Final = 4  # characters; shorter text occurs in too many words to redact it


class Secrets:
    """The secrets of every resource that was looked at in a run.

    A secret that is formatted as a whole hides itself. This class is for parts of it: a stripped password, a field of a
    secret JSON text, a value in the text of an exception. Resources are searched only once there is text to redact.
    """

    def __init__(self) -> None:
        self._unread: list[Resource] = []
        self._texts: set[str] = set()
        self._longest_first: tuple[str, ...] = ()

    def look_at(self, resource: Resource) -> None:
        """Redact the resource's secrets from now on."""
        self._unread.append(resource)

    def clean(self, judgement: Judgement) -> Judgement:
        """The same judgement, without secrets in its texts."""
        if not judgement.findings and not judgement.crash:
            return judgement
        self._read()
        if not self._texts:
            return judgement
        findings = tuple(
            msgspec.structs.replace(each, message=self.strike(each.message), fix=self.strike(each.fix))
            for each in judgement.findings
        )
        return msgspec.structs.replace(judgement, findings=findings, crash=self.strike(judgement.crash))

    def strike(self, text: str) -> str:
        """The text with every secret that is known replaced; the longest first, since one may hold another."""
        self._read()
        for secret in self._longest_first:
            text = text.replace(secret, REDACTED)
        return text

    def _read(self) -> None:
        if not self._unread:
            return
        unread, self._unread = self._unread, []
        for resource in unread:
            self._texts.update(_secret_texts(resource.value))
        self._longest_first = tuple(sorted(self._texts, key=len, reverse=True))


def _secret_texts(value: Any) -> Iterator[str]:
    """The texts of all secrets in a value that are long enough to redact."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _secret_texts(item)
    elif is_secret(value):
        plain = str.__str__(value) if isinstance(value, str) else repr(type(value).__mro__[2](value))
        yield from _parts(plain)


def _parts(plain: str) -> Iterator[str]:
    """A secret text, and what it is made of: stripped, its lines, and the texts in it where it is JSON."""
    found = {plain, plain.strip(), *plain.splitlines()}
    if plain.lstrip()[:1] in {"{", "["}:
        with contextlib.suppress(ValueError, RecursionError):
            found.update(texts_in(json.loads(plain)))
    yield from (text for text in found if len(text) >= _SHORTEST)
