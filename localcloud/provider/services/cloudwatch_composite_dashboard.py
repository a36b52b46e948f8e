"""CloudWatch: composite alarms and dashboards."""

from __future__ import annotations

from typing import Any, ClassVar

from localcloud.provider.regular_kind import RegularKind
from localcloud.provider.resource_kind import Call, Kind, Table
from localcloud.provider.services.cloudwatch_alarm import MetricAlarm


class CompositeAlarm(RegularKind):
    """An alarm on the states of other alarms. Its id is its name."""

    urn_type = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
    service = "cloudwatch"
    making, asking, removing = "put_composite_alarm", "describe_alarms", "delete_alarms"
    changing = "put_composite_alarm"
    identity, inside = "AlarmName", "CompositeAlarms"
    renames: ClassVar[dict[str, str]] = {"arn": "AlarmArn"}
    tagging = MetricAlarm.tagging
    defaults: ClassVar[Table] = {"actionsEnabled": True}
    replaces = frozenset({"actionsEnabled", "alarmName"})
    sets = frozenset({"alarmActions", "insufficientDataActions", "okActions"})

    def create(self, call: Call) -> str:
        """Put it, with tags."""
        params = self.request(call, self.making)
        tags = call.inputs.get("tagsAll")
        params |= {"Tags": MetricAlarm.tagging.write(tags)} if tags and MetricAlarm.tagging else {}
        call.client("cloudwatch").put_composite_alarm(**params)
        return str(call.inputs["alarmName"])

    def request(self, call: Call, operation: str) -> dict[str, Any]:
        """Build the parameters; the suppressor's parts stand beside each other in the API."""
        params = super().request(call, operation)
        params.pop("Tags", None)
        suppressor = call.inputs.get("actionsSuppressor")
        if suppressor:
            params |= {
                "ActionsSuppressor": suppressor["alarm"],
                "ActionsSuppressorExtensionPeriod": suppressor["extensionPeriod"],
                "ActionsSuppressorWaitPeriod": suppressor["waitPeriod"],
            }
        return params

    def describe(self, call: Call) -> dict[str, Any]:
        """Ask by name; only metric alarms are told otherwise."""
        client = call.client("cloudwatch")
        answer: dict[str, Any] = client.describe_alarms(AlarmNames=[call.id], AlarmTypes=["CompositeAlarm"])
        return answer

    def answer(self, response: dict[str, Any]) -> dict[str, Any] | None:
        """Take the alarm, with its suppressor in the form of the properties."""
        alarm = super().answer(response)
        if alarm and alarm.get("ActionsSuppressor"):
            suppressor = {
                "Alarm": alarm["ActionsSuppressor"],
                "ExtensionPeriod": alarm.get("ActionsSuppressorExtensionPeriod"),
                "WaitPeriod": alarm.get("ActionsSuppressorWaitPeriod"),
            }
            alarm = {**alarm, "ActionsSuppressor": suppressor}
        return alarm

    def delete(self, call: Call) -> None:
        """Delete."""
        call.client("cloudwatch").delete_alarms(AlarmNames=[call.id])


class Dashboard(Kind):
    """A dashboard. Its id is its name."""

    urn_type = "aws:cloudwatch/dashboard:Dashboard"
    service = "cloudwatch"
    replaces = frozenset({"dashboardName"})
    documents = frozenset({"dashboardBody"})

    def create(self, call: Call) -> str:
        """Put it."""
        self._put(call, str(call.inputs["dashboardName"]))
        return str(call.inputs["dashboardName"])

    def read(self, call: Call) -> dict[str, Any] | None:
        """Get it."""
        client = call.client("cloudwatch")
        described = client.get_dashboard(DashboardName=call.id)
        return {
            "dashboardArn": f"arn:{call.cloud.partition}:cloudwatch::{call.cloud.account}:dashboard/{call.id}",
            "dashboardBody": described["DashboardBody"],
            "dashboardName": call.id,
            "region": client.meta.region_name,
        }

    def update(self, call: Call) -> None:
        """Put it again."""
        self._put(call, call.id)

    def delete(self, call: Call) -> None:
        """Delete."""
        call.client("cloudwatch").delete_dashboards(DashboardNames=[call.id])

    def _put(self, call: Call, name: str) -> None:
        answer = call.client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=call.inputs["dashboardBody"])
        for message in answer.get("DashboardValidationMessages") or []:
            raise RuntimeError(f"dashboard {name}: {message.get('DataPath')} {message.get('Message')}")


KINDS = (CompositeAlarm(), Dashboard())
