"""What a rule sees: property values, resources, and the stack they form."""

from policypack.model.deferred import DeferredUndecided as DeferredUndecided
from policypack.model.resource import Location as Location
from policypack.model.resource import Node as Node
from policypack.model.resource import Resource as Resource
from policypack.model.stack import Stack as Stack
from policypack.model.types import *  # noqa: F403 - the type tokens are the vocabulary of every rule
from policypack.model.values import Archive as Archive
from policypack.model.values import Asset as Asset
from policypack.model.values import Reference as Reference
from policypack.model.values import Undecided as Undecided
from policypack.model.values import Unknown as Unknown
from policypack.model.values import contains_unknown as contains_unknown
from policypack.model.values import is_secret as is_secret
from policypack.model.values import is_unknown as is_unknown
from policypack.model.values import secret as secret
