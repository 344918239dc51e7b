"""Finds the Pulumi CLI, or obtains it: from Pulumi's installer, else by building it with Go.

An obtained CLI goes to the user's cache directory, apart from any Pulumi that the user installed.
Its name there depends on everything that it is built from, and every later run uses it.
`python -m cli.pulumi_cli` obtains it ahead of time and prints the directory.
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
"""The version to obtain, and the oldest version on PATH to use."""

PROVIDER_PACKAGES = {"azure-native": "pulumi-azure-native", "kubernetes": "pulumi-kubernetes"}
"""Provider plugins, and the Python packages that need the plugin of their own version."""

INSTALLER = "https://get.pulumi.com/install.sh"
INSTALLER_CONNECT_SECONDS = 5
INSTALLER_TIMEOUT_SECONDS = 600

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
    """A Pulumi CLI that works: the directory of `pulumi`, and its version."""

    directory: Path
    version: tuple[int, ...]

    @property
    def pulumi(self) -> Path:
        return self.directory / "pulumi"


def obtain() -> Engine:
    """The CLI on PATH if it works and is new enough, else the cached one, else a new one.

    Raises `Failure` when this machine can't obtain one.
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
    """The CLI that an earlier run obtained; None if there is none."""
    directory = _cache_directory()
    return Engine(directory / "bin", VERSION) if directory.exists() else None


def present() -> Engine | None:
    """The CLI that `obtain` returns without downloading or building; None if there is none."""
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
            f"but {_dotted(VERSION)} or newer is needed"
        )
        return None
    return engine


def examine(directory: Path) -> Engine:
    """The CLI in `directory`.

    Raises `Failure` when it does not run or has no language host for Python.
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
    """The directory of an obtained CLI; its name depends on version, pins and machine."""
    home = os.environ.get("HOME") or pwd.getpwuid(os.getuid()).pw_dir
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path(home, ".cache"))
    sources = hashlib.sha256()
    for module in (CLI_MODULE, LANGUAGE_HOST_MODULE):
        for pins in ("go.mod", "go.sum"):
            sources.update((module / pins).read_bytes())
    machine = f"{platform.system()}-{platform.machine()}".lower()
    name = f"{_dotted(VERSION)}-{machine}-{sources.hexdigest()[:12]}"
    return cache / "aks-network" / "engine" / name


def _fill(directory: Path) -> None:
    """Put a working CLI into `directory`, which appears complete or not at all."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory.parent, prefix=".new-") as scratch:
        new = Path(scratch, "engine")
        try:
            _install(new)
        except Failure as failure:
            say(f"Pulumi's installer can't be used, building with Go instead: {failure}")
            shutil.rmtree(new, ignore_errors=True)
            _build(new)
        examine(new / "bin")
        new.rename(directory)


def _install(root: Path) -> None:
    """Run Pulumi's installer into `root`, without changes to the user's profile and home."""
    curl = shutil.which("curl")
    if curl is None:
        raise Failure("it needs curl: install it")
    script = root / "install.sh"
    root.mkdir()
    limit = str(INSTALLER_CONNECT_SECONDS)
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
        limit_seconds=INSTALLER_TIMEOUT_SECONDS,
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
    # The host starts programs with a script from the SDK's sources.
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
    """Go's environment; Go needs a home for its caches, which some CI containers do not have."""
    home = os.environ.get("HOME") or pwd.getpwuid(os.getuid()).pw_dir
    return {**os.environ, "HOME": home}


def _require_go(environment: dict[str, str]) -> None:
    """Raises `Failure` when Go is missing, or is too old and can't download a newer toolchain."""
    (needed,) = re.findall(r"^go (\S+)", (CLI_MODULE / "go.mod").read_text(), re.MULTILINE)
    remedy = (
        f"install the Pulumi CLI {_dotted(VERSION)} or newer (https://www.pulumi.com/docs/install),"
        f" or Go {needed} or newer (https://go.dev/dl) to build it from source"
    )
    if shutil.which("go") is None:
        raise Failure(f"no Pulumi CLI and no Go on PATH: {remedy}")
    # Inside the module, a `go` that can download a newer toolchain answers as that one. Otherwise
    # it reports that it is too old.
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
        output = (answer.stderr or answer.stdout).strip()
        raise Failure(
            f"no Pulumi CLI on PATH, and Go is too old ({output or 'no version'}): {remedy}"
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
