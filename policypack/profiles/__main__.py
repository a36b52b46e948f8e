"""Write the profiles."""

import sys

from policypack.pack import PACK
from policypack.profiles import FOLDER, rendered

files = rendered(PACK)
for path, text in files.items():
    path.write_text(text)
sys.stderr.write(f"wrote {len(files)} profiles to {FOLDER}\n")
