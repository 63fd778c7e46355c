"""What the questions of `examples/facade.rs` take from Python, on the same objects.

`cargo run --release -p bayplan-benches --example facade -- --write city.json && python benches/facade.py city.json`
"""

import json
import pickle
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bayplan import Cluster


def measure(what: str, target: str, times: int, run: Callable[[], object]) -> float:
    """Prints the least and the median time of one run; the least in seconds."""
    spent = []
    for _ in range(times):
        begin = time.perf_counter()
        run()
        spent.append(time.perf_counter() - begin)
    print(f"| {what} | {target} | {min(spent) * 1e3:.3f} ms | {statistics.median(spent) * 1e3:.3f} ms |")
    return min(spent)


def main(path: str) -> None:
    """Prints the table."""
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "free", "namespace": "shop", "labels": {"app": "search"}},
        "spec": {
            "containers": [
                {
                    "name": "main",
                    "image": "registry.example/search:1",
                    "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}},
                }
            ]
        },
    }
    print("| question | target | least | median |\n|---|---|---|---|")
    loaded = measure("load", "", 3, lambda: Cluster.load(path))
    cluster = Cluster.load(path)
    print(f"{cluster!r}", file=sys.stderr)
    waiting = cluster.pending[0]
    bound = cluster.pods_on(cluster.nodes[100])[0]
    measure("fork, drop", "", 100, cluster.fork)
    measure("place one pod, drop", "0.6 ms", 100, lambda: cluster.place(pod))
    measure("why of a pending pod", "10 ms", 20, lambda: cluster.why(waiting).message)
    measure("why of a bound pod", "10 ms", 20, lambda: cluster.why(bound).node)
    measure("why with all verdicts", "", 5, lambda: cluster.why(waiting).verdicts)
    data = pickle.dumps(cluster)
    size = len(json.dumps(json.loads(Path(path).read_bytes()), separators=(",", ":")))
    print(f"| pickle: {len(data) >> 10} KB | 1/5 of the JSON without spaces: {size // 5 >> 10} KB | | |")
    measure("pickle", "", 3, lambda: pickle.dumps(cluster))
    opened = measure("unpickle", f"{loaded * 200:.0f} ms", 5, lambda: pickle.loads(data))
    print(f"| of loading | 1/5 | 1/{loaded / opened:.1f} | |")
    program = (
        "import pickle, sys, time; data = sys.stdin.buffer.read(); import bayplan; a = time.perf_counter(); "
        "c = pickle.loads(data); b = time.perf_counter(); p = c.pending[0]; d = time.perf_counter(); c.why(p); "
        "print(f'| in another process: open, first why | | {(b - a) * 1e3:.1f} ms | {(time.perf_counter() - d) * 1e3:.1f} ms |')"
    )
    subprocess.run([sys.executable, "-c", program], input=data, check=True)


if __name__ == "__main__":
    main(sys.argv[1])
