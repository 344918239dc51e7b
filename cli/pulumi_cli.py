"""Finds the Pulumi CLI, or obtains it: from the vendor's installer, else by building it with Go.

What was obtained is kept in the user's cache directory, apart from any Pulumi of the user's own,
under a name that follows from everything it is made of, and is used by every later run.
`python -m cli.pulumi_cli` does so ahead of time and prints the directory.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cli import progress
from cli.command import reports_errors
from cli.console import Failure, say
from cli.locks import exclusive
from support.repository import ROOT

VERSION = (3, 259, 0)
"""The CLI that is obtained, and the oldest one on PATH that is used."""

PROVIDER_PACKAGES = {"azure-native": "pulumi-azure-native", "kubernetes": "pulumi-kubernetes"}
"""Provider plugins, and the Python packages that ask for the plugin of their own version."""

INSTALLER = "https://get.pulumi.com/install.sh"
INSTALLER_ANSWERS_WITHIN_SECONDS = 5
INSTALLER_ENDS_WITHIN_SECONDS = 600

CLI_MODULE = ROOT / "cli" / "go" / "pulumi-cli"
LANGUAGE_HOST_MODULE = ROOT / "cli" / "go" / "python-language-host"
CLI_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
SDK_MODULE = "github.com/pulumi/pulumi/sdk/v3"
LANGUAGE_HOST_PACKAGE = f"{SDK_MODULE}/python/cmd/pulumi-language-python"
VERSION_VARIABLE = f"{SDK_MODULE}/go/common/version.Version"

LANGUAGE_HOST = "pulumi-language-python"
LANGUAGE_HOST_SCRIPT = "pulumi-language-python-exec"


@dataclass(frozen=True)
class Engine:
    """A Pulumi CLI that works: the directory that holds `pulumi`, and its version."""

    directory: Path
    version: tuple[int, ...]

    @property
    def pulumi(self) -> Path:
        return self.directory / "pulumi"


def obtain() -> Engine:
    """The CLI on PATH if it works and is new enough, else the cached one, else a new one.

    Raises `Failure` when there is no way to have one on this machine.
    """
    if engine := _on_path():
        return engine
    directory = _cache_directory()
    waiting = "another run obtains the Pulumi CLI; waiting for it"
    with exclusive(directory.with_suffix(".lock"), waiting):
        if not directory.exists():
            _fill(directory)
    return Engine(directory / "bin", VERSION)


def cached() -> Engine | None:
    """The CLI that an earlier run obtained; None where there is none yet."""
    directory = _cache_directory()
    return Engine(directory / "bin", VERSION) if directory.exists() else None


def present() -> Engine | None:
    """The CLI that `obtain` would return at once; nothing is fetched or built."""
    return _on_path() or cached()


def _on_path() -> Engine | None:
    found = shutil.which("pulumi")
    if found is None:
        return None
    try:
        engine = examine(Path(found).parent)
    except Failure as failure:
        say(f"not using the Pulumi CLI on PATH: {failure}")
        return None
    if engine.version < VERSION:
        say(
            f"not using the Pulumi CLI on PATH: {found} is version {_dotted(engine.version)}, "
            f"and {_dotted(VERSION)} or newer is needed"
        )
        return None
    return engine


def examine(directory: Path) -> Engine:
    """The CLI in `directory`.

    Raises `Failure` when it doesn't run or has no language host for Python.
    """
    pulumi = directory / "pulumi"
    try:
        answer = subprocess.run(
            [pulumi, "version"],
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "1"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failure(f"{pulumi} does not run: {error}") from error
    version = re.match(r"v?(\d+)\.(\d+)\.(\d+)", answer.stdout)
    if answer.returncode != 0 or version is None:
        lines = (answer.stderr or answer.stdout).strip().splitlines() or ["it printed nothing"]
        raise Failure(f"`{pulumi} version` ended with exit status {answer.returncode}: {lines[-1]}")
    beside = pulumi.resolve().parent / LANGUAGE_HOST
    if not beside.exists() and shutil.which(LANGUAGE_HOST) is None:
        raise Failure(
            f"{pulumi} can't run Python: {LANGUAGE_HOST} is neither beside it nor on PATH"
        )
    return Engine(directory, tuple(int(part) for part in version.groups()))


def _cache_directory() -> Path:
    """Where an obtained CLI lives; its name changes with the version, the pins and the machine."""
    home = os.environ.get("HOME") or pwd.getpwuid(os.getuid()).pw_dir
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path(home, ".cache"))
    made_of = hashlib.sha256()
    for module in (CLI_MODULE, LANGUAGE_HOST_MODULE):
        for pins in ("go.mod", "go.sum"):
            made_of.update((module / pins).read_bytes())
    machine = f"{platform.system()}-{platform.machine()}".lower()
    name = f"{_dotted(VERSION)}-{machine}-{made_of.hexdigest()[:12]}"
    return cache / "aks-network" / "engine" / name


def _fill(directory: Path) -> None:
    """Make `directory` hold a working CLI. It appears whole or, when this is killed, not at all."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory.parent, prefix=".new-") as scratch:
        new = Path(scratch, "engine")
        try:
            _install(new)
        except Failure as failure:
            say(f"the official installer is out of reach, building with Go instead: {failure}")
            shutil.rmtree(new, ignore_errors=True)
            _build(new)
        examine(new / "bin")
        new.rename(directory)


def _install(root: Path) -> None:
    """Run the vendor's installer into `root`, leaving the user's shell profile and home alone."""
    curl = shutil.which("curl")
    if curl is None:
        raise Failure("it needs curl")
    script = root / "install.sh"
    root.mkdir()
    limit = str(INSTALLER_ANSWERS_WITHIN_SECONDS)
    fetched = subprocess.run(
        [curl, "-fsSL", "--connect-timeout", limit, "--max-time", "30", "-o", script, INSTALLER],
        capture_output=True,
        text=True,
        check=False,
    )
    if fetched.returncode != 0:
        raise Failure(fetched.stderr.strip() or f"curl ended with exit status {fetched.returncode}")
    progress.run(
        ["sh", script, "--no-edit-path", "--install-root", root, "--version", _dotted(VERSION)],
        f"installing the Pulumi CLI {_dotted(VERSION)}",
        cwd=root,
        environment=os.environ,
        limit_seconds=INSTALLER_ENDS_WITHIN_SECONDS,
    )


def _build(root: Path) -> None:
    """Build the CLI and the Python language host from the pinned Go modules into `root`."""
    environment = _go_environment()
    _require_go(environment)
    binaries = root / "bin"
    binaries.mkdir(parents=True)
    stamp = f"-s -w -X {VERSION_VARIABLE}=v{_dotted(VERSION)}"
    progress.run(
        ["go", "build", "-ldflags", stamp, "-o", binaries / "pulumi", CLI_PACKAGE],
        "building the Pulumi CLI from source (some minutes, once)",
        cwd=CLI_MODULE,
        environment=environment,
    )
    host = binaries / LANGUAGE_HOST
    progress.run(
        ["go", "build", "-ldflags", "-s -w", "-o", host, LANGUAGE_HOST_PACKAGE],
        "building Pulumi's Python language host (half a minute, once)",
        cwd=LANGUAGE_HOST_MODULE,
        environment=environment,
    )
    # The host starts programs through a script that is part of the SDK's sources.
    sdk = subprocess.run(
        ["go", "list", "-m", "-f", "{{.Dir}}", SDK_MODULE],
        cwd=CLI_MODULE,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    script = binaries / LANGUAGE_HOST_SCRIPT
    shutil.copyfile(Path(sdk, "python", "cmd", LANGUAGE_HOST_SCRIPT), script)
    script.chmod(0o755)


def _go_environment() -> dict[str, str]:
    """Go's environment; it wants a home for its caches, and has none in some CI containers."""
    home = os.environ.get("HOME") or pwd.getpwuid(os.getuid()).pw_dir
    return {**os.environ, "HOME": home}


def _require_go(environment: dict[str, str]) -> None:
    """Raises `Failure` when Go is missing, or too old and unable to fetch a newer one itself."""
    (needed,) = re.findall(r"^go (\S+)", (CLI_MODULE / "go.mod").read_text(), re.MULTILINE)
    remedy = (
        f"install the Pulumi CLI {_dotted(VERSION)} or newer (https://www.pulumi.com/docs/install),"
        f" or Go {needed} or newer (https://go.dev/dl) to have it built from source"
    )
    if shutil.which("go") is None:
        raise Failure(f"no Pulumi CLI and no Go on PATH: {remedy}")
    # Asked inside the module, a `go` that may fetch a newer toolchain answers as that one; another
    # says itself that it is too old.
    answer = subprocess.run(
        ["go", "version"],
        cwd=CLI_MODULE,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    version = re.search(r"\bgo(\d+(?:\.\d+)*)", answer.stdout)
    if answer.returncode != 0 or version is None or _parts(version[1]) < _parts(needed):
        said = (answer.stderr or answer.stdout).strip()
        raise Failure(
            f"no Pulumi CLI on PATH, and Go is too old ({said or 'no version'}): {remedy}"
        )


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)


@reports_errors()
def main(arguments: Sequence[str]) -> int:
    """Obtain the CLI and print its directory."""
    argparse.ArgumentParser(prog="python -m cli.pulumi_cli", description=__doc__).parse_args(
        arguments
    )
    print(obtain().directory)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
