"""Tables of exports, grants and alarms, each with the configurations that have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.architecture.role_statements import role_statements
from policypack.model import METRIC_ALARM
from policypack.model.arn import parse_arn
from tools.docs.configurations import CONFIGURATIONS, DEFAULT_SHAPE, SHAPES
from tools.docs.markdown_table import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policypack.architecture.role_statements import RoleStatement
    from policypack.model import Resource
    from tools.docs.configurations import Preview

Rows = dict[tuple[str, ...], set[str]]
ABOVE: Final = {"GreaterThanThreshold": ">", "GreaterThanOrEqualToThreshold": ">="}


def exports_table(previews: Mapping[str, Preview]) -> str:
    """Names of exports, grouped by the configurations that have them."""
    found: Rows = {}
    for configuration, each in previews.items():
        for name in each.exports:
            found.setdefault((name,), set()).add(configuration)
    together: dict[str, list[str]] = {}
    for (name,), configurations in sorted(found.items(), key=_commonest):
        together.setdefault(_where(configurations), []).append(f"`{name}`")
    return table(("Configuration", "Exports"), ((where, ", ".join(names)) for where, names in together.items()))


def grants_table(previews: Mapping[str, Preview]) -> str:
    """The actions of each role, with their resources."""
    found: Rows = {}
    for configuration, each in previews.items():
        for grant in role_statements(each.stack):
            verb = "" if grant.statement["Effect"] == "Allow" else "denied to the function's code: "
            actions = ", ".join(f"`{action}`" for action in sorted(grant.actions))
            found.setdefault((grant.role.name, verb + actions, _resource(grant)), set()).add(configuration)
    merged: dict[tuple[str, str, str], list[str]] = {}
    for (role, actions, on), configurations in found.items():
        merged.setdefault((role, actions, _where(configurations)), []).append(on)
    rows = [(role, actions, ", ".join(sorted(set(places))), where) for (role, actions, where), places in merged.items()]
    return table(("Role", "Actions", "Resources", "Configuration"), sorted(rows))


def alarms_table(previews: Mapping[str, Preview]) -> str:
    """Each alarm with its condition."""
    found: Rows = {}
    for configuration, each in previews.items():
        for alarm in each.stack.of_type(METRIC_ALARM):
            row = (alarm.name, _when(alarm), alarm.get("alarmDescription"))
            found.setdefault(row, set()).add(configuration)
    rows = [(f"`{name}`", when, description, _where(where)) for (name, when, description), where in found.items()]
    return table(("Alarm", "Condition", "Description", "Configuration"), sorted(rows))


def _commonest(found: tuple[tuple[str, ...], set[str]]) -> tuple[int, list[str], tuple[str, ...]]:
    name, configurations = found
    return -len(configurations), sorted(configurations), name


def _where(configurations: Iterable[str]) -> str:
    """Describe the configurations: any of these shapes, or one of the other settings."""
    found = set(configurations)
    if found == set(CONFIGURATIONS):
        return "always"
    if found == set(CONFIGURATIONS) - {"own model"}:
        return "default model"
    if DEFAULT_SHAPE in found:  # configurations with another ingress or a VPC have this shape, too
        return ", ".join(f"`{shape}`" for shape in SHAPES if shape in found)
    return ", ".join(f"`{name}`" for name in CONFIGURATIONS if name in found)


def _resource(grant: RoleStatement) -> str:
    """The resource of a grant: its name, or a description of the ARN."""
    if grant.target is not None:
        inside = grant.arn.partition(":::")[2].partition("/")[2].replace("*", "")
        inside = "" if ".tar" in inside else inside
        return f"{grant.target.name} `{inside}`" if inside else grant.target.name
    via = grant.statement.get("Condition", {}).get("StringEquals", {}).get("kms:ViaService")
    if via is not None:
        return f"the key, through {', '.join(sorted(service.partition('.')[0] for service in via))}"
    arn = parse_arn(grant.arn)
    service, resource = (arn.service, arn.resource) if arn is not None else ("", "")
    match service:
        case "logs":
            return "its log group"
        case "ecr":
            return f"`{resource}`"
        case "cloudwatch":
            return f"alarm {resource.removeprefix('alarm:').rpartition('-')[0]}"
        case _:
            return f"`{grant.arn}`"


def _when(alarm: Resource) -> str:
    statistic = alarm.get("statistic") or alarm.get("extendedStatistic")
    times = alarm.get("evaluationPeriods")
    during = f"{alarm.get('period')} s" if times == 1 else f"{times} x {alarm.get('period')} s"
    bound = f"{ABOVE[alarm.get('comparisonOperator')]} {alarm.get('threshold'):,}"
    return f"{statistic} of `{alarm.get('metricName')}` {bound} in {during}"
