"""What both sides are asked: tokenizer directories, options, lines and calls."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[2] / "tokenization" / "data"
TINY = DATA / "tiny"
TINY_SIZE = 400
TINY_WORDPIECE = DATA / "tiny-wordpiece"
TINY_WORDPIECE_SIZE = 378
TINY_INDIC = DATA / "tiny-indic"
TINY_INDIC_SIZE = 150
# What transformers 5 writes for the small tokenizer when it has only spiece.model.
TINY_VERSION_5 = DATA / "tiny-by-version-5"

SPIECE, VOCAB, TOKENIZER, CONFIG, SPECIAL, ADDED = (
    "spiece.model",
    "vocab.txt",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
)
FILES = [SPIECE, TOKENIZER, CONFIG, SPECIAL]
WORDPIECE_FILES = [VOCAB, TOKENIZER, CONFIG, SPECIAL]

# Files copied, files written, options passed.
Setting = tuple[list[str], dict[str, Any], dict[str, Any]]

# The ways to get a tokenizer whose every line is of interest.
SETTINGS: dict[str, Setting] = {
    "both": (FILES, {}, {}),
    "spiece.model alone": ([SPIECE], {}, {}),
    "tokenizer.json alone": ([TOKENIZER], {}, {}),
    "spiece.model, do_lower_case=False": ([SPIECE], {CONFIG: {"do_lower_case": False}}, {}),
    "spiece.model, keep_accents=True": ([SPIECE], {CONFIG: {"keep_accents": True}}, {}),
    "spiece.model, both as arguments": ([SPIECE], {}, {"do_lower_case": False, "keep_accents": True}),
    "both, do_lower_case=False, from_slow": (FILES, {}, {"do_lower_case": False, "from_slow": True}),
}


def small_settings(size: int) -> dict[str, Setting]:
    """The ways to get a tokenizer whose options and files are of interest.

    Args:
        size: Size of the vocabulary, at which added tokens begin.
    """
    new = _token("<new>", normalized=True, special=False)
    mask = _token("[MASK]", lstrip=True)
    bare = _token("[MASK]")
    limits = {
        "model_max_length": 12,
        "padding_side": "left",
        "truncation_side": "left",
        "clean_up_tokenization_spaces": False,
        "model_input_names": ["input_ids", "attention_mask"],
        "something": {"else": [1]},
    }
    old_tokens = {"bos_token": "[CLS]", "mask_token": mask, "additional_special_tokens": ["<x>", _token("<y>")]}
    typed = {"mask_token": {**mask, "__type": "AddedToken"}, "additional_special_tokens": ["<z>"]}
    decoder = {"added_tokens_decoder": {"4": {**mask, "special": True}, str(size): new}, "mask_token": "[MASK]"}
    overriding = {"mask_token": "<hole>", "additional_special_tokens": ["<p>"], "pad_token": "<unk>"}
    foreign = {"cls_token": "<s>", "unk_token": "the", "sep_token": "</s>"}
    otherwise = {"do_lower_case": False, "keep_accents": True, "remove_space": False}
    return {
        "both, do_lower_case=False passed": (FILES, {}, {"do_lower_case": False}),
        "tokenizer.json, config says otherwise": ([SPIECE, TOKENIZER], {CONFIG: otherwise}, {}),
        "limits and sides": ([SPIECE, TOKENIZER], {CONFIG: limits}, {}),
        "old files": (
            [SPIECE],
            {
                CONFIG: {"do_lower_case": True, "max_len": 512},
                SPECIAL: old_tokens,
                ADDED: {"<new>": size + 2, "<x>": size, "<y>": size + 1},
            },
            {},
        ),
        "old files, tokenizer.json": (
            [SPIECE, TOKENIZER],
            {SPECIAL: {"mask_token": bare}, ADDED: {"<new>": size}},
            {},
        ),
        "typed tokens in the config": ([SPIECE, TOKENIZER], {CONFIG: typed}, {}),
        "added_tokens_decoder": ([SPIECE], {CONFIG: decoder}, {}),
        "mask token without the space": ([SPIECE], {SPECIAL: {"mask_token": bare}}, {}),
        "tokens as arguments": (FILES, {}, overriding),
        "tokens as arguments, spiece.model": ([SPIECE], {}, foreign),
        "saved with padding and truncation": ([TOKENIZER], {TOKENIZER: "left"}, {}),
    }


def _token(content: str, lstrip: bool = False, normalized: bool = False, special: bool | None = None) -> dict[str, Any]:
    token = {"content": content, "lstrip": lstrip, "normalized": normalized, "rstrip": False, "single_word": False}
    return token if special is None else {**token, "special": special}


def slow_settings() -> dict[str, Setting]:
    """The ways to get a slow tokenizer."""
    settings = {name: setting for name, setting in SETTINGS.items() if _suits_slow(setting)}
    return {**settings, "spiece.model, remove_space=False": ([SPIECE], {CONFIG: {"remove_space": False}}, {})}


def slow_small_settings(size: int) -> dict[str, Setting]:
    """The ways to get a slow tokenizer whose options and files are of interest."""
    return {name: setting for name, setting in small_settings(size).items() if _suits_slow(setting)}


def _suits_slow(setting: Setting) -> bool:
    return SPIECE in setting[0] and "from_slow" not in setting[2]


def wordpiece_settings() -> dict[str, Setting]:
    """The ways to get a WordPiece tokenizer, fast or slow."""
    cased = {"do_lower_case": False, "strip_accents": True}
    return {
        "both": (WORDPIECE_FILES, {}, {}),
        "vocab.txt alone": ([VOCAB], {}, {}),
        "vocab.txt, do_lower_case=False": ([VOCAB], {CONFIG: {"do_lower_case": False}}, {}),
        "vocab.txt, strip_accents=False": ([VOCAB], {CONFIG: {"strip_accents": False}}, {}),
        "vocab.txt, cased without accents": ([VOCAB], {CONFIG: cased}, {}),
        "vocab.txt, tokenize_chinese_chars=False": ([VOCAB], {}, {"tokenize_chinese_chars": False}),
        "both, config says otherwise": ([VOCAB, TOKENIZER], {CONFIG: cased}, {}),
    }


def wordpiece_small_settings(size: int) -> dict[str, Setting]:
    """The ways to get a WordPiece tokenizer whose options and files are of interest."""
    new = _token("<new>", normalized=True, special=False)
    limits = {"model_max_length": 12, "padding_side": "left", "truncation_side": "left"}
    old_tokens = {"mask_token": _token("[MASK]"), "additional_special_tokens": ["<x>", _token("<y>")]}
    decoder = {"added_tokens_decoder": {str(size): new}, "mask_token": "[MASK]"}
    overriding = {"mask_token": "<hole>", "additional_special_tokens": ["<p>"], "pad_token": "[UNK]"}
    return {
        "limits and sides": (WORDPIECE_FILES[:2], {CONFIG: limits}, {}),
        "old files": (
            [VOCAB],
            {
                CONFIG: {"do_lower_case": True, "max_len": 512},
                SPECIAL: old_tokens,
                ADDED: {"<x>": size, "<y>": size + 1},
            },
            {},
        ),
        "added_tokens_decoder": ([VOCAB], {CONFIG: decoder}, {}),
        "tokens as arguments": (WORDPIECE_FILES, {}, overriding),
    }


# Checkpoints in scripts whose vowel signs must be kept.
INDIC_SETTINGS: dict[str, Setting] = {
    "both": ([SPIECE], {CONFIG: {"keep_accents": True}}, {}),
    "accents dropped": ([SPIECE], {}, {"keep_accents": False}),
}


@dataclass(frozen=True)
class Kind:
    """A class to compare.

    Attributes:
        name: What it is called here.
        tokenizer_class: Its name, in both libraries.
        tiny: The directory of the small tokenizer.
        size: Size of its vocabulary.
        settings: The ways to get one whose every line is of interest.
        small: The ways to get one whose options and files are of interest, by the size of the vocabulary.
        thorough: The settings in which words, calls and positions are asked for too.
    """

    name: str
    tokenizer_class: str
    tiny: Path
    size: int
    settings: dict[str, Setting]
    small: Callable[[int], dict[str, Setting]]
    thorough: tuple[str, ...]

    @property
    def golden(self) -> Path:
        """The answers of 4.37 for the small tokenizer."""
        return DATA / f"golden-{self.name}.jsonl.xz"

    def all_settings(self) -> dict[str, Setting]:
        """Every setting of the small tokenizer."""
        return {**self.settings, **self.small(self.size)}


_KINDS = [
    Kind("fast", "AlbertTokenizerFast", TINY, TINY_SIZE, SETTINGS, small_settings, ("both", "spiece.model alone")),
    Kind(
        "slow",
        "AlbertTokenizer",
        TINY,
        TINY_SIZE,
        slow_settings(),
        slow_small_settings,
        ("both", "spiece.model alone"),
    ),
    Kind(
        "wordpiece",
        "BertTokenizerFast",
        TINY_WORDPIECE,
        TINY_WORDPIECE_SIZE,
        {**wordpiece_settings(), "tokenizer.json alone": ([TOKENIZER], {}, {})},
        wordpiece_small_settings,
        ("both", "vocab.txt alone"),
    ),
    Kind(
        "wordpiece-slow",
        "BertTokenizer",
        TINY_WORDPIECE,
        TINY_WORDPIECE_SIZE,
        {
            **wordpiece_settings(),
            "vocab.txt, no basic split": ([VOCAB], {}, {"do_basic_tokenize": False}),
            "vocab.txt, never_split": ([VOCAB], {}, {"never_split": ["the.cat", "中文"]}),
        },
        wordpiece_small_settings,
        ("both", "vocab.txt alone"),
    ),
    Kind("indic", "AlbertTokenizerFast", TINY_INDIC, TINY_INDIC_SIZE, INDIC_SETTINGS, lambda size: {}, ("both",)),
    Kind("indic-slow", "AlbertTokenizer", TINY_INDIC, TINY_INDIC_SIZE, INDIC_SETTINGS, lambda size: {}, ("both",)),
]
KINDS = {kind.name: kind for kind in _KINDS}


def make_settings(kind: Kind, source: Path, work: Path, size: int, every: int, share: int) -> list[dict[str, Any]]:
    """Makes the directories of all settings.

    Args:
        kind: The class to compare.
        source: A directory with the four files of a tokenizer.
        work: Where to make them.
        size: Size of the vocabulary.
        every: Take every so many lines.
        share: In the settings that are not thorough, take every so many of these lines.
    """
    settings = []
    for name, (copied, written, options) in {**kind.settings, **kind.small(size)}.items():
        directory = work / f"tokenizer-{len(settings)}"
        _make_directory(directory, source, copied, written)
        thorough = name in kind.thorough
        settings.append(
            {
                "name": name,
                "directory": str(directory),
                "options": options,
                "every": every * (1 if thorough else share) if name in kind.settings else 1000,
                "thorough": thorough,
                "save_to": str(work / f"saved-{len(settings)}"),
            }
        )
    return settings


def _make_directory(path: Path, source: Path, copied: list[str], written: dict[str, Any]) -> None:
    path.mkdir(parents=True)
    for name in copied:
        shutil.copyfile(source / name, path / name)
    for name, content in written.items():
        if content == "left":
            content = json.loads((source / name).read_text(encoding="utf-8"))
            content["padding"] = {"strategy": "BatchLongest", "direction": "Left", "pad_to_multiple_of": None}
            content["padding"] |= {"pad_id": 0, "pad_type_id": 0, "pad_token": "<pad>"}
            content["truncation"] = {"direction": "Left", "max_length": 6, "strategy": "LongestFirst", "stride": 0}
        (path / name).write_text(json.dumps(content), encoding="utf-8")


def make_calls(count: int, offsets: bool, seed: int = 4) -> list[dict[str, Any]]:
    """Calls with arguments drawn from every combination.

    Args:
        count: How many.
        offsets: Whether offsets are asked for as often as not, or hardly ever.
        seed: Which.
    """
    generator = random.Random(seed)
    long = "Some longer text, with [MASK] and 1,000 words; it's about état-of-the-art cats."
    texts: list[tuple[list[Any], bool]] = [
        ([""], False),
        (["Hello"], False),
        ([long], False),
        ([["one", long, ""]], False),
        (["short", long], False),
        ([long, "short"], False),
        ([["a", long, ""], [long, "b", "c d"]], False),
        ([[("a", long), ("b c", "d")]], False),
        ([long.split()], True),
        ([long.split(), ["two", "words"]], True),
        ([[["a", "b"], long.split(), []]], True),
        ([[["a", "b"], long.split()], [long.split(), []]], True),
    ]
    choices: dict[str, list[Any]] = {
        "padding": [False, True, "longest", "max_length", "do_not_pad"],
        "truncation": [None, False, True, "longest_first", "only_first", "only_second", "do_not_truncate"],
        "max_length": [None, 2, 3, 4, 8, 16],
        "stride": [0, 0, 1, 2, 5],
        "pad_to_multiple_of": [None, None, 8],
        "return_overflowing_tokens": [False, True],
        "add_special_tokens": [True, True, False],
        "return_tensors": [None, None, "np"],
        "return_offsets_mapping": [True, False],
        "return_special_tokens_mask": [True, False],
        "return_length": [False, True],
        "return_attention_mask": [None, True, False],
        "return_token_type_ids": [None, True, False],
    }
    calls = []
    for _ in range(count):
        given, split = generator.choice(texts)
        arguments = {name: generator.choice(values) for name, values in choices.items()}
        arguments["return_offsets_mapping"] &= offsets or generator.random() < 0.1
        sides = {side: generator.choice(["right", "right", "left"]) for side in ("padding_side", "truncation_side")}
        calls.append({"texts": given, "arguments": {**arguments, "is_split_into_words": split}, **sides})
    return calls


# Lines for the small tokenizer, whose answers are kept in the repository.
TINY_LINES = [
    "",
    " ",
    "The cat sat on the mat.",
    "  The   CAT\tsat\non the mat ",
    "He said: ``well-known'' and ''quoted`` things; it's state-of-the-art!",
    "Two numbers: 1,000 and 12,345, then 9, and 3,,4 or 5,.",
    "A [MASK] sat on the [MASK].",
    "a[MASK]b  [MASK]\t[MASK] [mask] [ MASK ]",
    "[CLS] literal [SEP] tokens <pad> and <unk> inside [SEP]",
    "Ångström, naïve café, Zoë's fiancé: ÉCOLE İstanbul ß ﬁne ①…",
    "e\u0301 o\u0308\u0323 lone \u0301 and stacked a\u0300\u0301\u0302\u0303",
    "ｗｉｄｅ　ｌｅｔｔｅｒｓ\u00a0and\u2003spaces\u200bhere\ufefftoo \u00ad\x00\x01\x7f",
    "日本語のテキスト 中文 한국어 ภาษาไทย",
    "हिन्दी বাংলা தமிழ் മലയാളം क्षि",
    "Ελληνικά Русский עברית العربية",
    "👩‍👩‍👧‍👦 🧑🏽‍🚀 🇫🇷 #️⃣ 👍🏿 text 🙂🙂",
    "▁ ▁▁ ▁the the▁cat _ __",
    "a" * 100,
    "the cat " * 12,
    "\u202eright to left\u202c \u2028line\u2029paragraph \x85 \x0b\x0c",
    "don't DON'T I'm we've they're n't 's , . ! ?",
    "ﷺ ㎏ ½ ² ³ Ⅷ ™ ℃ ｶﾞ",
    "𝕳𝖊𝖑𝖑𝖔 𐐀𐐨 \U0001e900 \U000e0041",
    "\ufffd\ufffd x\ufffdy",
    "a \ud800 cat \udfff. \ud83d\ude00 [MASK]\udc00",
    "ǅ ǆ Ǆ ﬀ ŉ Σίσυφος ΌΣΟΣ",
]


CHINESE_LINES = [
    "中文的ALBERT用BERT的词表。",
    "他说：“猫坐在垫子上，狗在河边。”1,000只猫、12.5公斤；2024年！",
    "[MASK]国的首都是北[MASK]。",
    "中文English混排 the cats 和 catlike，café、naïve、ÉCOLE。",
    "龘靐齉 𠀀𪜀 ㈱ ﹏ 〇 々 ゝ　全角　ＡＢＣ１２３",
    "ひらがな カタカナ ｶﾞ 한국어 漢字かな交じり文",
    "unwalkably the.cat the-cat [UNK] [PAD]",
]


INDIC_LINES = [
    "नदी गाँव के पास बहती है। बच्चे [MASK] पढ़ते हैं।",
    "வீட்டின் முன்னால் ஒரு மரம் இருக்கிறது, [MASK].",
    "ছেলেটি প্রতিদিন সকালে নদীর ধারে হাঁটে।",
    "हिन्दी, தமிழ் और বাংলা: क्षि க்ஷ ক্ষ ज़ ड़ ফ়",
]


def write_tiny_jobs(kind: Kind, work: Path) -> Path:
    """Writes the jobs whose answers by 4.37 are kept in the repository.

    Args:
        kind: The class to compare.
        work: Where.

    Returns:
        The file that side.py takes.
    """
    settings = make_settings(kind, kind.tiny, work, size=kind.size, every=1, share=1)
    for setting in settings:
        setting["thorough"] = setting["name"] == "both"
    lines = TINY_LINES + (CHINESE_LINES if kind.tiny == TINY_WORDPIECE else [])
    if kind.tiny == TINY_INDIC:  # to which the line with lone surrogates would be unknown letters
        lines = [line for line in TINY_LINES if "\ud800" not in line] + INDIC_LINES
    (work / "lines.json").write_text(json.dumps(lines), encoding="utf-8")
    jobs = {
        "class": kind.tokenizer_class,
        "lines": str(work / "lines.json"),
        "settings": settings,
        "calls": make_calls(150, offsets=kind.tokenizer_class.endswith("Fast")),
    }
    (work / "jobs.json").write_text(json.dumps(jobs), encoding="utf-8")
    return work / "jobs.json"
