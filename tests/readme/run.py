"""Runs the snippets of README.md and of docs/ that are not Rust, and the notebooks, from the top of the repository, in order.

In a shell block each line is a command, and `# exit N` behind it says which code it ends with, if not 0. `kubectl` is
a stand-in that gives the example dump, provided that it is asked for every kind that is read. C is compiled against the
library as installed by the shell block before it.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import bayplan

ROOT = Path(__file__).resolve().parents[2]
KUBECTL = """#!/bin/sh
[ "kubectl $*" = "{command}" ] || {{ echo "README's kubectl command is not: {command}" >&2; exit 1; }}
cat "{root}/examples/city.json"
"""
#: The same build, with the features that the tests before had everything built with: alone it would be compiled once more.
CARGO = """#!/bin/sh
case "$*" in *"-p bayplan-ffi"*) set -- "$@" -p bayplan-python ;; esac
PATH={path} exec cargo "$@"
"""
#: Set-up that `make` has done before this runs, so that it need not be done twice.
DONE_BEFORE = {"pip install ./python"}


def blocks(text: str) -> list[tuple[str, str]]:
    """The fenced blocks: language and content."""
    return re.findall(r"^```(\w+)[^\n]*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def differs(shown: str, printed: str) -> str:
    """Where what is shown is not what was printed; … stands for the rest of a line, and alone for the rest of all."""
    lines = printed.rstrip("\n").split("\n")
    shown_lines = shown.rstrip("\n").split("\n")
    for number, line in enumerate(shown_lines):
        if line == "…":
            return ""
        found = lines[number].rstrip() if number < len(lines) else "nothing more"
        if found != line and not (line.endswith("…") and found.startswith(line[:-1])):
            return f"shown: {line}\nprinted: {found}"
    return "" if len(lines) == len(shown_lines) else f"printed beside: {lines[len(shown_lines)]}"


def shell(block: str, environment: dict[str, str]) -> str:
    """Runs each command, continued lines as one; what the last one printed."""
    printed = ""
    for line in re.sub(r"\\\n\s*", "", block).splitlines():
        command, _, comment = line.partition(" # ")
        if not command.strip() or command.startswith("#") or command.strip() in DONE_BEFORE:
            continue
        expected = int(re.search(r"exit (\d+)", comment).group(1)) if "exit " in comment else 0  # type: ignore[union-attr]
        found = subprocess.run(["bash", "-c", command], cwd=ROOT, env=environment, capture_output=True, text=True)
        if found.returncode != expected:
            sys.exit(f"`{command}` ended with {found.returncode}, not {expected}:\n{found.stdout}{found.stderr}")
        printed = found.stdout
    return printed


def go(block: str, environment: dict[str, str]) -> str:
    """Runs a program of Go against the package of the tree; what it printed."""
    folder = ROOT / "go/examples/readme"
    folder.mkdir(exist_ok=True)
    source = folder / "main.go"
    try:
        source.write_text(block)
        command = '. tests/go/env.sh; cd go; exec "$go" run -tags "$tags" ./examples/readme'
        found = subprocess.run(["sh", "-c", command], cwd=ROOT, env=environment, capture_output=True, text=True)
        if found.returncode:
            sys.exit(f"a Go snippet ended with {found.returncode}:\n{found.stdout}{found.stderr}")
        return found.stdout
    finally:
        source.unlink()
        folder.rmdir()


def main() -> None:
    check(Path("README.md"), needed={"sh", "python", "c", "go"})
    for page in sorted(Path("docs").glob("*.md")):
        check(page, needed=set())
    for notebook in sorted(Path("docs").glob("*.ipynb")):
        cells = [cell for cell in json.loads(notebook.read_text())["cells"] if cell["cell_type"] == "code"]
        names = {"__name__": "notebook"}
        for cell in cells:
            exec(compile("".join(cell["source"]), str(notebook), "exec"), names)
        print(f"{notebook}: {len(cells)} cells ran")


def check(page: Path, needed: set[str]) -> None:
    """Runs the snippets of a page."""
    counts: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as scratch:
        stand_in = Path(scratch, "kubectl")
        stand_in.write_text(KUBECTL.format(command=bayplan.DUMP_COMMAND, root=ROOT))
        stand_in.chmod(0o755)
        Path(scratch, "cargo").write_text(CARGO.format(path=shlex.quote(os.environ["PATH"])))
        Path(scratch, "cargo").chmod(0o755)
        environment = {**os.environ, "PATH": f"{scratch}:{os.environ['PATH']}", "PREFIX": f"{scratch}/prefix"}
        environment["LD_LIBRARY_PATH"] = f"{scratch}/prefix/lib"
        dump = ROOT / "dump.json"
        had_dump = dump.exists()
        printed: str | None = None
        try:
            for language, block in blocks(Path(ROOT, page).read_text()):
                if language == "sh":
                    # What stands behind a single command is what it prints.
                    output = shell(block, environment)
                    printed = output if len(block.splitlines()) == 1 else None
                    counts[language] = counts.get(language, 0) + 1
                    continue
                if language == "text" and printed is not None:
                    if fault := differs(block, printed):
                        sys.exit(f"{page}: what is shown is not what is printed\n{fault}")
                    counts["output"] = counts.get("output", 0) + 1
                printed = None
                if language == "yaml":
                    Path(scratch, "scenarios.yaml").write_text(block)
                    bayplan.Cluster.load(ROOT / "examples/city.json").sweep(Path(scratch, "scenarios.yaml"))
                if language == "python":
                    exec(compile(block, str(page), "exec"), {"__name__": "readme"})
                elif language == "c":
                    Path(scratch, "first.c").write_text(block)
                    command = "cc -Wall -Wextra -Werror -I$PREFIX/include -o first first.c -L$PREFIX/lib -lbayplan"
                    subprocess.run(["bash", "-c", command], cwd=scratch, env=environment, check=True)
                    subprocess.run([f"{scratch}/first"], cwd=ROOT, env=environment, check=True)
                    # The same as C++.
                    command = "c++ -x c++ -Wall -Wextra -Werror -I$PREFIX/include -fsyntax-only first.c"
                    subprocess.run(["bash", "-c", command], cwd=scratch, env=environment, check=True)
                elif language == "go":
                    printed = go(block, environment)
                elif language in ("rust", "text", "yaml", "yml"):
                    continue
                else:
                    sys.exit(f"{page}: nothing runs {language} snippets")
                counts[language] = counts.get(language, 0) + 1
        finally:
            if not had_dump:
                dump.unlink(missing_ok=True)
    missing = needed - counts.keys()
    if missing:
        sys.exit(f"{page}: no {', '.join(sorted(missing))} snippet")
    print(f"{page}:", ", ".join(f"{count} {language}" for language, count in sorted(counts.items())), "snippets ran")


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
