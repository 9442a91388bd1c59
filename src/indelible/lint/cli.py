"""The sub-commands `check` and `rule`.

Exit codes: 0 nothing found, 1 findings or files that could not be read, 2 the check could not be made.
"""

from __future__ import annotations

import argparse
import os
import sys

from indelible.lint import caching, configuring, reporting
from indelible.lint.discovering import python_files
from indelible.lint.result import Result

TYPE_CHECKING = False  # see `result`
if TYPE_CHECKING:
    from indelible.lint.findings import Finding


def configure(command: str, parser: argparse.ArgumentParser) -> None:
    """Set up the parser of `check` or `rule`; `run` takes the namespace and returns the exit code."""
    if command == "rule":
        parser.add_argument("code", nargs="?", metavar="CODE")
        parser.set_defaults(run=run_rule)
        return
    add = parser.add_argument
    add("paths", nargs="*", default=["."], metavar="PATH", help="files and folders, one project together")
    add("--strict", action="store_true", help="also show what is not sure")
    add("--format", choices=sorted(reporting.FORMATS), default="text")
    add("--select", action="append", metavar="CODES", help="only these rules, e.g. IND101,IND102")
    add("--ignore", action="append", metavar="CODES", help="not these rules")
    add("--exclude", action="append", default=[], metavar="GLOB", help="leave out files and folders")
    add("--baseline", metavar="FILE", help="show only what this file does not know")
    add("--write-baseline", metavar="FILE", help="write what is found to this file")
    add("--fix", choices=["flag", "copy", "document"], help="change the files")
    add("--diff", action="store_true", help="with --fix: show the changes, make none")
    add("--jobs", type=int, metavar="N", help="processes; by default one for each core")
    add("--no-cache", action="store_true", help="check everything anew")
    parser.set_defaults(run=run_check)


def main(arguments: list[str] | None = None) -> int:
    """Run `check` or `rule` by themselves: `python -m indelible.lint check src`."""
    parser = argparse.ArgumentParser(prog="indelible")
    commands = parser.add_subparsers(prog=parser.prog, required=True, metavar="COMMAND")
    for name in ("check", "rule"):
        configure(name, commands.add_parser(name))
    options = parser.parse_args(arguments)
    code: int = options.run(options)
    return code


def run_check(options: argparse.Namespace) -> int:
    """Check, show, and return the exit code."""
    if missing := [path for path in options.paths if not os.path.exists(path)]:
        return _fail(f"no such file or folder: {', '.join(missing)}")
    try:
        configuration = _configuration(options)
        if options.write_baseline:
            from indelible.lint.suppressing import write_baseline

            configuration.baseline = ""  # what an older one knows belongs into the new one
            result, found = _found(options, configuration)
            write_baseline(options.write_baseline, found)
            _tell_unread(result)
            return 0
        result, found = _found(options, configuration)
    except (configuring.WrongConfiguration, OSError, ValueError, KeyError) as error:
        return _fail(str(error))
    if options.fix:
        return _fix(options, configuration, result, found)
    _tell_unread(result)
    return _report(options, result, found)


def _configuration(options: argparse.Namespace) -> configuring.Configuration:
    configuration = configuring.load(options.paths[0])
    if options.select:
        configuration.select = _codes(options.select)
    if options.ignore:
        configuration.ignore += _codes(options.ignore)
    configuration.exclude += tuple(options.exclude)
    configuration.strict = configuration.strict or options.strict
    configuration.baseline = options.baseline or configuration.baseline
    if codes := (*configuration.select, *configuration.ignore):
        _refuse_unknown(codes)
    return configuration


def _refuse_unknown(codes: tuple[str, ...]) -> None:
    from indelible.lint.rules import RULES

    for code in codes:
        if not any(known.startswith(code) for known in RULES):
            raise configuring.WrongConfiguration(f"there is no rule {code}")


def _codes(values: list[str]) -> tuple[str, ...]:
    return tuple(code.strip().upper() for value in values for code in value.split(",") if code.strip())


def _checked(options: argparse.Namespace, configuration: configuring.Configuration) -> Result:
    files = python_files(options.paths, configuration.exclude)
    folder = os.path.join(configuration.folder, caching.FOLDER)
    cache = None if options.no_cache else caching.Cache(folder, files)
    if cache is not None and (known := cache.result()) is not None:
        return known
    # not needed where the answer is known
    from indelible.lint.engine import check_files

    return check_files(files, options.jobs, cache)


def _found(
    options: argparse.Namespace, configuration: configuring.Configuration
) -> tuple[Result, list[Finding]]:
    """Check; return the result, and what of it the user wants to see."""
    result = _checked(options, configuration)
    found = _shown(result.findings, configuration)
    if configuration.baseline:
        from indelible.lint.suppressing import not_in_baseline

        found = not_in_baseline(configuration.baseline, found)
    return result, found


def _tell_unread(result: Result) -> None:
    for path, problem in result.problems.items():
        sys.stderr.write(f"{path}: not read: {problem}; mend it, or leave it out by --exclude\n")


def _report(options: argparse.Namespace, result: Result, found: list[Finding]) -> int:
    """Print the findings; return the exit code. What could not be read may lose changes, too."""
    if written := reporting.FORMATS[options.format](found):
        sys.stdout.write(written + "\n")
    return 1 if result.problems or any(not finding.advice for finding in found) else 0


def _shown(findings: list[Finding], configuration: configuring.Configuration) -> list[Finding]:
    if not findings:
        return []
    from indelible.lint.findings import Confidence
    from indelible.lint.suppressing import is_silenced

    least = Confidence.LOW if configuration.strict else Confidence.MEDIUM
    return [
        finding
        for finding in findings
        if finding.confidence >= least
        and configuration.wants(finding.rule, finding.path)
        and not is_silenced(finding)
    ]


def _fix(
    options: argparse.Namespace,
    configuration: configuring.Configuration,
    result: Result,
    found: list[Finding],
) -> int:
    """Mend what can be mended, then check again and report what is left."""
    try:
        from indelible.lint.fixing import fixed_files
    except ModuleNotFoundError:
        return _fail("--fix needs LibCST: install indelible[check]")
    files = [path for path, _ in python_files(options.paths, configuration.exclude)]
    changed = fixed_files(found, options.fix, files)
    if options.diff:
        for path, (before, after) in changed.items():
            sys.stdout.write(_diff(path, before, after))
        _tell_unread(result)
        return 1 if changed or result.problems else 0
    for path, (_, after) in changed.items():
        try:
            with open(path, "w", encoding="utf-8", newline="") as file:
                file.write(after)
        except OSError as error:
            return _fail(str(error))
    if changed:
        result, found = _found(options, configuration)
    _tell_unread(result)
    code = _report(options, result, found)
    told = f"{len(changed)} file{'' if len(changed) == 1 else 's'} changed"
    if any(not finding.advice for finding in found):
        told += "; what is listed has to be mended by hand"
    (sys.stdout if options.format == "text" else sys.stderr).write(told + "\n")
    return code


def _diff(path: str, before: str, after: str) -> str:
    import difflib

    lines = difflib.unified_diff(before.splitlines(True), after.splitlines(True), f"a/{path}", f"b/{path}")
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def run_rule(options: argparse.Namespace) -> int:
    """Explain one rule, or list all."""
    from indelible.lint.rules import RULES

    if options.code is None:
        for rule in RULES.values():
            sys.stdout.write(f"{rule.code}  {rule.title}\n")
        return 0
    from indelible.lint.rules.pages import page

    rule_wanted = RULES.get(options.code.upper())
    if rule_wanted is None:
        return _fail(f"there is no rule {options.code}; known are {', '.join(RULES)}")
    sys.stdout.write(page(rule_wanted))
    return 0


def _fail(message: str) -> int:
    sys.stderr.write(f"indelible: {message}\n")
    return 2
