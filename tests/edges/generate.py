#!/usr/bin/env python3
"""Writes the edge cases: small clusters made for one rule's rim each. `ask.sh` gets the answers from the real scheduler."""

import gzip
import json
import pathlib

import nodes
import nominated
import preemption
import resources
import topology
import volumes

CATEGORIES = {
    "edges": [*nodes.GROUPS, *resources.GROUPS],
    "edges-nominated": nominated.GROUPS,
    "edges-preemption": preemption.GROUPS,
    "edges-topology": topology.GROUPS,
    "edges-volumes": volumes.GROUPS,
}


def main():
    folder = pathlib.Path(__file__).resolve().parent.parent / "conformance" / "vectors"
    for category, groups in CATEGORIES.items():
        worlds = [world for group in groups for world in group()]
        names = [world.name for world in worlds]
        assert len(set(names)) == len(names), "a name twice"
        assert all(name.startswith(category + "-") for name in names), "a group in the wrong category"
        lines = [json.dumps(world.case(), separators=(",", ":")) + "\n" for world in sorted(worlds, key=lambda world: world.name)]
        # No time stamp: the same cases make the same file.
        with open(folder / category / "cases.ndjson.gz", "wb") as out, gzip.GzipFile("", "wb", 9, out, 0) as packed:
            packed.write("".join(lines).encode())
        print(f"{category}: {len(worlds)} cases, {sum(len(world.pending) for world in worlds)} pending pods")


if __name__ == "__main__":
    main()
