"""The identifiers of rows."""

import re
from uuid import uuid4

SHAPE = re.compile(r"[0-9a-f]{32}")


def new_id() -> str:
    """Return an identifier that nothing else has."""
    return uuid4().hex


def is_id(value: str) -> bool:
    """Tell whether `value` can be an identifier; anything else is not worth asking the database for."""
    return SHAPE.fullmatch(value) is not None
