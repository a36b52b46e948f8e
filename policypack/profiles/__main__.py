"""Write the profiles."""

from policypack.pack import PACK
from policypack.profiles import rendered

for path, text in rendered(PACK).items():
    path.write_text(text)
