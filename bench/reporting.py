"""The tables of a run: ratios between the peers beside their targets, and times as context."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from bench.many_rows import Cost
from bench.measuring import Times, ratio
from bench.peers import MUTABLE_DICT, OURS, PLAIN, SQLALCHEMY_JSON, STRICT

LOAD, LOAD_AND_READ, CHANGE = "load", "load, read every leaf", "change, flush"


@dataclass(frozen=True)
class Target:
    """A ratio between two peers that the project claims, at least or at most."""

    peer: str
    other: str
    limit: float
    at_most: bool = True

    def is_met(self, reached: float) -> bool:
        """Tell whether a measured ratio keeps to what is claimed."""
        return reached <= self.limit if self.at_most else reached >= self.limit

    def __str__(self) -> str:
        return f"{'<=' if self.at_most else '>='} {self.limit:g}"


COMPARED = ((OURS, PLAIN), (SQLALCHEMY_JSON, OURS), (MUTABLE_DICT, PLAIN), (STRICT, OURS))
"""The ratios that are shown."""

_FASTER_THAN_PEER = Target(SQLALCHEMY_JSON, OURS, 3.0, at_most=False)
_NO_SLOWER_CHANGE = Target(OURS, PLAIN, 1.0)
TARGETS: dict[tuple[str, str], tuple[Target, ...]] = {
    ("100 kB chat", LOAD): (Target(OURS, PLAIN, 1.5), _FASTER_THAN_PEER),
    ("1 MB storyboard", LOAD): (Target(OURS, PLAIN, 3.0), _FASTER_THAN_PEER),
    ("1 kB configuration", CHANGE): (_NO_SLOWER_CHANGE,),
    ("100 kB chat", CHANGE): (_NO_SLOWER_CHANGE,),
    ("1 MB storyboard", CHANGE): (_NO_SLOWER_CHANGE,),
}


def operations_table(sample: str, times_by_operation: dict[str, Times]) -> str:
    """Return the table of one document: milliseconds by peer, then ratios with the targets."""
    peers = list(next(iter(times_by_operation.values())))
    head = ["ms, median", *peers]
    lines = [
        [operation, *(f"{median(times[peer]) * 1000:.3f}" for peer in peers)]
        for operation, times in times_by_operation.items()
    ]
    ratios = [_ratio_line(sample, operation, times) for operation, times in times_by_operation.items()]
    tables = _table([head, *lines]), _table([["ratio", *map(_title, COMPARED)], *ratios])
    return "\n\n".join([*tables, _tracking_alone(times_by_operation[LOAD])])


def many_rows_table(costs: dict[str, list[Cost]]) -> str:
    """Return the table of one way to load and drop many rows, with medians by peer."""
    head = ["", *costs]
    lines = [
        ["load, s", *_medians(costs, lambda cost: cost.load, "{:.2f}")],
        ["drop, s", *_medians(costs, lambda cost: cost.drop, "{:.3f}")],
        ["of these in gc, s", *_medians(costs, lambda cost: cost.collecting, "{:.2f}")],
        ["collections", *_medians(costs, lambda cost: cost.collections, "{:.0f}")],
        ["full collections", *_medians(costs, lambda cost: cost.full_collections, "{:.0f}")],
        ["peak memory, MB", *_medians(costs, lambda cost: cost.peak_memory / 1e6, "{:.1f}")],
        ["garbage left, objects", *_medians(costs, lambda cost: cost.garbage, "{:.0f}")],
        ["collecting it, s", *_medians(costs, lambda cost: cost.final_collection, "{:.3f}")],
        ["all time / plain", *_over_plain(costs, _all_time)],
        ["peak memory / plain", *_over_plain(costs, lambda cost: cost.peak_memory)],
    ]
    return _table([head, *lines])


def missed(times: dict[str, dict[str, Times]]) -> list[str]:
    """Return a line for each target that was missed, given times by document and operation."""
    lines = []
    for (sample, operation), targets in TARGETS.items():
        for target in targets:
            reached = ratio(times[sample][operation], target.peer, target.other)
            if not target.is_met(reached):
                title = _title((target.peer, target.other))
                lines.append(f"{sample}, {operation}: {title} is {reached:.2f}, target {target}")
    return lines


def _ratio_line(sample: str, operation: str, times: Times) -> list[str]:
    targets = {(target.peer, target.other): target for target in TARGETS.get((sample, operation), ())}
    line = [operation]
    for pair in COMPARED:
        reached = ratio(times, *pair)
        line.append(f"{reached:.2f}{_verdict(targets.get(pair), reached)}")
    return line


def _tracking_alone(times: Times) -> str:
    """Compare what tracking adds to the load of a plain document, which the database and the parser take."""
    plain, ours, other = (median(times[peer]) for peer in (PLAIN, OURS, SQLALCHEMY_JSON))
    if ours <= plain:
        return "load less that of plain: ours took no more than plain"
    return (
        f"load less that of plain: {_title((SQLALCHEMY_JSON, OURS))} {(other - plain) / (ours - plain):.2f}"
    )


def _verdict(target: Target | None, reached: float) -> str:
    if target is None:
        return ""
    return f"  ({target}: {'met' if target.is_met(reached) else 'MISSED'})"


def _title(pair: tuple[str, str]) -> str:
    return " / ".join(pair)


def _all_time(cost: Cost) -> float:
    return cost.load + cost.drop + cost.final_collection


def _medians(costs: dict[str, list[Cost]], part: Callable[[Cost], float], form: str) -> list[str]:
    return [form.format(median(map(part, rounds))) for rounds in costs.values()]


def _over_plain(costs: dict[str, list[Cost]], part: Callable[[Cost], float]) -> list[str]:
    plain = median(map(part, costs[PLAIN]))
    # A few rows may fit in memory that the process has already.
    return [f"{median(map(part, rounds)) / plain:.2f}" if plain else "-" for rounds in costs.values()]


def _table(lines: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if not place else cell.rjust(width) for place, (cell, width) in enumerate(cells)
        )
        for cells in (list(zip(line, widths, strict=True)) for line in lines)
    )
