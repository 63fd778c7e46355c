#!/usr/bin/env python3
"""Asks the real kube-scheduler for the answers to the vectors' cases.

    ask.py [--write] [--minor 1.37] [CATEGORY ...]

Without --write the answers are compared with the committed ones, and the exit status is 1 where any differs. With it they
take their place; each case is then played three times, since an answer that depends on chance is no vector. Without
categories all are asked, without --minor all versions. Needs Go.
"""

import argparse
import gzip
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = HERE.parent / "vectors"
BUILT = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", HERE.parents[2] / "target")) / "oracle"
MINORS = sorted(path.stem for path in (HERE / "modules").glob("*.mod"))
#: Seldom the scheduler is asked before its own cache of claims has filled; the case is then played again.
NOT_SETTLED = ("could not find v1.PersistentVolume", "cache never synced")


def build(minor: str) -> pathlib.Path:
    program = BUILT / f"oracle-{minor}"
    print(f"{minor}: building {program}", flush=True)
    subprocess.run([HERE / "build.sh", minor, program], check=True)
    return program


def ask(program: pathlib.Path, cases: list[str]) -> dict[str, str]:
    """The answers as they were printed, by the case's name."""
    for _ in range(3):
        found = subprocess.run([program, "-workers", "2"], input="\n".join(cases), stdout=subprocess.PIPE, text=True, check=True)
        lines = found.stdout.splitlines(keepends=True)
        if not any(words in line for line in lines for words in NOT_SETTLED):
            break
    answers = {json.loads(line)["name"]: line for line in lines}
    for name, line in answers.items():
        if "error" in json.loads(line):
            sys.exit(f"{name}: the scheduler could not play it: {json.loads(line)['error']}")
    if len(lines) != len(cases):
        sys.exit(f"{len(lines)} answers to {len(cases)} cases")
    return answers


def read(path: pathlib.Path) -> list[str]:
    with gzip.open(path, "rt") as lines:
        return lines.readlines()


def write(path: pathlib.Path, lines: list[str]) -> None:
    # No time stamp and no name: the same lines make the same file.
    with open(path, "wb") as out, gzip.GzipFile("", "wb", 9, out, 0) as packed:
        packed.write("".join(lines).encode())


def differing(answers: dict[str, str], committed: list[str]) -> list[str]:
    """The names of the cases whose answers differ, or are on one side only."""
    old = {json.loads(line)["name"]: line for line in committed}
    same = lambda name: name in old and name in answers and json.loads(old[name]) == json.loads(answers[name])
    return sorted(name for name in old.keys() | answers.keys() if not same(name))


def play(program: pathlib.Path, minor: str, category: str, is_written: bool) -> bool:
    """Whether the committed answers are, or now became, those of the scheduler."""
    path = VECTORS / category / f"{minor}.ndjson.gz"
    cases = read(VECTORS / category / "cases.ndjson.gz")
    answers = ask(program, cases)
    for _ in range(2 if is_written else 0):
        if by_chance := differing(ask(program, cases), list(answers.values())):
            sys.exit(f"{category} {minor}: the answers differ from run to run: {', '.join(by_chance)}")
    committed = read(path) if path.exists() else []
    wrong = differing(answers, committed)
    is_equal = "".join(answers.values()) == "".join(committed)
    how = "equal byte for byte" if is_equal else f"{len(wrong)} differ: {', '.join(wrong[:5])}" if wrong else "equal"
    if is_written and not is_equal:
        write(path, list(answers.values()))
        how += ", written"
    print(f"{category} {minor}: {len(cases)} cases, {how}", flush=True)
    return is_written or not wrong


def main() -> None:
    parser = argparse.ArgumentParser(description="Asks the real kube-scheduler for the answers to the vectors' cases.")
    parser.add_argument("--write", action="store_true", help="write the answers instead of comparing them")
    parser.add_argument("--minor", action="append", choices=MINORS, help="this version alone; may be given several times")
    parser.add_argument("categories", nargs="*", metavar="CATEGORY")
    words = parser.parse_args()
    there = sorted(path.parent.name for path in VECTORS.glob("*/cases.ndjson.gz"))
    if unknown := set(words.categories) - set(there):
        parser.error(f"no category {', '.join(sorted(unknown))}; there are: {', '.join(there)}")
    good = True
    for minor in words.minor or MINORS:
        program = build(minor)
        for category in words.categories or there:
            good &= play(program, minor, category, words.write)
    if words.write:
        print("now count them: cargo run --release -p bayplan-conformance -- --manifest")
    sys.exit(not good)


if __name__ == "__main__":
    main()
