"""A policy that does anything a policy can do to what it is given, and reports all it sees."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pulumi
import pulumi_policy
from hypothesis import strategies as st
from pulumi_policy.proxy import UnknownValueError

from tests.policypack.dropin import arbitrary_values

if TYPE_CHECKING:
    from collections.abc import Callable


class Step(NamedTuple):
    """One thing done to one of the values seen so far."""

    operation: str
    which: int
    number: int
    key: str
    value: Any


def _write(subject: Any, step: Step) -> None:
    subject[step.key] = step.value


def _write_item(subject: Any, step: Step) -> None:
    subject[step.number] = step.value


def _write_while_iterating(subject: Any, step: Step) -> None:
    for key in subject:
        subject[f"{key}{step.key}"] = step.value


def _move(subject: Any, step: Step) -> None:
    """Write a value under another key: a view then has two places."""
    first = next(iter(subject))
    if first != "__target":  # which would put it into itself
        subject[step.key] = subject[first]


def _target_write(subject: Any, step: Step) -> Any:
    target = subject["__target"]
    if isinstance(target, list):
        target.append(step.value)
    else:
        target[step.key] = step.value
    return target


def _delete(subject: Any, step: Step) -> None:
    del subject[step.key]


def _first_of(subject: Any, _: Step) -> Any:
    return subject[next(iter(subject))]


OPERATIONS: Final[dict[str, Callable[[Any, Step], Any]]] = {
    "read": lambda subject, step: subject[step.key],
    "read first": _first_of,
    "read item": lambda subject, step: subject[step.number],
    "read slice": lambda subject, step: subject[step.number :: step.number or None],
    "read by true": lambda subject, _: subject[True],
    "get": lambda subject, step: subject.get(step.key, "default"),
    "keys": lambda subject, _: list(subject.keys()),
    "items": lambda subject, _: list(subject.items()),
    "values": lambda subject, _: list(subject.values()),
    "iterate": lambda subject, _: list(subject),
    "reversed": lambda subject, _: list(reversed(subject)),
    "has": lambda subject, step: step.key in subject,
    "has value": lambda subject, step: step.value in subject,
    "index": lambda subject, step: subject.index(step.value),
    "count": lambda subject, step: subject.count(step.value),
    "length": lambda subject, _: len(subject),
    "truth": lambda subject, _: bool(subject),
    "equals": lambda subject, step: subject == step.value,
    "equals itself": lambda subject, _: subject == subject,  # noqa: PLR0124 - not so for everything
    "equals its copy": lambda subject, _: subject == {key: subject[key] for key in subject},
    "same twice": lambda subject, step: subject[step.key] is subject[step.key],
    "hash": lambda subject, _: isinstance(hash(subject), int),
    "text": lambda subject, _: f"{subject}",
    "classes": lambda subject, _: [
        isinstance(subject, kind) for kind in (Mapping, Sequence, dict, list, pulumi.Asset, pulumi.Archive)
    ],
    "attribute": lambda subject, _: subject.bucket,
    "call": lambda subject, _: subject(),
    "add": lambda subject, step: subject + [step.value],  # noqa: RUF005 - the operator is the point
    "merge": lambda subject, step: subject | {step.key: step.value},
    "merged": lambda subject, step: {**subject, step.key: step.value},
    "write": _write,
    "write item": _write_item,
    "write while iterating": _write_while_iterating,
    "move": _move,
    "delete": _delete,
    "target": lambda subject, _: subject["__target"],
    "target write": _target_write,
    "change asset": lambda subject, _: setattr(subject, "path", "changed"),
    "copy": lambda subject, _: copy.copy(subject),
    "deep copy": lambda subject, _: copy.deepcopy(subject),
    "pickle": lambda subject, _: pickle.loads(pickle.dumps(subject)),  # noqa: S301 - our own bytes
}

steps: st.SearchStrategy[list[Step]] = st.lists(
    st.builds(
        Step,
        st.sampled_from(sorted(OPERATIONS)),
        st.integers(0, 9),
        st.integers(-3, 3),
        st.sampled_from(arbitrary_values.KEYS),
        arbitrary_values.values,
    ),
    min_size=1,
    max_size=25,
)


def run(program: list[Step], root: Any, report: Callable[..., None]) -> None:
    """Do each step, report what came of it, and at the end all there is."""
    seen = [root]
    for step in program:
        try:
            result = OPERATIONS[step.operation](
                seen[step.which % len(seen)], step._replace(value=copy.deepcopy(step.value))
            )
        except UnknownValueError as error:
            report(f"{step.operation}: {error.message} {error.props} {error.unknown_type_sentinel}")
        except Exception as error:  # noqa: BLE001 - part of what a policy sees
            report(f"{step.operation}: {type(error).__name__}: {error}")
        else:
            report(f"{step.operation}: {_brief(result)}")
            if not isinstance(result, str | bool | float | int | None):
                seen.append(result)
    report(f"in the end: {everything(root)}")


def _brief(value: Any) -> str:
    """A value without looking into views, which would settle what is to be settled lazily."""
    if isinstance(value, list):
        return f"[{', '.join(map(_brief, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(_brief, value))})"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_brief(item)}' for key, item in value.items())}}}"
    if isinstance(value, pulumi.Asset | pulumi.Archive):
        return f"{type(value).__name__} {[(name, _brief(item)) for name, item in sorted(vars(value).items())]}"
    return f"Secret({_brief(value.value)})" if isinstance(value, pulumi_policy.Secret) else repr(value)


def everything(value: Any) -> str:
    """A value with all that is in it, unknowns as text."""
    if isinstance(value, Mapping):
        items = value if isinstance(value, dict) else value["__target"]
        return f"{type(value).__name__}{{{', '.join(f'{key}: {everything(item)}' for key, item in items.items())}}}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        shown: Any = value
        items = value if isinstance(value, list) else shown["__target"]
        return f"{type(value).__name__}[{', '.join(map(everything, items))}]"
    return f"Secret({everything(value.value)})" if isinstance(value, pulumi_policy.Secret) else _brief(value)


def walk(value: Any, report: Callable[..., None], trail: str = "") -> None:
    """Reach everything there is in every way there is, and report it."""
    if isinstance(value, Mapping):
        for key in value:
            _reach(lambda key=key: value[key], report, f"{trail}.{key}")  # type: ignore[misc]
            _reach(lambda key=key: value.get(key), report, f"{trail}.{key}?")  # type: ignore[misc]
        _reach(lambda: list(value.values()), report, f"{trail}.*")
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for index in range(-len(value), len(value) + 1):
            _reach(lambda index=index: value[index], report, f"{trail}[{index}]")  # type: ignore[misc]
            _reach(lambda index=index: value[index:], report, f"{trail}[{index}:]")  # type: ignore[misc]
        _reach(lambda: list(value), report, f"{trail}[*]")


def _reach(get: Callable[[], Any], report: Callable[..., None], trail: str) -> None:
    try:
        value = get()
    except Exception as error:  # noqa: BLE001 - part of what a policy sees
        report(f"{trail}: {type(error).__name__} {error} {getattr(error, 'message', '')}")
    else:
        report(f"{trail}: {_brief(value)}")
        if len(trail) < _DEEPEST:
            walk(value, report, trail)


_DEEPEST: Final = 8  # characters; every way to everything is a lot of ways


def spoil(value: Any) -> None:
    """Change everything there is, the deepest first."""
    if isinstance(value, Mapping):
        target: Any = value["__target"]
        for key in list(target):
            spoil(target[key])
            target[key] = "spoiled"
        target["new"] = "spoiled"
    elif isinstance(value, Sequence) and not isinstance(value, str):
        target = value["__target"]  # type: ignore[call-overload]
        for index, item in enumerate(target):
            spoil(item)
            target[index] = "spoiled"
        target.append("spoiled")
    elif isinstance(value, pulumi.Asset | pulumi.Archive):
        vars(value).clear()
