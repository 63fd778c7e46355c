"""What the README shows runs as it stands."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "python/README.md").read_text()


def blocks(language: str) -> list[str]:
    found = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found
    return found


def test_python(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert "10 of 15 pods are placed" in printed
    assert "0/32 nodes are available" in printed


@pytest.mark.parametrize("line", [line for block in blocks("sh") for line in block.splitlines()])
def test_terminal(line: str) -> None:
    command, *arguments = line.split()
    done = subprocess.run([Path(sys.executable).parent / command, *arguments], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode in (0, 3), done.stderr
    assert done.stdout
    assert not done.stderr
