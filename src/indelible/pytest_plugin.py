"""pytest plugin: strict mode is on while a project's tests run.

It is active wherever Indelible is installed; `indelible_strict = false` in pytest's configuration turns it off.
"""

from __future__ import annotations

import pytest

_WAS_STRICT = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the ini option."""
    parser.addini(
        "indelible_strict",
        "watch Indelible's documents for changes that bypass their methods (default: true)",
        type="bool",
        default=True,
    )


def pytest_configure(config: pytest.Config) -> None:
    """Turn strict mode on."""
    if config.getini("indelible_strict"):
        from indelible.documents.strictness import set_strict

        config.stash[_WAS_STRICT] = set_strict(True)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Put strict mode back."""
    if _WAS_STRICT in config.stash:
        from indelible.documents.strictness import set_strict

        set_strict(config.stash[_WAS_STRICT])


def pytest_report_header(config: pytest.Config) -> str:
    """Say it in the header of the run."""
    return f"indelible: strict mode {'on' if _WAS_STRICT in config.stash else 'off'}"
