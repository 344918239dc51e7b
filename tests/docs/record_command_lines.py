"""Records what the Azure CLI takes: `python -m tests.docs.record_command_lines <its az>`.

Rewrites command_lines.json: for each command of the pages that the installed CLI knows, its
options and which of them are required, as its own help says. What extensions add, and commands of
other tools (`kubectl`, `kubelogin`), are kept as they are; their `source` says where from.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

TABLE = Path(__file__).with_name("command_lines.json")
_OPTION = re.compile(r"^    (-[^:\[]*?)(\s+\[(.*?)\])?\s*:", re.MULTILINE)


def recorded(program: str, command: str) -> dict[str, object]:
    """Options of a command: all spellings, and the spellings of each required one."""
    words = command.split()[1:]
    answer = subprocess.run([program, *words, "--help"], capture_output=True, text=True, check=True)
    options: list[str] = []
    required: list[list[str]] = []
    for match in _OPTION.finditer(answer.stdout):
        spellings = match[1].split()
        options.extend(spellings)
        if "Required" in (match[3] or ""):
            required.append(spellings)
    return {"options": sorted(set(options)), "required": required}


def main(program: str) -> None:
    """Record every command whose source is the Azure CLI itself."""
    answer = subprocess.run([program, "version"], capture_output=True, text=True, check=True)
    source = f"azure-cli {json.loads(answer.stdout)['azure-cli']}"
    table = json.loads(TABLE.read_text())
    for command, row in table.items():
        if row.get("source", "azure-cli").startswith("azure-cli"):
            more = {key: row[key] for key in ("extension",) if key in row}
            table[command] = {**recorded(program, command), **more, "source": source}
    TABLE.write_text(json.dumps(dict(sorted(table.items())), indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
