"""What the program grants, watches and exports, as tables that say in which configurations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.model import METRIC_ALARM
from tools.docs.grants import grants_of, split
from tools.docs.stacks import CONFIGURATIONS, PLAIN, SHAPES
from tools.docs.table import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policypack.model import Resource
    from tools.docs.grants import Grant
    from tools.docs.stacks import Deployed

Rows = dict[tuple[str, ...], set[str]]
ABOVE: Final = {"GreaterThanThreshold": ">", "GreaterThanOrEqualToThreshold": ">="}


def exports_table(deployed: Mapping[str, Deployed]) -> str:
    """Names of exports, those together that are there in the same configurations."""
    found: Rows = {}
    for configuration, each in deployed.items():
        for name in each.exports:
            found.setdefault((name,), set()).add(configuration)
    together: dict[str, list[str]] = {}
    for (name,), configurations in sorted(found.items(), key=_commonest):
        together.setdefault(_where(configurations), []).append(f"`{name}`")
    return table(("With", "Exported"), ((where, ", ".join(names)) for where, names in together.items()))


def grants_table(deployed: Mapping[str, Deployed]) -> str:
    """Each role with what it may do to what."""
    found: Rows = {}
    for configuration, each in deployed.items():
        for grant in grants_of(each.stack):
            verb = "" if grant.statement["Effect"] == "Allow" else "denied to its own code: "
            actions = ", ".join(f"`{action}`" for action in sorted(grant.actions))
            found.setdefault((grant.role.name, verb + actions, _on(grant)), set()).add(configuration)
    merged: dict[tuple[str, str, str], list[str]] = {}
    for (role, actions, on), configurations in found.items():
        merged.setdefault((role, actions, _where(configurations)), []).append(on)
    rows = [(role, actions, ", ".join(sorted(set(places))), where) for (role, actions, where), places in merged.items()]
    return table(("Role", "May", "On", "With"), sorted(rows))


def alarms_table(deployed: Mapping[str, Deployed]) -> str:
    """Each alarm with what makes it go off."""
    found: Rows = {}
    for configuration, each in deployed.items():
        for alarm in each.stack.of_type(METRIC_ALARM):
            row = (alarm.name, _when(alarm), alarm.get("alarmDescription"))
            found.setdefault(row, set()).add(configuration)
    rows = [(f"`{name}`", when, says, _where(where)) for (name, when, says), where in found.items()]
    return table(("Alarm", "When", "What it means", "With"), sorted(rows))


def _commonest(found: tuple[tuple[str, ...], set[str]]) -> tuple[int, list[str], tuple[str, ...]]:
    name, configurations = found
    return -len(configurations), sorted(configurations), name


def _where(configurations: Iterable[str]) -> str:
    """What a configuration must have: any of these shapes, or one of the other settings."""
    found = set(configurations)
    if found == set(CONFIGURATIONS):
        return "always"
    if found == set(CONFIGURATIONS) - {"own model"}:
        return "the model that comes with the stack"
    if PLAIN in found:  # what has another ingress or a network has this shape, too
        return ", ".join(f"`{shape}`" for shape in SHAPES if shape in found)
    return ", ".join(f"`{name}`" for name in CONFIGURATIONS if name in found)


def _on(grant: Grant) -> str:
    """What a grant is about: the name of a resource, or what can be said of an ARN."""
    if grant.target is not None:
        inside = grant.to.partition(":::")[2].partition("/")[2].replace("*", "")
        inside = "" if ".tar" in inside else inside
        return f"{grant.target.name} `{inside}`" if inside else grant.target.name
    via = grant.statement.get("Condition", {}).get("StringEquals", {}).get("kms:ViaService")
    if via is not None:
        return f"the key, by way of {', '.join(sorted(service.partition('.')[0] for service in via))}"
    service, resource = split(grant.to)
    match service:
        case "logs":
            return "its log group"
        case "ecr":
            return f"`{resource}`"
        case "cloudwatch":
            return f"alarm {resource.removeprefix('alarm:').rpartition('-')[0]}"
        case _:
            return f"`{grant.to}`"


def _when(alarm: Resource) -> str:
    statistic = alarm.get("statistic") or alarm.get("extendedStatistic")
    times = alarm.get("evaluationPeriods")
    during = f"{alarm.get('period')} s" if times == 1 else f"{times} x {alarm.get('period')} s"
    bound = f"{ABOVE[alarm.get('comparisonOperator')]} {alarm.get('threshold'):,}"
    return f"{statistic} of `{alarm.get('metricName')}` {bound} in {during}"
