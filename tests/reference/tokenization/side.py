"""One side of the comparison: runs every job with one of the two libraries and prints one JSON line an answer.

Runs in the oracle's environment as well as in this project's, so that it imports nothing but the library it is told to.
"""

from __future__ import annotations

import copy
import hashlib
import importlib
import json
import pickle
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

CHUNK = 500
MODULES = {"flax_albert": "flax_albert.tokenization", "transformers": "transformers"}


def answers(tokenizer_class: Any, library: str, jobs: dict[str, Any]) -> Iterator[list[Any]]:
    """The answers to all jobs: setting, kind of question, answer.

    Args:
        tokenizer_class: The class to ask.
        library: Its library's name, which names the directory it saves to.
        jobs: The jobs.
    """
    lines = json.loads(Path(jobs["lines"]).read_text(encoding="utf-8"))
    if not tokenizer_class.__name__.endswith("Fast"):
        # 4.37's slow tokenizers refused lone surrogates.
        lines = ["".join(" " if "\ud800" <= letter <= "\udfff" else letter for letter in line) for line in lines]
    for setting in jobs["settings"]:
        name = setting["name"]

        def load(setting: dict[str, Any] = setting) -> Any:
            return tokenizer_class.from_pretrained(setting["directory"], **setting["options"])

        tokenizer = load()
        chosen = lines[:: setting["every"]]
        yield [name, "state", state(tokenizer)]
        for start in range(0, len(chosen), CHUNK):
            for answer in encode_lines(tokenizer, chosen[start : start + CHUNK]):
                yield [name, "line", answer]
        if setting["thorough"]:
            for start in range(0, len(chosen), CHUNK):
                for answer in encode_words(tokenizer, chosen[start : start + CHUNK : 4]):
                    yield [name, "words", answer]
            for call in jobs["calls"]:
                yield [name, "call", run_call(tokenizer, call)]
            if tokenizer.is_fast:
                for answer in lookups(tokenizer, chosen[2 :: max(4, len(chosen) // 400)]):
                    yield [name, "lookup", answer]
        if setting["save_to"]:
            for operation, function in OPERATIONS.items():
                yield [name, f"operation {operation}", attempt(function, load())]
            directory = Path(setting["save_to"]) / library
            load().save_pretrained(str(directory))
            yield [name, "saved", saved_files(directory)]


def main(library: str, jobs_file: str) -> None:
    """Prints the answers to all jobs, one JSON line each.

    Args:
        library: ``"flax_albert"`` or ``"transformers"``.
        jobs_file: The jobs, as jobs.py writes them.
    """
    jobs = json.loads(Path(jobs_file).read_text(encoding="utf-8"))
    tokenizer_class = getattr(importlib.import_module(MODULES[library]), jobs["class"])
    for answer in answers(tokenizer_class, library, jobs):
        sys.stdout.write(json.dumps(answer, sort_keys=True) + "\n")


def encode_lines(tokenizer: Any, texts: list[str]) -> Iterator[dict[str, Any]]:
    """Everything that is known about each line."""
    offsets = {"return_offsets_mapping": True} if tokenizer.is_fast else {}
    encoded = tokenizer(texts, return_special_tokens_mask=True, verbose=False, **offsets)
    for index, text in enumerate(texts):
        ids = encoded["input_ids"][index]
        answer = {
            "text": text[:300],
            **{name: encoded[name][index] for name in sorted(encoded.keys())},
            "decode": tokenizer.decode(ids),
            "decode_skip": tokenizer.decode(ids, skip_special_tokens=True),
            "decode_raw": tokenizer.decode(ids, clean_up_tokenization_spaces=False),
        }
        if tokenizer.is_fast:
            answer["word_ids"] = encoded.word_ids(index)
            answer["sequence_ids"] = encoded.sequence_ids(index)
            answer["tokens"] = encoded.tokens(index)
        else:
            answer["tokens"] = tokenizer.tokenize(text)
        yield answer


def encode_words(tokenizer: Any, texts: list[str]) -> Iterator[dict[str, Any]]:
    """The same lines split into words by the caller, in pairs with their neighbours."""
    # 4.37 refused lone surrogates in words, and only there.
    texts = [text for text in texts if not any("\ud800" <= character <= "\udfff" for character in text)]
    words = [text.split()[:300] for text in texts]
    if not tokenizer.is_fast:  # 4.37's slow tokenizers refused a text without words
        words = [text or ["x"] for text in words]
    offsets = {"return_offsets_mapping": True} if tokenizer.is_fast else {}
    encoded = tokenizer(words, words[1:] + words[:1], is_split_into_words=True, **offsets)
    for index, text in enumerate(texts):
        answer = {"text": text[:300], **{name: encoded[name][index] for name in sorted(encoded.keys())}}
        if tokenizer.is_fast:
            answer["word_ids"] = encoded.word_ids(index)
            answer["sequence_ids"] = encoded.sequence_ids(index)
        yield answer


def run_call(tokenizer: Any, call: dict[str, Any]) -> dict[str, Any]:
    """One call with its own arguments, and what it returned or refused."""
    tokenizer.padding_side, tokenizer.truncation_side = call["padding_side"], call["truncation_side"]
    try:
        encoded = tokenizer(*call["texts"], **call["arguments"])
    except BaseException as error:  # the library panics where it should refuse
        if isinstance(error, KeyboardInterrupt):
            raise
        return {"call": call, "refused": True}
    finally:
        tokenizer.padding_side = tokenizer.truncation_side = "right"
    values = {name: encoded[name] for name in sorted(encoded.keys())}
    if any(isinstance(value, np.ndarray) and value.dtype == object for value in values.values()):
        return {"call": call, "refused": False, "ragged": True}
    return {"call": call, "refused": False, **plain(values)}


def lookups(tokenizer: Any, texts: list[str]) -> Iterator[dict[str, Any]]:
    """Every position looked up in every way."""
    for first, second in zip(texts, texts[1:] + texts[:1], strict=True):
        first, second = first[:80], second[:60]
        encoded = tokenizer([first, second or "x"], [second or "x", first], padding=True)
        count = len(encoded["input_ids"][0])
        words = 1 + max((word for word in encoded.word_ids(0) if word is not None), default=0)
        yield {
            "texts": [first, second],
            "token_to_chars": [encoded.token_to_chars(index) for index in range(count)],
            "token_to_word": [encoded.token_to_word(1, index) for index in range(count)],
            "token_to_sequence": [encoded.token_to_sequence(0, index) for index in range(count)],
            "char_to_token": [encoded.char_to_token(0, index) for index in range(len(first))],
            "char_to_token_1": [encoded.char_to_token(0, index, 1) for index in range(len(second))],
            "char_to_word": [encoded.char_to_word(index) for index in range(len(first))],
            "word_to_tokens": [encoded.word_to_tokens(index) for index in range(words)],
            "word_to_chars": [
                encoded.word_to_chars(0, index) for index in range(words) if encoded.word_to_tokens(index)
            ],
            "n_sequences": encoded.n_sequences,
            "slice": encoded["input_ids"][:1],
            "encoding": encoded[1].tokens,
        }


def state(tokenizer: Any) -> dict[str, Any]:
    """What a tokenizer says about itself."""
    return {
        "len": len(tokenizer),
        "vocab_size": tokenizer.vocab_size,
        "vocab": digest(sorted(tokenizer.get_vocab().items())),
        "special_tokens_map": tokenizer.special_tokens_map,
        "extended": {name: repr(value) for name, value in tokenizer.special_tokens_map_extended.items()},
        "all_special": [tokenizer.all_special_tokens, tokenizer.all_special_ids],
        "additional": [tokenizer.additional_special_tokens, tokenizer.additional_special_tokens_ids],
        "ids": [getattr(tokenizer, f"{name}_token_id") for name in ("bos", "eos", "unk", "sep", "pad", "cls", "mask")],
        "added": {index: repr(token) for index, token in sorted(tokenizer.added_tokens_decoder.items())},
        "added_vocab": tokenizer.get_added_vocab(),
        "settings": [
            bool(getattr(tokenizer, name, False)) for name in ("do_lower_case", "keep_accents", "remove_space")
        ],
        "sides": [tokenizer.padding_side, tokenizer.truncation_side],
        "maximum": [tokenizer.model_max_length, tokenizer.max_len_single_sentence, tokenizer.max_len_sentences_pair],
        "names": tokenizer.model_input_names,
        "clean": tokenizer.clean_up_tokenization_spaces,
        "extra": [tokenizer.num_special_tokens_to_add(), tokenizer.num_special_tokens_to_add(pair=True)],
        "sample": tokenizer("A [MASK] cat [SEP]", "Two, <new> 9,5 Çats").input_ids,
    }


def saved_files(directory: Path) -> dict[str, Any]:
    """What a directory holds, with what differs between versions of the library for no reason made alike."""
    found: dict[str, Any] = {}
    for path in sorted(directory.iterdir()):
        if path.suffix != ".json":
            found[path.name] = path.stat().st_size
            continue
        content = json.loads(path.read_text(encoding="utf-8"))
        if path.name == "tokenizer.json":
            for part in (content["pre_tokenizer"], content["decoder"]):
                part.pop("split", None)
            # The old library reads decimal numbers a little less exactly; the ids are compared elsewhere.
            vocabulary = content["model"]["vocab"]
            if isinstance(vocabulary, list):
                vocabulary = [[text, round(score, 6)] for text, score in vocabulary]
            content["model"]["vocab"] = digest(vocabulary)
            content["truncation"] = content["padding"] = None
        if path.name == "tokenizer_config.json":
            # 4.37 also wrote how it happened to be loaded, and what the last call set on the pipeline.
            for name in ("sp_model_kwargs", "from_slow", "max_length", "pad_to_multiple_of", "pad_token_type_id"):
                content.pop(name, None)
            for name in ("stride", "truncation_strategy", "do_basic_tokenize", "never_split"):
                content.pop(name, None)
            if content.get("padding_side") == "right":
                del content["padding_side"]
            if content.get("model_input_names") == ["input_ids", "token_type_ids", "attention_mask"]:
                del content["model_input_names"]  # written for transformers 5
        found[path.name] = content
    return found


def digest(value: Any) -> str:
    """A few letters that stand for a long value."""
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:16]


def attempt(operation: Callable[[Any], Any], tokenizer: Any) -> Any:
    """The operation's answer, or that it was refused."""
    try:
        return plain(operation(tokenizer))
    except (AssertionError, IndexError, KeyError, NotImplementedError, TypeError, ValueError, OverflowError):
        return "refused"


def _add_tokens(tokenizer: Any) -> Any:
    counts = [tokenizer.add_tokens(["newword", "Upper", "the", "newword"]), tokenizer.add_tokens("🦄")]
    text = "A newword, upper Upper the NEWWORD 🦄"
    offsets = {"return_offsets_mapping": True} if tokenizer.is_fast else {}
    return (
        counts,
        state(tokenizer),
        tokenizer(text, **offsets).data,
        tokenizer.decode(tokenizer(text).input_ids, skip_special_tokens=True),
    )


def _added_flags(tokenizer: Any) -> Any:
    """Tokens that take white space along, that are whole words only, and that overlap."""
    make = type(next(iter(tokenizer.added_tokens_decoder.values())))
    tokens = [make("left", lstrip=True), make("right", rstrip=True), make("whole", single_word=True), make("whole2")]
    count = tokenizer.add_tokens([*tokens, make("Kept", normalized=False), make("whole23")])
    texts = [
        "a  left b",
        "a right  b",
        "whole awhole whole. whole",
        "whole2 whole23 awhole23b",
        "LEFT kept Kept left left",
    ]
    return count, [[tokenizer.tokenize(text), tokenizer(text).input_ids] for text in texts], state(tokenizer)


def _add_special_tokens(tokenizer: Any) -> Any:
    counts = [
        tokenizer.add_special_tokens({"additional_special_tokens": ["<a>", "<b>"], "cls_token": "<start>"}),
        tokenizer.add_special_tokens({"additional_special_tokens": ["<c>"]}, replace_additional_special_tokens=False),
        tokenizer.add_special_tokens({"mask_token": "<hole>"}),
    ]
    text = "x <a> <hole> <c>y[MASK]"
    ids = tokenizer(text).input_ids
    return counts, state(tokenizer), ids, tokenizer.decode(ids, skip_special_tokens=True)


def _setters(tokenizer: Any) -> Any:
    tokenizer.mask_token = "cat"
    tokenizer.pad_token_id = tokenizer.sep_token_id
    tokenizer.bos_token = None
    tokenizer.additional_special_tokens = ["<x>"]
    return state(tokenizer), tokenizer(["a cat", "a"], padding=True).input_ids


def _pad(tokenizer: Any) -> Any:
    encoded = tokenizer(["one", "two words", "and then three"], return_special_tokens_mask=True)

    def rows() -> list[dict[str, Any]]:  # 4.37 changes what it is given
        return [{name: encoded[name][index] for name in encoded} for index in range(3)]

    answers = [
        tokenizer.pad(rows()).data,
        tokenizer.pad(rows(), padding="max_length", max_length=12).data,
        tokenizer.pad(rows(), pad_to_multiple_of=8).data,
        tokenizer.pad(rows(), padding=False).data,
        tokenizer.pad(rows()[0], padding="max_length", max_length=6).data,
        tokenizer.pad({"input_ids": [[5, 6], [7]]}).data,
        tokenizer.pad({"input_ids": [[5, 6], [7]], "labels": [1, 0]}, return_tensors="np").data,
        tokenizer.pad([{"input_ids": np.array([5, 6])}, {"input_ids": np.array([7])}]).data,
    ]
    tokenizer.padding_side = "left"
    return [*answers, tokenizer.pad(rows()).data]


def _helpers(tokenizer: Any) -> Any:
    first, second = (
        tokenizer.encode("one two", add_special_tokens=False),
        tokenizer.encode("3", add_special_tokens=False),
    )
    whole = tokenizer("one two", "3").input_ids
    pieces = tokenizer.tokenize("the cat is here.")
    questions: dict[str, Callable[[Any], Any]] = {
        "build": lambda t: t.build_inputs_with_special_tokens(first),
        "build_pair": lambda t: t.build_inputs_with_special_tokens(first, second),
        "segments": lambda t: t.create_token_type_ids_from_sequences(first),
        "segments_pair": lambda t: t.create_token_type_ids_from_sequences(first, second),
        "mask": lambda t: t.get_special_tokens_mask(whole, already_has_special_tokens=True),
        "tokenize": lambda t: t.tokenize("Héllo, 1,000 [MASK]"),
        "to_ids": lambda t: [t.convert_tokens_to_ids("▁the"), t.convert_tokens_to_ids(["the", "no such piece"])],
        "none": lambda t: t.convert_tokens_to_ids(None),
        "to_tokens": lambda t: [t.convert_ids_to_tokens(7), t.convert_ids_to_tokens([2, 7, 3])],
        "to_tokens_skip": lambda t: t.convert_ids_to_tokens([2, 7, 3], skip_special_tokens=True),
        "to_string": lambda t: t.convert_tokens_to_string([*pieces, "[MASK]", "[MASK]", *pieces]),
        "decode_array": lambda t: t.decode(np.array([2, 7, 3])),
        "decode_far": lambda t: t.decode([2, 10**7, 3]),
        "batch_decode": lambda t: t.batch_decode([[2, 7, 3], [8]], skip_special_tokens=True),
        "plus": lambda t: t.encode_plus("one", "two", return_length=True).data,
        "batch_plus": lambda t: t.batch_encode_plus([("one", "two"), ("three", "four")]).data,
        "mixed": lambda t: t([["one", "two"], "three"]).data,
        "encode_np": lambda t: t.encode("one two", return_tensors="np"),
        "empty_pair": lambda t: t("one", "").data,
        "empty_pairs": lambda t: t(["one"], [""]).data,
        "words": lambda t: t(["one", "two"], ["three"], is_split_into_words=True).data,
        "no_masks": lambda t: t("one", return_attention_mask=False, return_token_type_ids=False).data,
        "clean": lambda t: t.clean_up_tokenization("I 'm , do n't . he 's ?"),
        "prepare": lambda t: t.prepare_for_model(first * 3, second, max_length=8, truncation=True).data,
        "prepare_windows": lambda t: (
            t.prepare_for_model(
                first * 3,
                max_length=5,
                truncation="only_first",
                stride=2,
                return_overflowing_tokens=True,
                return_special_tokens_mask=not t.is_fast,
                return_length=True,
                return_tensors="np",
                prepend_batch_axis=True,
            ).data
        ),
        "truncate": lambda t: [
            t.truncate_sequences(list(range(9)), list(range(5)), number, strategy, 2)
            for number in (0, 1, 4, 7, 20)
            for strategy in ("longest_first", "only_first", "only_second")
        ],
    }
    if tokenizer.is_fast:  # of the slow ones, 4.37's refused the first two and took the token of an id apart
        questions["decode_int"] = lambda t: t.decode(7)
        questions["tokenize_pair"] = lambda t: t.tokenize("one", "two", add_special_tokens=True)
        questions["no_words"] = lambda t: t([], is_split_into_words=True).data
    else:
        questions["of_tokens"] = lambda t: t.encode(pieces, pieces[:2])
        questions["of_ids"] = lambda t: t.encode_plus(first, truncation=True, max_length=3, return_tensors="np").data
        questions["unsplit"] = lambda t: t.tokenize("the [MASK] [SEP]", split_special_tokens=True)
        questions["apart"] = lambda t: t.decode([7, 4, 4, 8], spaces_between_special_tokens=False)
        questions["left"] = lambda t: [_left(t).encode("one two three four", max_length=4, truncation=True)]
    return {name: attempt(question, tokenizer) for name, question in questions.items()}


def _left(tokenizer: Any) -> Any:
    tokenizer.truncation_side = "left"
    return tokenizer


def _copies(tokenizer: Any) -> Any:
    tokenizer.add_tokens(["newword"])
    twins = [pickle.loads(pickle.dumps(tokenizer)), copy.deepcopy(tokenizer)]
    return [[twin("a newword [MASK]").input_ids, twin.special_tokens_map] for twin in twins]


OPERATIONS: dict[str, Callable[[Any], Any]] = {
    "add_tokens": _add_tokens,
    "added_flags": _added_flags,
    "add_special_tokens": _add_special_tokens,
    "setters": _setters,
    "pad": _pad,
    "helpers": _helpers,
    "copies": _copies,
}


def plain(value: Any) -> Any:
    """Nested lists and dicts for anything; an array also says its dtype."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return [str(value.dtype), list(value.shape), value.tolist()]
    return value


if __name__ == "__main__":
    main(*sys.argv[1:])
