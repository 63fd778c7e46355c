"""Cases of the conformance vectors as input files and expected output for examples/c/place.c.

    cases.py VECTORS VERSION OUT CATEGORY=COUNT ...

For each case NAME writes OUT/NAME.json (a List), NAME.config.json where it has a configuration, NAME.pods, and
NAME.expected: what the program must print, from the decisions of the real scheduler.
"""

import gzip
import json
import sys
from pathlib import Path


def rows(path: Path) -> list[dict]:
    with gzip.open(path, "rt") as lines:
        return [json.loads(line) for line in lines]


def line(step: dict) -> str:
    if step["result"] != "Scheduled":
        return f"{step['pod']} pending: {step.get('message') or step['error']}"
    # Where one node alone is feasible, the scheduler does not score.
    score = max(step.get("totals", {"": 0}).values())
    ties = len(step.get("best") or [step["node"]])
    return f"{step['pod']} -> {step['node']} score {score} ties {ties} feasible {len(step['feasible'])}"


def main(vectors: Path, version: str, out: Path, wanted: dict[str, int]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for category, count in wanted.items():
        cases = {case["name"]: case for case in rows(vectors / category / "cases.ndjson.gz")}
        taken = 0
        for answer in rows(vectors / category / f"{version}.ndjson.gz"):
            # This program preempts nothing.
            if taken == count or any((step.get("preemption") or {}).get("candidates") for step in answer["steps"]):
                continue
            taken += 1
            case = cases[answer["name"]]
            name = out / answer["name"]
            objects = {"apiVersion": "v1", "kind": "List", "items": case["objects"]}
            name.with_suffix(".json").write_text(json.dumps(objects))
            if case["config"]:
                name.with_suffix(".config").write_text(json.dumps(case["config"]))
            name.with_suffix(".pods").write_text(" ".join(step["pod"] for step in answer["steps"]))
            name.with_suffix(".expected").write_text("".join(line(step) + "\n" for step in answer["steps"]))
        if taken < count:
            sys.exit(f"{category}: only {taken} cases of {count} are without preemption")


if __name__ == "__main__":
    _, vectors, version, out, *wanted = sys.argv
    main(Path(vectors), version, Path(out), {c: int(n) for c, n in (w.split("=") for w in wanted)})
