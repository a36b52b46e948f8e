"""All that the engine sees: the pack, served."""

from policypack.host.stock import serve
from policypack.pack import PACK

serve(PACK)
