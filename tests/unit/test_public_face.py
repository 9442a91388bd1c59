"""What `import indelible` gives, and what it costs."""

from __future__ import annotations

import subprocess
import sys

import indelible


def test_all_is_exact() -> None:
    """`__all__` names every public name of the package, and each exists."""
    public = {name for name in dir(indelible) if not name.startswith("_") and not _is_module(name)}
    assert set(indelible.__all__) == public == set(indelible._MODULE_OF)


def test_nothing_is_loaded_before_it_is_asked_for() -> None:
    """`import indelible` alone, as `indelible check` does it, loads no SQLAlchemy; a public name loads its module."""
    look = "print('sqlalchemy' in sys.modules)"
    code = f"import sys, indelible; {look}; indelible.Document; {look}"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["False", "True"]


def _is_module(name: str) -> bool:
    return type(getattr(indelible, name)).__name__ == "module"


def test_the_core_needs_sqlalchemy_alone() -> None:
    """Importing the library loads no third-party package but SQLAlchemy and what that needs."""
    code = "import sys; from indelible import *; print(*{m.split('.')[0] for m in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    foreign = {name for name in loaded if name not in sys.stdlib_module_names and not name.startswith("_")}
    assert foreign <= {
        "indelible",
        "sqlalchemy",
        "typing_extensions",
        "greenlet",
        "sitecustomize",
        "cython_runtime",
    }
