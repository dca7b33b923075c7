"""The lines that both tokenizers are given: real text, every Unicode block, and everything that has ever gone wrong."""

from __future__ import annotations

import json
import lzma
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SPECIAL = ["[CLS]", "[SEP]", "[MASK]", "<pad>", "<unk>"]
SPACES = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) in ("Zs", "Zl", "Zp")]
SPACES += ["\t", "\n", "\r", "\x0b", "\x0c", "\x85", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u180e", "▁"]
WORDS = [
    "the",
    "Hello",
    "don't",
    "state-of-the-art",
    "``quoted''",
    "café",
    "naïve",
    "ÅNGSTRÖM",
    "x",
    "9,",
    "1,000",
    "2,5",
]
WORDS += ["U.S.A.", "e.g.", "$3.50", "A.B", "(see)", "...", "?!", "—", "it's", "I'm", "''", "``", "[mask]", "[ MASK ]"]


def real_text(data: Path, count: int) -> Iterator[str]:
    """Lines and paragraphs of the data sets, spread over all of them."""
    files = sorted(path for path in (data / "tasks").rglob("*") if path.is_file())
    each = max(1, count // (2 * len(files)))
    for path in files:
        yield from _spread(list(_texts(path)), each)
    pretraining = sorted((data / "pretrain").glob("*.jsonl.xz"))
    for path in pretraining:
        paragraphs: list[str] = []
        with lzma.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                paragraphs += [part[:2000] for part in json.loads(line)["text"].split("\n\n")[:8]]
                if len(paragraphs) > count:
                    break
        yield from _spread(paragraphs, count // (2 * len(pretraining)))


def _texts(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    if path.suffix not in (".json", ".jsonl"):
        yield from text.splitlines()
        return
    decoder, position = json.JSONDecoder(), 0
    while position < len(text):  # one value, or one a line
        value, position = decoder.raw_decode(text, position)
        yield from _strings(value)
        while position < len(text) and text[position].isspace():
            position += 1


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item)


def _spread(items: list[str], count: int) -> list[str]:
    return items[:: max(1, len(items) // count)][:count]


def unicode_rows() -> Iterator[str]:
    """Every row of 16 code points, of which every block is made: all of them in words, with Latin letters around."""
    for start in range(0, 0x110000, 16):
        plane, row = start >> 16, start >> 4
        # Ideographs, Tangut and private use fill most of the space with the same behaviour: some rows suffice.
        uniform = 0x4E00 <= start < 0xD7A0 or 0x17000 <= start < 0x1AFF0 or plane in (2, 3)
        if 0xD800 <= start < 0xE000 or (uniform and row % 6) or (plane >= 4 and row % 61 and plane != 14):
            continue
        characters = [chr(code) for code in range(start, start + 16)]
        yield "".join(characters)
        yield " ".join(f"a{character}b" for character in characters)
        yield " ".join(characters) + " x" + "é".join(characters)


def assigned_characters() -> Iterator[str]:
    """Every assigned character beyond the ideographs, alone between two words."""
    for code in range(0x20000):
        character = chr(code)
        uniform = 0x3400 <= code < 0xD7A0 or (0x17000 <= code < 0x1B000 and code % 9)
        if unicodedata.category(character) not in ("Cn", "Cs", "Co") and not uniform:
            yield f"Cat {character} do{character}g"


def made_up(generator: random.Random, count: int) -> Iterator[str]:
    """Strings that put trouble next to trouble."""
    marks = [chr(code) for code in range(0x300, 0x370)]
    indic = [chr(code) for code in range(0x900, 0xE00) if unicodedata.category(chr(code)) != "Cn"]
    east = [chr(code) for code in [*range(0x3040, 0x3100), *range(0x4E00, 0x4F00), *range(0xAC00, 0xAC80)]]
    emoji = [chr(code) for code in [*range(0x1F300, 0x1F650), *range(0x1F900, 0x1FA00), *range(0x1F1E6, 0x1F200)]]
    joiners = ["\u200d", "\ufe0f", "\u20e3", *map(chr, range(0x1F3FB, 0x1F400))]
    control = [chr(code) for code in [*range(0x20), *range(0x7F, 0xA0), 0x200E, 0x200F, *range(0x202A, 0x202F)]]
    anything = [chr(code) for code in range(0x20000) if not 0xD800 <= code < 0xE000]
    latin = [chr(code) for code in range(0x20, 0x250)]
    kinds = [marks, indic, east, emoji + joiners, joiners, control, anything, latin, SPACES, WORDS, SPECIAL]
    for index in range(count):
        mixed = index % 2
        pool = generator.choice(kinds)
        parts = []
        for _ in range(generator.randint(1, 24)):
            parts.append(generator.choice(generator.choice(kinds) if mixed else pool))
            if generator.random() < 0.35:
                parts.append(generator.choice([" ", "  ", generator.choice(SPACES), generator.choice(WORDS)]))
        yield "".join(parts)
    for _ in range(count // 8):
        digits = [str(generator.randint(0, 10 ** generator.randint(1, 9))) for _ in range(generator.randint(1, 6))]
        yield generator.choice(["", "$", "No. "]) + generator.choice([",", ", ", ",,", ".", " ,"]).join(digits) + ","
    for _ in range(count // 8):
        token = generator.choice(SPECIAL)
        pad = generator.choice(["", " ", "  ", "\t", "\u00a0"])
        yield generator.choice(WORDS) + pad + token + generator.choice(["", " ", "  ", "s", ",", token]) + "end"


def extremes() -> list[str]:
    """Empty, blank and very long strings."""
    return [
        "",
        " ",
        "   ",
        "\n\n",
        "▁",
        "▁▁",
        "a" * 100_000,
        "word " * 20_000,
        " " * 50_000,
        "é" * 20_000,
        "\u0301" * 20_000,
        "中" * 20_000,
        "[MASK]" * 5_000,
        " [MASK] " * 5_000,
        "1,000," * 5_000,
        "🧑‍🚀" * 3_000,
        "\x00",
        "a\x00b",
        "\ufffd",
        "\U0010ffff",
        "\ud800",
        "a \ud800 cat \udfff.",
        "\ud83d\ude00 smile [MASK]\udc00",
    ]


def lines(data: Path, count: int) -> list[str]:
    """All lines, the same on every run.

    Args:
        data: The folder of real inputs.
        count: How many lines of real text, and as many made-up ones.
    """
    return [
        *extremes(),
        *real_text(data, count),
        *unicode_rows(),
        *assigned_characters(),
        *made_up(random.Random(20), count),
    ]


def wordpieces(texts: list[str]) -> list[str]:
    """A WordPiece vocabulary for texts: their letters, their frequent words and ends of words, and every ideograph.

    Args:
        texts: The texts.
    """
    letters, words, ends = Counter[str](), Counter[str](), Counter[str]()
    for text in texts:
        text = text[:2000].lower()
        letters.update(text)
        found = re.findall(r"[^\W\d_]+", text)
        words.update(found)
        ends.update(word[-size:] for word in found for size in (1, 2, 3, 4) if len(word) > size)
    spelled = [letter for letter, _ in letters.most_common() if letter.isprintable() and not letter.isspace()]
    ideographs = [letter for letter in spelled if "\u4e00" <= letter <= "\u9fff"]
    tokens = ["[PAD]", *(f"[unused{number}]" for number in range(1, 100)), "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokens += [*spelled[:4000], *(f"##{letter}" for letter in spelled[:4000]), *ideographs]
    tokens += [word for word, _ in words.most_common(12_000)] + [f"##{end}" for end, _ in ends.most_common(6000)]
    return list(dict.fromkeys(tokens))
