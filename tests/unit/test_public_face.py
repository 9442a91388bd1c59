"""What `import indelible` gives, and what it costs."""

from __future__ import annotations

import subprocess
import sys

import indelible


def test_all_is_exact() -> None:
    """`__all__` names every public name of the package, and each exists."""
    public = {
        name for name, value in vars(indelible).items() if not name.startswith("_") and not _is_module(value)
    }
    assert set(indelible.__all__) == public


def _is_module(value: object) -> bool:
    return type(value).__name__ == "module"


def test_the_core_needs_sqlalchemy_alone() -> None:
    """Importing the library loads no third-party package but SQLAlchemy and what that needs."""
    code = "import sys; before = set(sys.modules); import indelible; print(*{m.split('.')[0] for m in sys.modules})"
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
