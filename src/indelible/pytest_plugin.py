"""pytest plugin: strict mode for Indelible's documents, and with `--indelible` the sentinel for plain JSON columns.

Strict mode is on wherever Indelible is installed; `indelible_strict = false` in pytest's configuration turns it off.
The sentinel is on with `pytest --indelible`, or with `indelible_sentinel = true` in the configuration.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from indelible.sentinel import Sentinel

_WAS_STRICT = pytest.StashKey[bool]()
_SENTINEL: pytest.StashKey[Sentinel] = pytest.StashKey()
_PROPERTY = "indelible: not saved"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    parser.addini(
        "indelible_strict",
        "watch Indelible's documents for changes that bypass their methods (default: true)",
        type="bool",
        default=True,
    )
    group = parser.getgroup("indelible", "changes of JSON columns that are never saved")
    group.addoption(
        "--indelible",
        action="store_true",
        help="fail where a plain JSON value was changed in place and a commit did not save it",
    )
    group.addoption(
        "--indelible-at-flush",
        action="store_true",
        help="with --indelible: take each flush for the last chance to save, for tests that never commit",
    )
    group.addoption(
        "--indelible-trace",
        action="store_true",
        help="with --indelible: find also lines whose changes no container can see; slow",
    )
    parser.addini("indelible_sentinel", "as --indelible (default: false)", type="bool", default=False)
    parser.addini(
        "indelible_at_flush", "as --indelible-at-flush (default: false)", type="bool", default=False
    )
    parser.addini(
        "indelible_ignore", "columns that --indelible leaves alone: Model.attribute", type="linelist"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Turn strict mode and the sentinel on."""
    if config.getini("indelible_strict"):
        from indelible.documents.strictness import set_strict

        config.stash[_WAS_STRICT] = set_strict(True)
    if config.getoption("indelible") or config.getini("indelible_sentinel"):
        from indelible.sentinel import watch

        config.stash[_SENTINEL] = watch(
            ignore=config.getini("indelible_ignore"),
            at_flush=config.getoption("indelible_at_flush") or config.getini("indelible_at_flush"),
            trace=config.getoption("indelible_trace"),
        )
        config.pluginmanager.register(_Summary(), "indelible-summary")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Put everything back."""
    if _WAS_STRICT in config.stash:
        from indelible.documents.strictness import set_strict

        set_strict(config.stash[_WAS_STRICT])
    if _SENTINEL in config.stash:
        config.stash[_SENTINEL].stop()


def pytest_report_header(config: pytest.Config) -> str:
    """Say it in the header of the run."""
    sentinel = ", sentinel on" if _SENTINEL in config.stash else ""
    return f"indelible: strict mode {'on' if _WAS_STRICT in config.stash else 'off'}{sentinel}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Give the report of a test what was found in it, also where the program caught the error."""
    report = yield
    sentinel = item.config.stash.get(_SENTINEL, None)
    if sentinel is not None:
        changes = [str(change) for error in sentinel.found for change in error.changes]
        sentinel.found.clear()
        report.user_properties += [(_PROPERTY, change) for change in dict.fromkeys(changes)]
    return report


class _Summary:
    """Collects what the reports say, those of other processes too, and shows it at the end."""

    def __init__(self) -> None:
        self.tests: dict[str, list[str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what a report says; those of one test may repeat it."""
        for name, change in report.user_properties:
            tests = self.tests.setdefault(str(change), []) if name == _PROPERTY else [report.nodeid]
            if report.nodeid not in tests:
                tests.append(report.nodeid)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """List each change once, with a test in which it happened."""
        if not self.tests:
            return
        terminalreporter.section("changes that were not saved")
        for change, tests in self.tests.items():
            more = f" and {len(tests) - 1} more" if len(tests) > 1 else ""
            terminalreporter.write_line(f"{change}\n    {tests[0]}{more}")
