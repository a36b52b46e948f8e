"""What is certain comes first, what is unknown is raised after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policypack.model import DeferredUndecided, Undecided

if TYPE_CHECKING:
    from collections.abc import Iterator


def raised(undecided: DeferredUndecided) -> str | None:
    """Give the path that is raised at the end; None where nothing is."""
    try:
        undecided.raise_noted()
    except Undecided as reason:
        return reason.path
    return None


def users(*names: str, unknown: str) -> Iterator[str]:
    """Yield some names, then say that there may be more."""
    yield from names
    raise Undecided(unknown)


def test_nothing_noted_raises_nothing() -> None:
    """None and the empty path are no reasons."""
    undecided = DeferredUndecided()
    undecided.note(None)
    undecided.note("")
    undecided.replace(None)
    undecided.replace("")
    assert raised(undecided) is None
    assert raised(DeferredUndecided("")) is None


def test_the_first_reason_is_kept() -> None:
    """Also one that is given at the beginning."""
    undecided = DeferredUndecided()
    undecided.note("policy")
    undecided.note(Undecided("role"))
    assert raised(undecided) == "policy"
    undecided = DeferredUndecided("policy")
    undecided.note("role")
    assert raised(undecided) == "policy"


def test_the_reason_can_be_yielded_instead() -> None:
    """For a rule that has more to say after it."""
    noted = DeferredUndecided("policy").noted
    assert noted is not None
    assert noted.path == "policy"
    assert DeferredUndecided().noted is None


def test_the_last_reason_replaces_others() -> None:
    """No reason replaces none."""
    undecided = DeferredUndecided("policy")
    undecided.replace("role")
    undecided.replace(None)
    assert raised(undecided) == "role"


def test_an_unknown_without_a_path_is_a_reason() -> None:
    """As raised by a value whose place nobody knows."""
    assert raised(DeferredUndecided(Undecided(""))) == ""


def test_what_an_iterable_raises_comes_after_its_items() -> None:
    """It is the latest reason."""
    undecided = DeferredUndecided("policy")
    assert list(undecided.certain(users("worker", "sender", unknown="role"))) == ["worker", "sender"]
    assert raised(undecided) == "role"
    assert list(undecided.certain(["worker"])) == ["worker"]
    assert raised(undecided) == "role"


def test_other_errors_are_not_deferred() -> None:
    """A fault of the rule stays one."""
    with pytest.raises(ZeroDivisionError):
        list(DeferredUndecided().certain(1 // item for item in [1, 0]))


def test_a_reason_may_be_raised_again() -> None:
    """Each time as a new exception, whose traceback does not grow."""
    undecided = DeferredUndecided("policy")
    seen = []
    for _ in range(2):
        with pytest.raises(Undecided) as reason:
            undecided.raise_noted()
        seen.append(reason.value)
    assert seen[0] is not seen[1]
