"""What the name of a virtual machine size says (virtual-machines/vm-naming-conventions)."""

from __future__ import annotations

import re

_NAME = re.compile(
    r"[A-Za-z]+_(?P<family>[A-Z]+)(?P<number>\d+)(-(?P<usable>\d+))?(?!\d)(?P<rest>.*)"
)
_OLDER_D = {1: 1, 2: 2, 3: 4, 4: 8, 5: 16, 11: 2, 12: 4, 13: 8, 14: 16, 15: 20}
"""vCPUs of the D and DS series of the versions 1 and 2, whose numbers only count the sizes."""


def vcpus(size: str) -> int | None:
    """The vCPUs of a size such as Standard_D4ds_v5; None where its name does not say.

    A size with constrained vCPUs, such as Standard_E4-2ds_v5, has the second number of them.
    """
    found = _NAME.fullmatch(size)
    if found is None or found["family"] in {"G", "GS"}:
        return None
    number = int(found["usable"] or found["number"])
    older = found["family"] in {"D", "DS"} and found["rest"] in {"", "_v2", "_Promo", "_v2_Promo"}
    return _OLDER_D.get(number) if older and not found["usable"] else number
