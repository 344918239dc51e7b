"""Stands in for `az`, `kubectl` and others while the pages' commands run.

Takes a command line only where the recorded options of that command take it (command_lines.json),
with every value filled in; anything else ends with exit status 2 and says why.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

TABLE = Path(__file__).with_name("command_lines.json")
FREE = frozenset({"curl", "ssh", "nslookup", "chroot", "cloud-init"})
"""Programs whose command lines are not looked at but for what is not filled in."""
_OPEN = re.compile(r"<[a-z][^>]*>|\$\{|…")


def refusal(line: list[str]) -> str | None:
    """What is wrong with a command line, None if nothing is."""
    for word in line:
        if not word or _OPEN.search(word):
            return f"{word!r} is not filled in"
    program = Path(line[0]).name
    if program in FREE:
        return None
    table = json.loads(TABLE.read_text())
    words = [program, *line[1:]]
    prefixes = (" ".join(words[:length]) for length in range(len(words), 0, -1))
    command = next((text for text in prefixes if text in table), None)
    if command is None:
        return "no such command is recorded"
    row = table[command]
    given = {word.partition("=")[0] for word in words if re.match(r"--?[a-zA-Z]", word)}
    known = {*row["options"], *row.get("extension", {}).get("options", ())}
    if strange := given - known:
        return f"{command} takes no {', '.join(sorted(strange))}"
    for spellings in row["required"]:
        if not given & set(spellings):
            return f"{command} asks for {spellings[0]}"
    return None


if __name__ == "__main__":
    wrong = refusal(sys.argv[1:])
    if wrong:
        sys.stderr.write(f"stand-in: {' '.join(sys.argv[1:])}: {wrong}\n")
    sys.exit(2 if wrong else 0)
