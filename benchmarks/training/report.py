"""What was measured, as a table."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import Any

REFERENCE = "torch-eager float32"
_HEAD = (
    "side",
    "precision",
    "seconds a step",
    "lowest - highest",
    "tokens a second",
    "against ours",
    "share of the ceiling",
    "first step",
    "loaded",
    "peak of a step",
    "loss of step 1",
    "largest difference, step 1",
    "all steps",
)


def markdown(measured: dict[str, Any]) -> str:
    """The table of a run.

    Args:
        measured: What ``python -m benchmarks.training --json`` writes.

    Returns:
        Markdown: what was run, the table, the ratios.
    """
    records = measured["sides"]
    shape = f"{measured['size']}, batch {measured['batch']}, length {measured['length']}"
    rounds = f"{measured['rounds']} rounds of {measured['steps']} steps"
    lines = [f"{shape}; {rounds}, sides interleaved, on {measured['machine']}."]
    products = (f"{max(found) / 1e12:.2f} TFLOP/s {dtype}" for dtype, found in measured["ceiling"].items() if found)
    lines += ["", f"The machine's ceiling, matrix products of 2048 x 2048: {', '.join(products)}.", ""]
    lines += [f"| {' | '.join(_HEAD)} |", f"|{'|'.join(['---', '---', *['---:'] * (len(_HEAD) - 2)])}|"]
    lines += [f"| {' | '.join(_row(record, measured))} |" for record in records.values()]
    lines += ["", *_ratios(records)]
    versions = {key: record["versions"] for key, record in records.items() if "versions" in record}
    lines += ["", "Versions:", ""]
    lines += [f"- {key}: {', '.join(f'{n} {v}' for n, v in found.items())}" for key, found in versions.items()]
    return "\n".join(lines) + "\n"


def ratios(record: dict[str, Any], other: dict[str, Any]) -> list[float]:
    """How many times as fast a side was as another, round by round: both ran within minutes of each other."""
    rounds = zip(record["seconds"], other["seconds"], strict=False)
    return [statistics.median(theirs) / statistics.median(own) for own, theirs in rounds]


def differences(record: dict[str, Any], reference: dict[str, Any]) -> list[float]:
    """How far the losses of a side are from those of another, step by step."""
    return [abs(one - other) for one, other in zip(record["losses"], reference["losses"], strict=False)]


def _row(record: dict[str, Any], measured: dict[str, Any]) -> list[str]:
    cells = [record["name"], record["dtype"]]
    if not record.get("seconds"):
        return [*cells, f"failed: {record.get('error', 'no round')}", *[""] * (len(_HEAD) - 3)]
    rounds = [statistics.median(seconds) for seconds in record["seconds"]]
    middle = statistics.median(rounds)
    own = measured["sides"].get(f"ours {record['dtype']}")
    against = f"{1 / statistics.median(ratios(own, record)):.2f}" if own and own is not record else ""
    ceiling = measured["ceiling"].get(record["dtype"])
    share = f"{measured['flops'] / middle / max(ceiling):.0%}" if ceiling else ""
    reference = measured["sides"].get(REFERENCE)
    apart = differences(record, reference) if reference and reference is not record else []
    return [
        *cells,
        f"{middle:.3f}",
        f"{min(rounds):.3f} - {max(rounds):.3f}",
        f"{measured['tokens'] / middle:,.0f}",
        against,
        share,
        f"{record['first_step']:.1f} s",
        f"{record['loaded_memory']:,.0f} MiB",
        f"{record['memory']:,.0f} MiB" if "memory" in record else "",
        f"{record['losses'][0]:.5f}",
        f"{apart[0]:.1e}" if apart else "",
        f"{max(apart):.1e}" if apart else "",
    ]


def _ratios(records: dict[str, Any]) -> Iterator[str]:
    """How many times as fast ours is as each peer at the same precision, round by round."""
    for own in records.values():
        if own["kind"] != "ours" or not own.get("seconds"):
            continue
        for other in records.values():
            if other["dtype"] == own["dtype"] and other is not own and other.get("seconds"):
                found = sorted(ratios(own, other))
                yield (
                    f"- {own['dtype']}: {statistics.median(found):.2f} times as fast as {other['name']} "
                    f"({found[0]:.2f} to {found[-1]:.2f} over {len(found)} rounds)"
                )
