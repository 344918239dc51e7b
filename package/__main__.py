"""The component package as a plugin: Pulumi runs this directory and talks to it by gRPC."""

from __future__ import annotations

import sys
from pathlib import Path

# Python puts the directory of this file first on the path; the imports are in its parent.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from package.provider import serve  # noqa: E402

serve(sys.argv[1:])
