"""Where this repository is on disk."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The repository's top level: `Pulumi.yaml`, the stack files, `.local`."""
