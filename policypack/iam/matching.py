"""Match action and resource patterns of policies: what a pattern matches, covers (includes) and overlaps.

Source: IAM user guide, "IAM JSON policy elements: Action" and "... Resource". Actions are compared as a whole, ignoring
case. Resources are case sensitive. A pattern with all six segments of an ARN is compared segment by segment: a wildcard
in the region does not match the account, while the last segment may contain `/` and `:`. A pattern with fewer segments
is allowed to end early: "If the * wildcard is the last character of a resource ARN segment, it can expand to match
beyond the colon boundaries".
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from policypack.iam.globs import Glob, glob
from policypack.iam.policy_variables import variables_to_wildcards
from policypack.model.arn import COLONS, PREFIX, segments_of

_SEGMENTS: Final = COLONS + 1


def action_matches(pattern: str, action: str) -> bool:
    """Whether an action pattern such as `s3:Get*` matches an action such as `s3:GetObject`."""
    return _action_glob(pattern).matches(action.lower())


def covers_action(pattern: str, other: str) -> bool:
    """Whether `pattern` matches every action that `other` matches."""
    return _action_glob(pattern).covers(_action_glob(other))


def overlaps_action(pattern: str, other: str) -> bool:
    """Whether both patterns match some common action."""
    return _action_glob(pattern).overlaps(_action_glob(other))


def resource_matches(pattern: str, resource: str) -> bool:
    """Whether the pattern matches the resource: an ARN, or `*` for actions without resource-level permissions."""
    parts = _segment_globs(pattern)
    if len(parts) == 1:
        return parts[0].matches(resource)
    words = segments_of(resource)
    return len(words) == _SEGMENTS and all(map(Glob.matches, parts, words))


def covers_resource(pattern: str, other: str) -> bool:
    """Whether `pattern` certainly matches every resource that `other` matches.

    A policy variable in `other` may have any value. One in `pattern` counts only if both patterns are identical.
    """
    if pattern == other:
        return True
    parts, others = _segment_globs(pattern), _segment_globs(variables_to_wildcards(other))
    if len(parts) == 1:
        return parts[0].covers(_compiled(variables_to_wildcards(other)))
    if len(others) == 1:
        others = _padded_segment_globs(variables_to_wildcards(other))
    return len(others) == _SEGMENTS and all(map(Glob.covers, parts, others))


def overlaps_resource(pattern: str, other: str) -> bool:
    """Whether both patterns may match some common resource. Policy variables may have any value."""
    pattern, other = variables_to_wildcards(pattern), variables_to_wildcards(other)
    parts, others = _segment_globs(pattern), _segment_globs(other)
    if len(parts) == len(others) == _SEGMENTS:
        return all(map(Glob.overlaps, parts, others))
    return _compiled(pattern).overlaps(_compiled(other))


def matches_everything(pattern: str) -> bool:
    """Whether the pattern matches every string."""
    return _compiled(pattern).matches_everything


def is_pattern(text: str) -> bool:
    """Whether the text contains a wildcard or a policy variable, so that it may match more than one value."""
    return "*" in text or "?" in text or "${" in text


def arn_like(pattern: str, arn: str) -> bool:
    """Whether the condition operators ArnLike and ArnEquals (the same) match: each of the six segments separately."""
    if matches_everything(pattern):
        return True
    parts, words = segments_of(pattern), segments_of(arn)
    if len(parts) != _SEGMENTS or len(words) != _SEGMENTS:
        return False
    return all(glob(part).matches(word) for part, word in zip(parts, words, strict=True))


def _action_glob(pattern: str) -> Glob:
    return glob(pattern.lower())


_compiled = glob


@lru_cache(maxsize=4096)
def _segment_globs(pattern: str) -> tuple[Glob, ...]:
    """Six globs for a complete ARN pattern, otherwise one glob for the whole text."""
    parts = segments_of(pattern)
    if len(parts) != _SEGMENTS or parts[0] != PREFIX:
        return (glob(pattern),)
    return tuple(map(glob, parts))


def _padded_segment_globs(pattern: str) -> tuple[Glob, ...]:
    """Six globs for an ARN pattern that ends early. Empty if it is not clear which segments are missing."""
    parts = segments_of(pattern)
    if parts[0] != PREFIX or not parts[-1].endswith("*") or any(part.endswith("*") for part in parts[:-1]):
        return ()
    return tuple(map(glob, [*parts, *["*"] * (_SEGMENTS - len(parts))]))
