"""What an action or resource pattern of a policy matches, covers and overlaps.

IAM user guide, "IAM JSON policy elements: Action" and "... Resource". Actions compare in lower case as a whole.
Resources compare in their own case and, where a pattern has all six segments of an ARN, segment by segment: a
wildcard in the region does not reach into the account, while the last segment may hold any `/` and `:`. A pattern
with fewer segments is one that the guide allows to end early: "If the * wildcard is the last character of a resource
ARN segment, it can expand to match beyond the colon boundaries".
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from policypack.iam.globs import Glob, glob
from policypack.iam.policy_variables import variables_to_wildcards

_SEGMENTS: Final = 6
_COLONS: Final = _SEGMENTS - 1


def action_matches(pattern: str, action: str) -> bool:
    """Whether `s3:Get*` takes `s3:GetObject`."""
    return _action_glob(pattern).matches(action.lower())


def covers_action(pattern: str, other: str) -> bool:
    """Whether every action that `other` matches is matched by `pattern`."""
    return _action_glob(pattern).covers(_action_glob(other))


def overlaps_action(pattern: str, other: str) -> bool:
    """Whether some action matches both patterns."""
    return _action_glob(pattern).overlaps(_action_glob(other))


def resource_matches(pattern: str, resource: str) -> bool:
    """Whether the pattern takes the resource: an ARN, or `*` for actions that work on no resource of their own."""
    parts = _segment_globs(pattern)
    if len(parts) == 1:
        return parts[0].matches(resource)
    words = resource.split(":", _COLONS)
    return len(words) == _SEGMENTS and all(map(Glob.matches, parts, words))


def covers_resource(pattern: str, other: str) -> bool:
    """Whether every resource that `other` matches is certainly matched by `pattern`.

    A variable in `other` may become anything, one in `pattern` is relied on only where both are the same text.
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
    """Whether some resource may match both patterns. A variable may become anything."""
    pattern, other = variables_to_wildcards(pattern), variables_to_wildcards(other)
    parts, others = _segment_globs(pattern), _segment_globs(other)
    if len(parts) == len(others) == _SEGMENTS:
        return all(map(Glob.overlaps, parts, others))
    return _compiled(pattern).overlaps(_compiled(other))


def matches_everything(pattern: str) -> bool:
    """Whether the pattern matches whatever there is."""
    return _compiled(pattern).matches_everything


def is_pattern(text: str) -> bool:
    """Whether the text has a wildcard or a variable, so that it may stand for more than itself."""
    return "*" in text or "?" in text or "${" in text


def arn_like(pattern: str, arn: str) -> bool:
    """Whether ArnLike (and ArnEquals, which is the same) takes the ARN: each of the six segments for itself."""
    if matches_everything(pattern):
        return True
    parts, words = pattern.split(":", _COLONS), arn.split(":", _COLONS)
    if len(parts) != _SEGMENTS or len(words) != _SEGMENTS:
        return False
    return all(glob(part).matches(word) for part, word in zip(parts, words, strict=True))


def _action_glob(pattern: str) -> Glob:
    return glob(pattern.lower())


_compiled = glob


@lru_cache(maxsize=4096)
def _segment_globs(pattern: str) -> tuple[Glob, ...]:
    """Six globs of a whole ARN, or the one of anything else."""
    parts = pattern.split(":", _COLONS)
    if len(parts) != _SEGMENTS or parts[0] != "arn":
        return (glob(pattern),)
    return tuple(map(glob, parts))


def _padded_segment_globs(pattern: str) -> tuple[Glob, ...]:
    """The segments of an ARN pattern that ends early, where it is clear which segments it leaves open."""
    parts = pattern.split(":")
    if parts[0] != "arn" or not parts[-1].endswith("*") or any(part.endswith("*") for part in parts[:-1]):
        return ()
    return tuple(map(glob, [*parts, *["*"] * (_SEGMENTS - len(parts))]))
