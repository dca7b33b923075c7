"""Which documents are held out: few, the same everywhere, and more of them at a larger share."""

import zlib

from flax_albert.data.documents.splits import split_of

NAMES = [f"book/{number}" for number in range(20_000)]


def test_one_percent_are_those_whose_checksum_is_a_multiple_of_a_hundred() -> None:
    for name in NAMES:
        assert (split_of(name, 0.01) == "held-out") == (zlib.crc32(name.encode()) % 100 == 0)


def test_shares_are_kept_and_nested() -> None:
    before: set[str] = set()
    for share in (0.0, 0.001, 0.01, 0.03, 0.5, 0.999):
        held = {name for name in NAMES if split_of(name, share) == "held-out"}
        expected, deviation = share * len(NAMES), (share * (1 - share) * len(NAMES)) ** 0.5
        assert abs(len(held) - expected) <= 4 * deviation
        assert before <= held
        before = held
