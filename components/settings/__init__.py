"""The configuration of a stack as frozen models, and everything that can be wrong with it.

Pure: no Pulumi. `read` takes the configuration as plain data.
"""

from __future__ import annotations
