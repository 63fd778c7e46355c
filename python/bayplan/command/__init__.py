"""The command `bayplan`, also `kubectl bayplan`."""

from __future__ import annotations

import os
import sys

from bayplan.command import ci, questions, size, whatif
from bayplan.command.base import cli

__all__ = ["ci", "cli", "main", "questions", "size", "whatif"]


def main() -> None:
    """The entry point, also as a plugin of kubectl."""
    plugin = os.path.basename(sys.argv[0]).startswith("kubectl-")
    cli(prog_name="kubectl bayplan" if plugin else "bayplan")
