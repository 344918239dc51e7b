"""Answers `pip list` with what the real pip answered once in this test run.

Pulumi's language host asks `python -m pip list -v --format json` at every command to find plugins
among the packages; pip takes as long for it as the engine does for a small preview. This package
stands before pip on the path of Pulumi's processes (tests/engine/conftest.py). Every other command
goes to the real pip.
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path

ASKED = ["list", "-v", "--format", "json"]
ANSWER = Path(os.environ["AKS_NETWORK_PIP_LIST"])
"""A line with the directory of the Python environment that was asked, then pip's answer."""

if sys.argv[1:] == ASKED and ANSWER.exists():
    prefix, _, text = ANSWER.read_text().partition("\n")
    if prefix == os.path.realpath(sys.prefix):
        sys.stdout.write(text)
        sys.exit()

HERE = Path(__file__).parents[1]
sys.path = [entry for entry in sys.path if Path(entry).resolve() != HERE]
del sys.modules["pip"]
runpy.run_module("pip", run_name="__main__", alter_sys=True)
