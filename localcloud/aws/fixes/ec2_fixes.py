"""Changes to moto's EC2, applied when moto is first imported."""

from __future__ import annotations

from typing import Any, Final

from moto.ec2.models import security_groups, vpcs

from localcloud.aws.patching import private, replace

PREFIX_LIST: Final = 7
"""Where the prefix list stands among the parameters of a rule."""


def apply() -> None:
    """Apply the changes."""
    _descriptions()
    _modified_rules()
    _routes_of_gateways()


def _descriptions() -> None:
    """Moto returns the description of a rule for address ranges only."""
    rule: Any = security_groups.SecurityGroupRule
    initial = private(rule, "__init__")

    def made(self: Any, *args: Any, **kwargs: Any) -> None:
        initial(self, *args, **kwargs)
        prefix_list = args[PREFIX_LIST] if len(args) > PREFIX_LIST else None
        self.said = (prefix_list or {}).get("Description")

    replace(rule, "__init__", made)
    rule.description = property(
        lambda self: self.ip_range.get("Description") or self.source_group.get("Description") or self.said
    )


def _modified_rules() -> None:
    """Moto changes the ports of a rule, but not its group or prefix list."""
    backend = security_groups.SecurityGroupBackend
    modify = private(backend, "modify_security_group_rules")

    def modified(self: Any, group_id: str, rules: dict[str, dict[str, Any]]) -> None:
        modify(self, group_id, rules)
        group = self.get_security_group_by_name_or_id(group_id)
        for identity, wanted in rules.items():
            kept, said = group.get_rule(identity), wanted.get("Description")
            if wanted.get("ReferencedGroupId"):
                named = {"GroupId": wanted["ReferencedGroupId"], "Description": said}
                kept.source_group = {**kept.source_group, **named}
            if wanted.get("PrefixListId"):
                kept.prefix_list_id, kept.said = wanted["PrefixListId"], said
            if "CidrIpv4" not in wanted and "CidrIpv6" not in wanted:
                kept.ip_range.pop("Description", None)

    replace(backend, "modify_security_group_rules", modified)


def _routes_of_gateways() -> None:
    """Moto adds no route to a table that joins a gateway endpoint later, and then cannot delete the endpoint."""
    backend: Any = vpcs.VPCBackend
    modify = private(backend, "modify_vpc_endpoint")

    def modified(self: Any, vpc_id: str, **wanted: Any) -> None:
        modify(self, vpc_id=vpc_id, **wanted)
        endpoint = self.describe_vpc_endpoints(vpc_end_point_ids=[vpc_id])[0]
        prefix_list = endpoint.destination_prefix_list_id
        if not prefix_list:
            return
        for table in wanted.get("add_route_tables") or []:
            self.create_route(table, None, gateway_id=vpc_id, destination_prefix_list_id=prefix_list)
        for table in wanted.get("remove_route_tables") or []:
            self.delete_route(table, prefix_list)

    replace(backend, "modify_vpc_endpoint", modified)
