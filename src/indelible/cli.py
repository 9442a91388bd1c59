"""The command `indelible`: hands each sub-command to the part that has it, and imports no other."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module

# Command, the module whose `configure(command, parser)` sets it up, and what it is for.
_COMMANDS = {
    "worker": ("indelible.outbox.cli", "run jobs, straight from the table"),
    "relay": ("indelible.outbox.cli", "hand jobs to RQ, for `rq worker urgent normal low`"),
    "jobs": ("indelible.outbox.cli", "list, show, retry, cancel, purge and tail jobs"),
    "check": ("indelible.lint.cli", "find changes to JSON columns that are lost"),
    "rule": ("indelible.lint.cli", "explain a rule of `check`"),
}
_OBJECTS_BEFORE_COLLECTING = 100_000


def script() -> None:
    """Be the command `indelible`: run, and end the process with the exit code."""
    if sys.argv[1:2] != ["check"]:
        sys.exit(main())
    # A check makes many objects, and nothing that an end would have to close: to look for circles among the first of
    # them, and to free each at the end, takes a sixth of its time when no file has changed.
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTING)
    try:
        code = main()
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:  # who reads the findings has seen enough, as `head` does
        code = 1
    os._exit(code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a sub-command and return its exit code."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(
        prog="indelible", description="Keep the JSON state of an application.", formatter_class=_Formatter
    )
    below = parser.add_subparsers(prog=parser.prog, dest="command", metavar="command", required=True)
    wanted = arguments[0] if arguments and arguments[0] in _COMMANDS else None
    for name, (module, purpose) in _COMMANDS.items():
        if wanted in (name, None):
            description = f"{purpose[0].upper()}{purpose[1:]}."  # `capitalize` would write "json"
            command = below.add_parser(
                name, help=purpose, description=description, formatter_class=_Formatter
            )
        if wanted == name:
            import_module(module).configure(name, command)
    options = parser.parse_args(arguments)
    try:
        code: int = options.run(options)
    except _own_errors() as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return code


class _Formatter(argparse.HelpFormatter):
    """Knows the width of the terminal without `shutil`, which argparse else imports for each argument."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)


def _columns() -> int:
    if os.environ.get("COLUMNS", "").isdecimal():
        return int(os.environ["COLUMNS"]) or 80
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or 80  # type: ignore[union-attr]  # caught
    except (AttributeError, ValueError, OSError):
        return 80


def _own_errors() -> type[Exception]:
    """Return the errors that are told without a traceback; imported when something was raised, and not before."""
    from indelible.errors import IndelibleError

    return IndelibleError


if __name__ == "__main__":
    sys.exit(main())
