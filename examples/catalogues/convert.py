"""Converts what the clouds' own commands print into a catalogue, on stdout.

    aws ec2 describe-instance-types > types.json
    python convert.py aws types.json prices.csv > catalogue.csv

    gcloud compute machine-types list --zones=us-central1-a --format=json > types.json
    python convert.py gcloud types.json prices.csv > catalogue.csv

    az vm list-sizes --location eastus > types.json
    python convert.py az types.json prices.csv > catalogue.csv

`prices.csv` has the columns name and price: yours, with your discounts. Machines without a price are left out, and counted on stderr.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from make import kept_cpu, kept_memory, of_machines, row, write_to  # noqa: E402


def main(cloud: str, types: str, prices: str) -> None:
    """Reads both files and writes the catalogue."""
    with Path(prices).open(newline="") as file:
        by_name = {line["name"]: float(line["price"]) for line in csv.DictReader(file)}
    document = json.loads(Path(types).read_text())
    if cloud == "aws":
        machines = document["InstanceTypes"]
        rows = of_machines(machines, by_name, region="")
    else:
        machines = [machine(cloud, item) for item in document]
        rows = [shape(*found, by_name[found[0]]) for found in machines if found[0] in by_name]
    print(f"{len(rows)} of {len(machines)} machines have a price", file=sys.stderr)
    write_to(sys.stdout, rows)


def machine(cloud: str, item: dict[str, Any]) -> tuple[str, int, int, int, str]:
    """Name, cores, MiB, GPUs and architecture."""
    if cloud == "gcloud":
        gpus = sum(card["guestAcceleratorCount"] for card in item.get("accelerators", []))
        arch = "arm64" if item.get("architecture") == "ARM64" else "amd64"
        return item["name"], item["guestCpus"], item["memoryMb"], gpus, arch
    if cloud == "az":
        # The p in a size's name says that it is an Arm one.
        arch = "arm64" if "p" in item["name"].removeprefix("Standard_").split("_")[0].lower()[1:] else "amd64"
        return item["name"], item["numberOfCores"], item["memoryInMb"], 0, arch
    raise SystemExit(f"{cloud} is none of aws, gcloud, az")


def shape(name: str, cpu: int, mib: int, gpus: int, arch: str, price: float) -> dict[str, Any]:
    """A row, with what a managed cluster's nodes keep for the system."""
    reserved = f"cpu={kept_cpu(cpu)}m,memory={kept_memory(mib)}Mi"
    return row("", name, price, cpu, mib, 110, reserved, gpus=gpus or "", arch=arch)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
