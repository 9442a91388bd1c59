"""The `studio` command."""


def main() -> None:
    raise SystemExit("not built yet")
