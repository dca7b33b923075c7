"""What is asked of both sides: a case is a model, options, and real texts."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from tests.reference.tasks import texts


@dataclass(frozen=True)
class Case:
    """One question to both sides.

    Attributes:
        task: Name of the task, the same on both sides.
        title: What is special about the case.
        model: Name of its folder among the models.
        inputs: One a result.
        options: Options of the call.
        theirs: Options of their call, where they are others.
    """

    task: str
    title: str
    model: str
    inputs: Sequence[Any]
    options: dict[str, Any] = field(default_factory=dict)
    theirs: dict[str, Any] | None = None

    def question(self, models: Path) -> dict[str, Any]:
        """The case in the words of ``theirs.py``."""
        options = self.options if self.theirs is None else self.theirs
        model = str(models / self.model)
        return {"task": self.task, "model": model, "inputs": list(self.inputs), "options": options}


@dataclass(frozen=True)
class Source:
    """Where texts come from.

    Attributes:
        data: The folder of shared data.
        share: Which share of the texts is asked about, 1 for all.
    """

    data: Path
    share: float

    def some(self, found: Sequence[Any], count: int) -> list[Any]:
        """Some of them, chosen by a seed, in their order; a few at least."""
        count = min(len(found), max(8, round(count * self.share)))
        return [found[place] for place in sorted(random.Random(count).sample(range(len(found)), count))]

    def contexts(self) -> list[str]:
        """Paragraphs of an encyclopedia."""
        return list(dict.fromkeys(question.context for question in texts.squad2(self.data)))

    def joined(self, found: Sequence[str], count: int, words: int) -> list[str]:
        """Documents of at least so many words, made of consecutive texts."""
        documents, held = [], []
        for text in found:
            held.append(text)
            if sum(len(part.split()) for part in held) >= words:
                documents.append(" ".join(held))
                held = []
        return self.some(documents, count)


def classification(source: Source) -> Iterator[Case]:
    """One label, several, a number; texts and pairs."""
    task, some = "text-classification", source.some
    reviews = [row.text for row in texts.sst2(source.data, "dev")]
    questions = [row.text for row in texts.banking77(source.data, "test")]

    def pairs(found: list[texts.Labelled]) -> list[dict[str, str]]:
        return [{"text": row.text, "text_pair": str(row.pair)} for row in found]

    paraphrases = pairs(texts.mrpc(source.data, "test"))
    yield Case(task, "SST-2, best label", "sentiment", some(reviews, 872))
    yield Case(task, "SST-2, top_k=None", "sentiment", some(reviews, 872), {"top_k": None})
    yield Case(task, "banking77, best of 77", "intent", some(questions, 1500))
    yield Case(task, "banking77, top_k=3", "intent", some(questions, 1000), {"top_k": 3})
    for function in ("softmax", "sigmoid", "none"):
        options = {"top_k": 5, "function_to_apply": function}
        yield Case(task, f"banking77, {function}", "intent", some(questions, 500), options)
    yield Case(task, "several labels, top_k=None", "topics", some(questions, 1000), {"top_k": None})
    yield Case(task, "several labels, best label", "topics", some(questions, 500), {"top_k": 1})
    yield Case(task, "MRPC pairs", "paraphrase", some(paraphrases, 800), {"top_k": None})
    yield Case(task, "RTE pairs", "paraphrase", some(pairs(texts.rte(source.data, "dev")), 277), {"top_k": 1})
    yield Case(task, "STS-B, regression", "similarity", some(pairs(texts.stsb(source.data, "dev")), 1500))
    sigmoid = {"function_to_apply": "sigmoid"}
    yield Case(task, "STS-B, sigmoid", "similarity", some(pairs(texts.stsb(source.data, "dev")), 500), sigmoid)


def tokens(source: Source) -> Iterator[Case]:
    """Names and parts of speech; words, sentences, documents."""
    task, some = "token-classification", source.some
    gold = [" ".join(row.words) for row in texts.entities(source.data)]
    web = [" ".join(row.words) for row in texts.wnut17(source.data, "dev")]
    treebank = texts.ud_ewt(source.data, "dev")
    # Without stride transformers leaves out what is beyond 512 tokens, where ours goes on.
    contexts = [text for text in source.contexts() if len(text) < 1200]
    strategies = ("none", "simple", "first", "average", "max")
    for strategy in strategies:
        options = {"aggregation_strategy": strategy}
        yield Case(task, f"wikigold, {strategy}", "entities", some(gold, 600), options)
        yield Case(task, f"WNUT-17, {strategy}", "entities", some(web, 300), options)
        yield Case(task, f"paragraphs, {strategy}", "entities", some(contexts, 200), options)
    for strategy in ("none", "simple", "average"):
        spoken = [" ".join(row.words) for row in treebank]
        yield Case(
            task, f"UD parts of speech, {strategy}", "speech", some(spoken, 500), {"aggregation_strategy": strategy}
        )
    for ignored in ([], ["O", "PER"], ["O", "B-PER"]):
        options = {"aggregation_strategy": "simple", "ignore_labels": ignored}
        yield Case(task, f"wikigold, simple, ignore {ignored}", "entities", some(gold, 300), options)
    yield Case(task, "wikigold, none, ignore []", "entities", some(gold, 300), {"ignore_labels": []})
    for strategy in strategies:
        split = [row.words for row in treebank]
        options = {"aggregation_strategy": strategy, "is_split_into_words": True}
        yield Case(task, f"UD words, {strategy}", "speech", some(split, 300), options)
        named = [row.words for row in texts.entities(source.data)]
        yield Case(task, f"wikigold words, {strategy}", "entities", some(named, 300), options)
    options = {"aggregation_strategy": "simple", "is_split_into_words": True, "delimiter": "_"}
    yield Case(task, "wikigold words, joined by _", "entities", some(named, 300), options)
    for strategy, stride in (("simple", 64), ("first", 128), ("average", 0), ("max", 200)):
        options = {"aggregation_strategy": strategy, "stride": stride}
        inputs = source.joined(gold, 24, 900)
        yield Case(task, f"documents, {strategy}, stride {stride}", "entities", inputs, options)


def answers(source: Source) -> Iterator[Case]:
    """Questions on sentences, paragraphs and several paragraphs; scores of windows add up, as theirs always do."""
    for case in _questions(source):
        yield replace(case, options={**case.options, "across_windows": "sum"}, theirs=case.options)


def _questions(source: Source) -> Iterator[Case]:
    task, some = "question-answering", source.some

    def asked(found: list[texts.Question]) -> list[dict[str, str]]:
        return [{"question": row.question, "context": row.context} for row in found]

    paragraphs, short = asked(texts.squad2(source.data)), asked(texts.qamr(source.data))
    # Of windows that give the same answer transformers adds the scores up, which ours does when asked.
    added = {"across_windows": "sum"}
    given: dict[str, Any] = {"handle_impossible_answer": True}
    yield Case(task, "SQuAD 2.0", "answers", some(paragraphs, 600), added, {})
    yield Case(task, "SQuAD 2.0, impossible", "answers", some(paragraphs, 500), given | added, given)
    given = {"handle_impossible_answer": True, "top_k": 4}
    yield Case(task, "SQuAD 2.0, impossible, top_k=4", "answers", some(paragraphs, 200), given | added, given)
    yield Case(task, "QAMR", "answers", some(short, 1000))
    yield Case(task, "QAMR, top_k=5", "answers", some(short, 500), {"top_k": 5})
    for longest in (1, 4, 40):
        yield Case(task, f"QAMR, max_answer_len={longest}", "answers", some(short, 300), {"max_answer_len": longest})
    given = {"align_to_words": False}
    yield Case(task, "QAMR, align_to_words=False", "answers", some(short, 500), given)
    given = {"align_to_words": False, "top_k": 3}
    yield Case(task, "QAMR, align_to_words=False, top_k=3", "answers", some(short, 300), given)
    documents = source.joined(source.contexts(), 60, 600)
    questions = random.Random(0).sample(paragraphs, len(documents))
    long = [{"question": q["question"], "context": document} for q, document in zip(questions, documents, strict=True)]
    for title, inputs, given in (
        ("SQuAD 2.0, windows of 96 by 32", some(paragraphs, 300), {"max_seq_len": 96, "doc_stride": 32}),
        (
            "SQuAD 2.0, windows, impossible, top_k=3",
            some(paragraphs, 200),
            {"max_seq_len": 96, "doc_stride": 32, "handle_impossible_answer": True, "top_k": 3},
        ),
        ("long contexts", long, {}),
        ("long contexts, doc_stride=64, top_k=3", long, {"doc_stride": 64, "top_k": 3}),
    ):
        yield Case(task, title, "answers", inputs, given | added, given)
    yield Case(task, "windows of 512", "answers", some(paragraphs, 100), {"max_seq_len": 512})
    wordy = [{**one, "question": " ".join([one["question"]] * 8)} for one in some(paragraphs, 40)]
    yield Case(task, "long questions", "answers", wordy, added, {})


def masks(source: Source) -> Iterator[Case]:
    """Sentences with one to four words masked."""
    task, generator = "fill-mask", random.Random(0)
    found: list[str] = []
    for document in islice(texts.documents(source.data), 200):
        for sentence in texts.sentences(document)[:20]:
            words = sentence.split()
            if 4 <= len(words) <= 120:
                for place in generator.sample(range(len(words)), generator.choice([1, 1, 1, 2, 4])):
                    words[place] = "[MASK]"
                found.append(" ".join(words))
    yield Case(task, "textbooks", "masks", source.some(found, 800))
    yield Case(task, "textbooks, top_k=1", "masks", source.some(found, 300), {"top_k": 1})
    targets = ["▁the", "▁a", "▁water", "▁government", "s", "▁cell"]
    yield Case(task, "textbooks, targets", "masks", source.some(found, 300), {"targets": targets})
    yield Case(task, "textbooks, targets, top_k=2", "masks", source.some(found, 300), {"targets": targets, "top_k": 2})


def vectors(source: Source) -> Iterator[Case]:
    """Features of every token, and embeddings of sentences."""
    mixed = [row.text for row in texts.sst2(source.data, "dev")]
    mixed += [row.text for row in texts.banking77(source.data, "test")] + source.contexts()
    found = source.some(mixed, 600)
    yield Case("feature-extraction", "mixed texts", "encoder", found)
    long = source.joined(source.contexts(), 10, 700)
    options = {"truncation": True}
    yield Case("feature-extraction", "longer than the model", "encoder", long, options, {"truncation": True})
    for made in ("embed", "embed-older"):
        for name in ("mean", "cls", "max", "mean-dense-normalize", "sqrt", "mean-max"):
            yield Case("sentence-embedding", f"{made}-{name}", f"{made}-{name}", found)
    yield Case(
        "sentence-embedding", "normalised", "embed-mean", found, {"normalize": True}, {"normalize_embeddings": True}
    )


def choices(source: Source) -> Iterator[Case]:
    """Three to five choices."""

    def asked(name: str, count: int) -> list[dict[str, Any]]:
        return source.some(
            [{"prompt": r.prompt, "choices": r.choices} for r in texts.choices(source.data, name)], count
        )

    yield Case("multiple-choice", "OpenBookQA", "choices", asked("openbookqa.train", 700))
    yield Case("multiple-choice", "ARC, 3 to 5 choices", "choices", asked("ARC-Easy.train", 500))
    yield Case("multiple-choice", "MCTest, long prompts", "choices", asked("mctest.mc500.dev", 60))


def orders(source: Source) -> Iterator[Case]:
    """Sentences that the model knows and segments it does not, every other pair swapped."""
    known = texts.consecutive(source.data, 512, size=1)
    textbooks = texts.consecutive(source.data, 3000, 400)
    novels = texts.consecutive(source.data, 3000, 400, "fiction")
    for title, found in (("known sentences", known), ("textbooks", textbooks), ("novels", novels)):
        pairs = source.some(found, 400)
        turned = [pair[::-1] if place % 2 else pair for place, pair in enumerate(pairs)]
        yield Case("sentence-order", title, "order", [{"text": first, "text_pair": second} for first, second in turned])


GROUPS: dict[str, Callable[[Source], Iterator[Case]]] = {
    "text-classification": classification,
    "token-classification": tokens,
    "question-answering": answers,
    "fill-mask": masks,
    "feature-extraction": vectors,
    "sentence-embedding": vectors,
    "multiple-choice": choices,
    "sentence-order": orders,
}
"""For every task what yields its cases; some yield those of two tasks."""


def cases(data: Path, tasks: Sequence[str] = (), share: float = 1.0) -> list[Case]:
    """The cases of some tasks, by default all.

    Args:
        data: The folder of shared data.
        tasks: Names of tasks.
        share: Which share of the texts to ask about.
    """
    source = Source(data, share)
    wanted = tasks or tuple(GROUPS)
    return [case for task in GROUPS if task in wanted for case in GROUPS[task](source) if case.task == task]
