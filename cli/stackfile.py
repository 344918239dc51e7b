"""The local copy of a stack file.

It says what the committed one says, with throwaway values for the secrets that one leaves out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

import yaml

from cli import yaml_text
from cli.console import Failure
from cli.placeholder_values import THROWAWAYS, Throwaway, look_up

SALT = "encryptionsalt"
OTHER_SECRETS_PROVIDERS = ("secretsprovider", "encryptedkey")


def committed_file(stack: str, root: Path) -> Path:
    """The file of a stack: `Pulumi.<stack>.yaml`, or the example of that name.

    Raises `Failure` that lists what there is when there is neither.
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
    """The `config` of a stack file as it stands there, and the paths of values that it lacks.

    What it lacks is secret or personal; a value that is there encrypted is not lacking. Raises
    `Failure` where the file is no stack file.
    """
    config = _read(committed)["config"]
    missing = [
        throwaway.path
        for throwaway in THROWAWAYS
        if throwaway.wanted(config) and look_up(config, *throwaway.steps) is None
    ]
    return config, missing


def settings_without_engine(committed: Path) -> dict[str, Any]:
    """The `config` of a committed stack file with throwaway values in the clear.

    For looking at a stack without the engine, which alone can encrypt. Raises as `refresh` does.
    """
    document, missing = _complete(committed, {})
    for throwaway in missing:
        _put(document, throwaway, throwaway.make(document["config"]))
    return document["config"]


def refresh(committed: Path, local: Path) -> list[Throwaway]:
    """Write `local` anew from `committed`, keeping the salt and the throwaway values it holds.

    Returns the throwaway values that are still to be made. Where the committed file holds a secret
    that only its operator can decrypt, the throwaway value takes its place.

    Raises `Failure` when `committed` is missing, is not a stack file, or holds a secret for which
    there is no throwaway value.
    """
    document, missing = _complete(committed, _read(local) if local.exists() else {})
    local.parent.mkdir(parents=True, exist_ok=True)
    new = local.with_suffix(".new")
    new.write_text(yaml_text.write(document))
    new.replace(local)
    return missing


def _complete(committed: Path, kept: Mapping[str, Any]) -> tuple[dict[str, Any], list[Throwaway]]:
    """The committed document with what is `kept` from an earlier copy, and what is missing."""
    if not committed.exists():
        raise Failure(f"{committed} is missing")
    document = _read(committed)
    for key in (SALT, *OTHER_SECRETS_PROVIDERS):
        document.pop(key, None)
    if SALT in kept:
        document[SALT] = kept[SALT]
    missing: list[Throwaway] = []
    for throwaway in THROWAWAYS:
        if (
            not throwaway.wanted(document["config"])
            or _is_readable(document, throwaway)
            or not _has_room(document, throwaway)
        ):
            continue
        value = look_up(kept, "config", *throwaway.steps)
        if value is None or SALT not in kept:
            _remove(document, throwaway)
            missing.append(throwaway)
        else:
            _put(document, throwaway, value)
    if unreadable := _encrypted(document["config"], known=[item.steps for item in THROWAWAYS]):
        raise Failure(
            f"{committed.name} holds secrets that a local run can't decrypt and knows no throwaway "
            f"value for: {', '.join(unreadable)}"
        )
    return document, missing


def make(missing: list[Throwaway], local: Path) -> list[str]:
    """Arguments of `pulumi config set-all` that set the `missing` values in `local`."""
    settings = _read(local)["config"]
    arguments = ["--path"]
    for throwaway in missing:
        kind = "--secret" if throwaway.secret else "--plaintext"
        arguments += [kind, f"{throwaway.path}={throwaway.make(settings)}"]
    return arguments


def _read(file: Path) -> dict[str, Any]:
    text = file.read_text()
    try:
        document = yaml_text.read(text)
    except yaml.YAMLError as error:
        raise Failure(f"{file}{yaml_text.explained(error, text)}") from error
    if document is None:
        document = {}
    if not isinstance(document, dict) or not isinstance(document.get("config", {}), dict):  # pyright: ignore[reportUnknownMemberType]
        raise Failure(f"{file}: must be a stack file: it needs an object `config`; add one")
    return {"config": {}, **document}


def _is_readable(document: Mapping[str, Any], throwaway: Throwaway) -> bool:
    value = look_up(document, "config", *throwaway.steps)
    return value is not None and not _is_encrypted(value)


def _has_room(document: Mapping[str, Any], throwaway: Throwaway) -> bool:
    """Whether only objects lead to the value; the program reports anything else."""
    steps = ["config", *throwaway.steps[:-1]]
    parents = [look_up(document, *steps[:depth]) for depth in range(1, len(steps) + 1)]
    return all(isinstance(parent, Mapping | None) for parent in parents)


def _is_encrypted(value: Any) -> bool:
    return isinstance(value, Mapping) and list(cast("Mapping[Any, Any]", value)) == ["secure"]


def _put(document: dict[str, Any], throwaway: Throwaway, value: Any) -> None:
    *parents, last = ["config", *throwaway.steps]
    target = document
    for step in parents:
        if target.get(step) is None:
            target[step] = {}
        target = target[step]
    target[last] = value


def _remove(document: dict[str, Any], throwaway: Throwaway) -> None:
    *parents, last = ["config", *throwaway.steps]
    parent = look_up(document, *parents)
    if isinstance(parent, dict):
        cast("dict[str, Any]", parent).pop(last, None)


def _encrypted(settings: Any, known: list[list[str]], at: tuple[str, ...] = ()) -> list[str]:
    """The paths of encrypted values below `settings` other than the `known` ones."""
    if _is_encrypted(settings):
        return [] if list(at) in known else [".".join(at)]
    children: Iterable[tuple[Any, Any]] = ()
    if isinstance(settings, Mapping):
        children = cast("Mapping[Any, Any]", settings).items()
    elif isinstance(settings, list):
        children = enumerate(cast("list[Any]", settings))
    return [path for key, value in children for path in _encrypted(value, known, (*at, str(key)))]
