"""Anyone's pulumi_policy policies on this host: the same answers, without decoding each resource for each policy."""

from policypack.dropin.pack import PolicyPack

__all__ = ["PolicyPack"]
