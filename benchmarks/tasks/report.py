"""What was measured, as a table."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import Any

HEAD = (
    "side",
    "precision",
    "tokens a second",
    "lowest - highest",
    "against ours",
    "share of the ceiling",
    "first text",
    "first pass",
    "executables, seconds",
    "peak memory",
    "largest difference",
)


def speed(record: dict[str, Any], tokens: int) -> float | None:
    """The median of a side's speeds, or None where it has none."""
    return tokens / statistics.median(record["passes"]) if record.get("passes") else None


def ratios(record: dict[str, Any], other: dict[str, Any]) -> list[float]:
    """How many times as fast a side was as another, round by round: both ran within minutes of each other."""
    return [theirs / own for own, theirs in zip(record["passes"], other["passes"], strict=False)]


def _row(record: dict[str, Any], ours: dict[str, Any] | None, measured: dict[str, Any]) -> list[str]:
    cells = [record["name"], record["dtype"]]
    if not record.get("passes"):
        return [*cells, f"failed: {record.get('error', 'no pass')}", *[""] * (len(HEAD) - 3)]
    tokens = measured["tokens"]
    speeds = sorted(tokens / seconds for seconds in record["passes"])
    against = ""
    if ours is not None and ours is not record and ours.get("passes"):
        against = f"{1 / statistics.median(ratios(ours, record)):.2f}"
    ceiling = measured["ceiling"].get(record["dtype"])
    share = measured["operations"] / statistics.median(record["passes"]) / max(ceiling) if ceiling else None
    compiled = f"{record['compiles']}, {record['compile_seconds']:.0f} s" if "compiles" in record else ""
    if record.get("compiles_later"):
        compiled += f", then {record['compiles_later']} more"
    difference = record.get("difference")
    return [
        *cells,
        f"{statistics.median(speeds):,.0f}",
        f"{speeds[0]:,.0f} - {speeds[-1]:,.0f}",
        against,
        f"{share:.0%}" if share is not None else "",
        f"{record['first_text']:.1f} s",
        f"{record['first_pass']:.1f} s",
        compiled,
        f"{record['mebibytes']:,.0f} MiB" if "mebibytes" in record else "",
        f"{difference:.1e}" if difference is not None else "",
    ]


def _goals(records: list[dict[str, Any]]) -> Iterator[str]:
    """How many times as fast ours is as each peer at the same precision, round by round."""
    for own in records:
        if not own["kind"].startswith("ours") or not own.get("passes"):
            continue
        for other in records:
            same = (other["group"], other["dtype"]) == (own["group"], own["dtype"])
            if same and other is not own and other.get("passes"):
                found = sorted(ratios(own, other))
                yield (
                    f"- {own['group']}, {own['dtype']}: {statistics.median(found):.2f} times as fast as "
                    f"{other['name']} ({found[0]:.2f} to {found[-1]:.2f} over {len(found)} rounds; "
                    f"its first pass took {other['first_pass']:.0f} s, ours {own['first_pass']:.0f} s)"
                )


def markdown(measured: dict[str, Any]) -> str:
    """The table of a run.

    Args:
        measured: What ``python -m benchmarks.tasks --json`` writes.

    Returns:
        Markdown: what was run, the tables, the ratios.
    """
    records = list(measured["sides"].values())
    amount = f"{measured['texts']:,} texts, {measured['tokens']:,} tokens; {measured['rounds']} rounds"
    lines = [f"{amount}, sides interleaved, on {measured['machine']}."]
    if any(measured["ceiling"].values()):
        products = (f"{max(found) / 1e12:.2f} TFLOP/s {dtype}" for dtype, found in measured["ceiling"].items() if found)
        lines += ["", f"The machine's ceiling, matrix products of 2048 x 2048: {', '.join(products)}."]
    for group in ("classification", "embedding"):
        chosen = [record for record in records if record["group"] == group]
        if not chosen:
            continue
        lines += ["", f"### {group}", "", f"| {' | '.join(HEAD)} |", f"|{'|'.join(['---', '---', *['---:'] * 9])}|"]
        for record in chosen:
            own = next(
                (one for one in chosen if one["kind"].startswith("ours") and one["dtype"] == record["dtype"]), None
            )
            lines.append(f"| {' | '.join(_row(record, own, measured))} |")
    lines += ["", *_goals(records)]
    versions = {key: record["versions"] for key, record in measured["sides"].items() if "versions" in record}
    lines += ["", "Versions:", ""]
    lines += [f"- {key}: {', '.join(f'{n} {v}' for n, v in found.items())}" for key, found in versions.items()]
    return "\n".join(lines) + "\n"
