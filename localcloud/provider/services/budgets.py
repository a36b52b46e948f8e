"""Budgets and their notifications."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar

from localcloud.provider import api_parameters, naming
from localcloud.provider.regular_kind import Tags, prefix_of
from localcloud.provider.resource_kind import Call, Kind, Name, Table

STAMP = "%Y-%m-%d_%H:%M"
TAGS = Tags(
    put="tag_resource",
    drop="untag_resource",
    ask="list_tags_for_resource",
    resource="ResourceARN",
    tags="ResourceTags",
    keys="ResourceTagKeys",
    answer="ResourceTags",
)
KINDS_OF_COST = (
    "includeCredit",
    "includeDiscount",
    "includeOtherSubscription",
    "includeRecurring",
    "includeRefund",
    "includeSubscription",
    "includeSupport",
    "includeTax",
    "includeUpfront",
)
SUBSCRIBERS = {"subscriberEmailAddresses": "EMAIL", "subscriberSnsTopicArns": "SNS"}
NOTIFICATION = {
    "comparisonOperator": "ComparisonOperator",
    "notificationType": "NotificationType",
    "threshold": "Threshold",
    "thresholdType": "ThresholdType",
}


class Budget(Kind):
    """A budget. Its id is ACCOUNT:NAME."""

    urn_type = "aws:budgets/budget:Budget"
    service = "budgets"
    name = Name(longest=100)
    defaults: ClassVar[Table] = {
        "timePeriodEnd": "2087-06-15_00:00",
        **{f"costTypes.{each}": True for each in KINDS_OF_COST},
        "costTypes.useAmortized": False,
        "costTypes.useBlended": False,
    }
    replaces = frozenset({"accountId", "name", "namePrefix"})
    sets = frozenset({"costFilters", "notifications", "plannedLimits", *SUBSCRIBERS})
    choices: ClassVar[dict[str, tuple[str, ...]]] = {
        "notifications[].comparisonOperator": ("EQUAL_TO", "GREATER_THAN", "LESS_THAN"),
        "notifications[].notificationType": ("ACTUAL", "FORECASTED"),
        "notifications[].thresholdType": ("ABSOLUTE_VALUE", "PERCENTAGE"),
        "timeUnit": ("ANNUALLY", "CUSTOM", "DAILY", "MONTHLY", "QUARTERLY"),
    }
    unsupported: ClassVar[dict[str, str]] = {
        "autoAdjustData": "limitAmount",
        "billingViewArn": "costFilters",
        "filterExpression": "costFilters",
        "metrics": "costTypes",
        "plannedLimits": "limitAmount",
    }

    def create(self, call: Call) -> str:
        """Create, with tags."""
        name, account = naming.creation_name(self, call.inputs), self._account(call)
        tags = {"ResourceTags": api_parameters.pairs(call.inputs["tagsAll"])} if call.inputs.get("tagsAll") else {}
        call.client("budgets").create_budget(AccountId=account, Budget=_budget(call.inputs, name), **tags)
        return f"{account}:{name}"

    def settle(self, call: Call) -> None:
        """Create notifications that do not exist yet."""
        described = [_notification(each) for each in self._notifications(call)]
        wanted = call.inputs.get("notifications", [])
        self._notify(call, [each for each in wanted if _notification(each) not in described])

    def read(self, call: Call) -> dict[str, Any] | None:
        """Describe it, with its notifications."""
        client = call.client("budgets")
        account, _, name = call.id.partition(":")
        described = client.describe_budget(AccountId=account, BudgetName=name)["Budget"]
        arn = f"arn:{call.cloud.partition}:budgets::{account}:budget/{name}"
        limit, period = described.get("BudgetLimit") or {}, described.get("TimePeriod") or {}
        types = {"costTypes": self.schema.properties["costTypes"]}
        return {
            **api_parameters.properties(types, described, {}),
            **TAGS.read(client, arn),
            "accountId": account,
            "arn": arn,
            "budgetType": described["BudgetType"],
            "costFilters": [
                {"name": key, "values": each} for key, each in (described.get("CostFilters") or {}).items()
            ],
            "limitAmount": _amount(call, limit.get("Amount")),
            "limitUnit": limit.get("Unit"),
            "name": name,
            "namePrefix": prefix_of(name),
            "notifications": self._notifications(call),
            "timePeriodEnd": period["End"].astimezone(dt.UTC).strftime(STAMP) if "End" in period else None,
            "timePeriodStart": period["Start"].astimezone(dt.UTC).strftime(STAMP) if "Start" in period else None,
            "timeUnit": described["TimeUnit"],
        }

    def update(self, call: Call) -> None:
        """Update budget, notifications and tags."""
        client = call.client("budgets")
        account, _, name = call.id.partition(":")
        if call.changed(*(prop for prop in self.schema.inputs.types if prop not in ("notifications", "tags"))):
            client.update_budget(AccountId=account, NewBudget=_budget(call.inputs, name))
        if call.changed("notifications"):
            for each in call.old.get("notifications") or []:
                client.delete_notification(AccountId=account, BudgetName=name, Notification=_notification(each))
            self._notify(call, call.inputs.get("notifications", []))
        if call.changed("tagsAll"):
            old, new = call.old.get("tagsAll", {}), call.inputs.get("tagsAll", {})
            TAGS.change(client, str(call.state["arn"]), old, new)

    def delete(self, call: Call) -> None:
        """Delete."""
        account, _, name = call.id.partition(":")
        call.client("budgets").delete_budget(AccountId=account, BudgetName=name)

    def _account(self, call: Call) -> str:
        return str(call.inputs.get("accountId") or call.cloud.account)

    def _notify(self, call: Call, notifications: list[dict[str, Any]]) -> None:
        account, _, name = call.id.partition(":")
        for each in notifications:
            subscribers = [
                {"SubscriptionType": kind, "Address": address}
                for prop, kind in SUBSCRIBERS.items()
                for address in each.get(prop, [])
            ]
            call.client("budgets").create_notification(
                AccountId=account, BudgetName=name, Notification=_notification(each), Subscribers=subscribers
            )

    def _notifications(self, call: Call) -> list[dict[str, Any]]:
        client = call.client("budgets")
        account, _, name = call.id.partition(":")
        place, found = {"AccountId": account, "BudgetName": name}, []
        for described in client.describe_notifications_for_budget(**place).get("Notifications") or []:
            requested = {key: described[key] for key in NOTIFICATION.values()}
            people = client.describe_subscribers_for_notification(**place, Notification=requested)["Subscribers"]
            each = {prop: described[key] for prop, key in NOTIFICATION.items()}
            for prop, kind in SUBSCRIBERS.items():
                addresses = [one["Address"] for one in people if one["SubscriptionType"] == kind]
                each |= {prop: addresses} if addresses else {}
            found.append(each)
        return found


def _budget(inputs: Table, name: str) -> dict[str, Any]:
    budget: dict[str, Any] = {
        "BudgetName": name,
        "BudgetType": inputs["budgetType"],
        "TimeUnit": inputs["timeUnit"],
        "CostTypes": {f"{key[0].upper()}{key[1:]}": each for key, each in (inputs.get("costTypes") or {}).items()},
    }
    if inputs.get("limitAmount"):
        budget["BudgetLimit"] = {"Amount": str(inputs["limitAmount"]), "Unit": str(inputs.get("limitUnit", "USD"))}
    if inputs.get("costFilters"):
        budget["CostFilters"] = {each["name"]: list(each["values"]) for each in inputs["costFilters"]}
    period = {"Start": inputs.get("timePeriodStart"), "End": inputs.get("timePeriodEnd")}
    budget["TimePeriod"] = {key: _time(each) for key, each in period.items() if each}
    return {key: value for key, value in budget.items() if value}


def _notification(given: Table) -> dict[str, Any]:
    found = {key: given[prop] for prop, key in NOTIFICATION.items()}
    return {**found, "Threshold": float(given["threshold"])}


def _time(stamp: str) -> dt.datetime:
    return dt.datetime.strptime(stamp, STAMP).replace(tzinfo=dt.UTC)


def _amount(call: Call, described: str | None) -> str | None:
    """Return the amount as in the program if it is the same number: AWS returns 100.0 for 100."""
    wanted = call.inputs.get("limitAmount")
    if described is not None and wanted is not None and Decimal(str(wanted)) == Decimal(described):
        return str(wanted)
    return described


KINDS = (Budget(),)
