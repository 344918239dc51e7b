"""Manifests as files, in the layout of pulumi-kubernetes' `renderYamlToDirectory`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def path_of(directory: Path, manifest: Mapping[str, Any]) -> Path:
    """Custom resource definitions are in `0-crd`, all other manifests in `1-manifest`."""
    metadata = manifest["metadata"]
    folder = "0-crd" if manifest["kind"] == "CustomResourceDefinition" else "1-manifest"
    version = manifest["apiVersion"].replace("/", "_").replace(":", "_")
    namespace = metadata.get("namespace") or "default"
    name = f"{version}-{manifest['kind'].lower()}-{namespace}-{metadata['name']}.yaml"
    return directory / folder / name


def write(directory: Path, manifest: Mapping[str, Any]) -> None:
    """Write a manifest; it replaces an earlier one of the same object."""
    import yaml

    for folder in ("0-crd", "1-manifest"):
        (directory / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    path = path_of(directory, manifest)
    path.write_text(yaml.safe_dump(dict(manifest), sort_keys=True))
    path.chmod(0o600)


def remove(directory: Path, manifest: Mapping[str, Any]) -> None:
    """Remove the file of a manifest, if it exists."""
    path_of(directory, manifest).unlink(missing_ok=True)
