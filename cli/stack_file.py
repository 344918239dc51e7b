"""Stack files: the committed ones, and the local copy in which a run on the simulated cloud works.

The local copy says what the committed file says, with placeholder values for the secrets that the
committed file leaves out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cli import yaml_text
from cli.console import Failure
from cli.operator_values import OPERATOR_VALUES, OperatorValue
from support.nested import at, is_list, is_mapping

SECRETS_PROVIDER = ("secretsprovider", "encryptedkey", "encryptionsalt")
"""The keys of a stack file that say how its secrets are encrypted."""


def committed_file(stack: str, root: Path) -> Path:
    """The file of a stack: `Pulumi.<stack>.yaml`, or the example of that name.

    Raises `Failure` with the stacks and examples that exist when there is neither.
    """
    stacks, examples = committed_stacks(root), committed_examples(root)
    file = {**examples, **stacks}.get(stack)
    if file is None:
        raise Failure(
            f"there is no stack {stack}; the stacks are {', '.join(stacks)}; "
            f"the examples are {', '.join(examples)}"
        )
    return file


def committed_stacks(root: Path) -> dict[str, Path]:
    """The files of the environments, by stack."""
    return {path.name.split(".")[1]: path for path in sorted(root.glob("Pulumi.*.yaml"))}


def committed_examples(root: Path) -> dict[str, Path]:
    """The example stack files, by name."""
    return {
        path.stem: path
        for path in sorted((root / "examples").glob("*.yaml"))
        if not path.name.endswith(".cloud.yaml")
    }


def as_committed(committed: Path) -> tuple[dict[str, Any], list[str]]:
    """The `config` of a stack file, and the paths of the operator's values that it lacks.

    A value that the file holds encrypted is not lacking. Raises `Failure` where the file is not a
    stack file.
    """
    config = read(committed)["config"]
    missing = [
        value.path
        for value in OPERATOR_VALUES
        if value.is_needed(config) and at(config, *value.steps) is None
    ]
    return config, missing


def config_with_placeholders(committed: Path) -> dict[str, Any]:
    """The `config` of a committed stack file with placeholders for the operator's values.

    For looking at a stack without Pulumi, which alone can decrypt. Raises `Failure` as `refresh`
    does.
    """
    document, missing = _complete(committed, {})
    for value in missing:
        _put(document, value, value.placeholder(document["config"]))
    return document["config"]


def refresh(committed: Path, local: Path) -> list[OperatorValue]:
    """Write `local` from `committed`, with the secrets provider and made-up values of `local`.

    Returns the values that are still to be made up. A made-up value replaces each secret that only
    the operator can decrypt.

    Raises `Failure` when `committed` is missing, is not a stack file, or holds another secret.
    """
    document, missing = _complete(committed, read(local) if local.exists() else {})
    local.parent.mkdir(parents=True, exist_ok=True)
    new = local.with_suffix(".new")
    new.write_text(yaml_text.write(document))
    new.replace(local)
    return missing


def read(file: Path) -> dict[str, Any]:
    """The document in a stack file, with at least a `config`.

    Raises `Failure` where the file is not YAML or not a stack file.
    """
    try:
        document = yaml_text.read(file.read_text())
    except yaml_text.NotYaml as error:
        raise Failure(f"{file}{error}") from None
    if document is None:
        document = {}
    if not is_mapping(document) or not is_mapping(document.get("config", {})):
        raise Failure(f"{file}: must be a stack file: it needs an object `config`; add one")
    return {"config": {}, **document}


def _complete(
    committed: Path, earlier: Mapping[str, Any]
) -> tuple[dict[str, Any], list[OperatorValue]]:
    """The committed document with the values of an `earlier` copy, and those still missing."""
    if not committed.exists():
        raise Failure(f"{committed} is missing")
    document = read(committed)
    for key in SECRETS_PROVIDER:
        document.pop(key, None)
    provider = {key: earlier[key] for key in SECRETS_PROVIDER if key in earlier}
    document |= provider
    missing: list[OperatorValue] = []
    for value in OPERATOR_VALUES:
        if (
            not value.is_needed(document["config"])
            or _is_readable(document, value)
            or not _fits(document, value)
        ):
            continue
        made_up = at(earlier, "config", *value.steps)
        if made_up is None or not provider:
            _remove(document, value)
            missing.append(value)
        else:
            _put(document, value, made_up)
    known = [value.steps for value in OPERATOR_VALUES]
    if unreadable := _encrypted(document["config"], known):
        raise Failure(
            f"{committed.name} holds secrets that a local run can't decrypt and has no placeholder "
            f"for: {', '.join(unreadable)}"
        )
    return document, missing


def _is_readable(document: Mapping[str, Any], value: OperatorValue) -> bool:
    found = at(document, "config", *value.steps)
    return found is not None and not _is_encrypted(found)


def _fits(document: Mapping[str, Any], value: OperatorValue) -> bool:
    """Whether only objects lead to the value; the program reports anything else."""
    steps = ["config", *value.steps[:-1]]
    parents = [at(document, *steps[:depth]) for depth in range(1, len(steps) + 1)]
    return all(parent is None or is_mapping(parent) for parent in parents)


def _is_encrypted(value: Any) -> bool:
    return is_mapping(value) and list(value) == ["secure"]


def _put(document: dict[str, Any], value: OperatorValue, text: Any) -> None:
    *parents, last = ["config", *value.steps]
    target = document
    for step in parents:
        if target.get(step) is None:
            target[step] = {}
        target = target[step]
    target[last] = text


def _remove(document: dict[str, Any], value: OperatorValue) -> None:
    *parents, last = ["config", *value.steps]
    parent = at(document, *parents)
    if isinstance(parent, dict):
        parent.pop(last, None)  # pyright: ignore[reportUnknownMemberType]


def _encrypted(config: Any, known: list[list[str]], path: tuple[str, ...] = ()) -> list[str]:
    """The paths of encrypted values in `config` other than the `known` ones."""
    if _is_encrypted(config):
        return [] if list(path) in known else [".".join(path)]
    children: Iterable[tuple[Any, Any]] = ()
    if is_mapping(config):
        children = config.items()
    elif is_list(config):
        children = enumerate(config)
    return [
        found for key, child in children for found in _encrypted(child, known, (*path, str(key)))
    ]
