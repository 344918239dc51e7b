"""Makes a self-signed certificate for the hosts of a stack and sets it as the stack's secret.

For a first deployment: the DNS zones do not exist yet, so no authority can issue a certificate for
them. Gateway and ingress controller serve it, and the gateway trusts the controller with it. Only
clients do not know it: replace it with an issued certificate in the same setting.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta

from cli.clouds import workspace
from cli.command import parser, reports_errors
from cli.console import Failure, say
from cli.operator_values import CERTIFICATE
from cli.self_signed import hosts_of, make_certificate
from cli.stack_file import committed_file, read
from cli.workspace import Workspace
from support.nested import at
from support.repository import ROOT


@reports_errors()
def main(arguments: Sequence[str]) -> int:
    """Set the certificate of a stack of your own; one that is there stays unless `--replace`."""
    parsing = parser("cli.certificate", __doc__, cloud=False)
    parsing.add_argument("--days", type=int, default=90, help="its lifetime (default: 90)")
    parsing.add_argument("--replace", action="store_true", help="replace the stack's certificate")
    options = parsing.parse_args(arguments)
    config = read(committed_file(options.stack, ROOT))["config"]
    if not CERTIFICATE.is_needed(config):
        raise Failure(
            f"the stack {options.stack} must have an Application Gateway whose certificate is not "
            "in a key vault: only there is this certificate used; use the settings of its "
            "applications (docs/applications.md, Certificates)"
        )
    if at(config, *CERTIFICATE.steps) is not None and not options.replace:
        raise Failure(
            f"{CERTIFICATE.path} must not be set yet: the stack {options.stack} has a certificate; "
            "use --replace (ARGS=--replace) to replace it"
        )
    hosts = hosts_of(config)
    pfx = make_certificate(hosts, timedelta(days=options.days))
    _set(workspace("azure"), options.stack, pfx)
    say(f"{CERTIFICATE.path}: self-signed, for {', '.join(hosts)}, {options.days} days")
    return 0


def _set(pulumi: Workspace, stack: str, pfx: str) -> None:
    """Set the secret. It is passed as input: everyone on the machine can read a command line."""
    command = pulumi.command("config set", stack, "--secret", "--path", CERTIFICATE.path)
    answer = subprocess.run(
        command,
        env=pulumi.environment(),
        cwd=ROOT,
        input=pfx,
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise Failure(answer.stderr.strip() or f"{' '.join(command)} failed")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
