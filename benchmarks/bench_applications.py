"""What applications cost a run of the program: `python benchmarks/bench_applications.py [most]`.

Registers 1, 10, 100 … up to `most` (1,000 by default) applications of the sample's shape, each with
a pair that crosses to the application before it, under Pulumi's mocks: no engine, no cluster. Each
count runs in a process of its own. Shown are seconds of the processor and memory beyond an empty
program's, and both for each resource.
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes
from pulumi.runtime import mocks

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from components.applications import Applications, ApplicationsArgs
from components.ingress_routes import IngressRoute
from components.network_policies import Ranges
from components.settings.kubernetes import KubernetesSettings

_MOST = 1_000
_REPEATS = 3
_KIB = 1024


def application(number: int) -> dict[str, Any]:
    """The article's blog and store, workloads included, and its neighbour as a further client."""
    allow: list[dict[str, Any]] = [{"from": "frontend", "to": "backend"}]
    if number:
        neighbour = {"application": f"app-{number - 1}", "app": "frontend"}
        allow.append({"from": neighbour, "to": "backend", "ports": [8080]})
    image = "mcr.microsoft.com/dotnet/samples:aspnetapp-10.0"
    return {
        "name": f"app-{number}",
        "host": f"app-{number}.example.com",
        "services": [
            {"name": "blogservice", "app": "frontend", "path": "/blog"},
            {"name": "storeservice", "app": "frontend", "path": "/store"},
            {"name": "backendservice", "app": "backend"},
        ],
        "workloads": [{"app": "frontend", "image": image}, {"app": "backend", "image": image}],
        "allow": allow,
        "egress": [{"from": "backend", "to": "internet", "ports": [443]}],
    }


def measure(count: int) -> dict[str, float]:
    """Processor seconds, resources and peak memory in KiB, for so many applications."""

    class Echo(mocks.Mocks):
        made = 0

        def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
            Echo.made += 1
            return args.name, dict(args.inputs)

        def call(self, args: mocks.MockCallArgs) -> Any:
            raise NotImplementedError(args.token)

    def program() -> None:
        provider = pulumi_kubernetes.Provider("kubernetes", render_yaml_to_directory="/nowhere")
        Applications(
            "applications",
            ApplicationsArgs(
                applications=settings.applications,
                route=IngressRoute("publicingress", "app-routing-system"),
                ranges=Ranges(inside=("10.20.0.0/17", "10.244.0.0/16")),
            ),
            pulumi.ResourceOptions(providers=[provider]),
        )

    text = json.dumps({"applications": [application(number) for number in range(count)]})
    asyncio.set_event_loop(asyncio.new_event_loop())
    mocks.set_mocks(Echo())
    start = time.process_time()
    settings = KubernetesSettings.model_validate_json(text)
    pulumi.runtime.test(program)()
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"seconds": seconds, "resources": Echo.made, "peak": peak}


def best(count: int) -> dict[str, float]:
    """The fastest of several processes."""
    runs: list[dict[str, float]] = []
    for _ in range(_REPEATS):
        command = [sys.executable, __file__, "--measure", str(count)]
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
        runs.append(json.loads(answer.stdout))
    return min(runs, key=lambda run: run["seconds"])


def main() -> None:
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(int(sys.argv[2]))))
        return
    most = int(sys.argv[1]) if len(sys.argv) > 1 else _MOST
    empty = best(0)
    print("applications  resources  seconds  ms/resource  MB beyond none  KB/resource")
    count = 1
    while count <= most:
        run = best(count)
        made = run["resources"] - empty["resources"]
        seconds = run["seconds"] - empty["seconds"]
        memory = run["peak"] - empty["peak"]
        print(
            f"{count:12}  {made:9.0f}  {seconds:7.2f}  {1_000 * seconds / made:11.2f}  "
            f"{memory / _KIB:14.1f}  {memory / made:11.1f}"
        )
        count *= 10


if __name__ == "__main__":
    main()
