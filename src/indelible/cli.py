"""The command `indelible`: hands each sub-command to the part that has it, and imports no other."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from indelible.errors import IndelibleError

# Command, the module whose `configure(command, parser)` sets it up, and what it is for.
_COMMANDS = {
    "worker": ("indelible.outbox.cli", "run jobs, straight from the table"),
    "relay": ("indelible.outbox.cli", "hand jobs to RQ, for `rq worker urgent normal low`"),
    "jobs": ("indelible.outbox.cli", "list, show, retry, cancel, purge and tail jobs"),
    "check": ("indelible.lint.cli", "find changes to JSON columns that are lost"),
    "rule": ("indelible.lint.cli", "explain a rule of `check`"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a sub-command and return its exit code."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(prog="indelible", description="Keep the JSON state of an application.")
    below = parser.add_subparsers(dest="command", metavar="command", required=True)
    for name, (module, purpose) in _COMMANDS.items():
        command = below.add_parser(name, help=purpose, description=purpose.capitalize() + ".")
        if arguments[:1] == [name]:
            import_module(module).configure(name, command)
    options = parser.parse_args(arguments)
    try:
        code: int = options.run(options)
    except IndelibleError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return code


if __name__ == "__main__":
    sys.exit(main())
