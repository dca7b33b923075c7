"""The pipelines of transformers with their defects mended, to tell these from other differences.

Each class overrides what is wrong and nothing else. What is wrong is said beside it.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import transformers
from transformers.pipelines.question_answering import select_starts_ends


class Tagger(transformers.TokenClassificationPipeline):
    """Words are what stands between spaces, or what the caller says they are.

    transformers takes a piece for the beginning of a word where there is a space in it or right before it: ``▁`` and
    the ``smith`` that follows are two words to it, an unknown piece always begins one, and only " " is a space. Words
    that are put together have lost the spaces between them: ``newyork``.
    """

    def gather_pre_entities(self, sentence: str, *arguments: Any, **options: Any) -> list[dict[str, Any]]:
        """As theirs, but for where words begin."""
        entities = super().gather_pre_entities(sentence, *arguments, **options)
        given = options.get("word_ids")
        begins = [not c.isspace() and (at == 0 or sentence[at - 1].isspace()) for at, c in enumerate(sentence)]
        words = list(accumulate(begins, initial=0))
        previous = None
        for entity in entities:
            if given is not None:
                word = given[entity["index"]]
            else:
                piece = sentence[entity["start"] :]
                word = words[min(len(sentence), entity["start"] + len(piece) - len(piece.lstrip()) + 1)]
            entity["is_subword"] = word == previous
            previous = word
        return entities

    def aggregate_word(self, entities: list[dict[str, Any]], *arguments: Any) -> dict[str, Any]:
        """As theirs, its pieces kept."""
        return {**super().aggregate_word(entities, *arguments), "pieces": [entity["word"] for entity in entities]}

    def group_sub_entities(self, entities: list[dict[str, Any]]) -> dict[str, Any]:
        """As theirs, the text made of all pieces at once."""
        pieces = [piece for entity in entities for piece in entity.get("pieces", [entity["word"]])]
        return {**super().group_sub_entities(entities), "word": self.tokenizer.convert_tokens_to_string(pieces)}


class Answerer(transformers.QuestionAnsweringPipeline):
    """An answer has no spaces around it, is not empty, is made of whole words and is listed once.

    transformers takes the offsets of SentencePiece's pieces, which have the space before a word in them: " Paris" and
    "Paris" are two answers to it, and a space is one. Texts that only differ in that share their score here. A window
    may begin or end within a word; transformers then takes the part for the word, as "eys" of "pulleys".
    """

    def postprocess(
        self,
        model_outputs: Any,
        top_k: int = 1,
        handle_impossible_answer: bool = False,
        max_answer_len: int = 15,
        align_to_words: bool = True,
    ) -> Any:
        """As theirs, but for the spans."""
        least, found = 1000000.0, dict[str, dict[str, Any]]()
        most = top_k * 2 + 10 if align_to_words else top_k
        for output in model_outputs:
            text, mask = output["example"].context_text, output["attention_mask"].numpy()
            starts, ends, scores, least = select_starts_ends(
                output["start"],
                output["end"],
                output["p_mask"],
                mask,
                least,
                most * 8,
                handle_impossible_answer,
                max_answer_len,
            )
            taken = 0
            for first, last, score in zip(starts, ends, scores, strict=True):
                start, end = self._span(text, output["encoding"], first, last, align_to_words)
                if start >= end or taken == most:
                    continue
                taken, answer = taken + 1, text[start:end]
                kept = found.setdefault(
                    answer.lower(), {"score": 0.0, "start": start, "end": start + len(answer), "answer": answer}
                )
                kept["score"] += score.item()
        answers = list(found.values())
        if handle_impossible_answer:
            answers.append({"score": least, "start": 0, "end": 0, "answer": ""})
        answers = sorted(answers, key=lambda one: one["score"], reverse=True)[:top_k]
        return answers[0] if len(answers) == 1 else answers

    def _span(self, text: str, encoding: Any, first: int, last: int, align_to_words: bool) -> tuple[int, int]:
        start, end = encoding.offsets[first][0], encoding.offsets[last][1]
        while start < len(text) and text[start].isspace():
            start += 1
        if align_to_words:
            final = encoding.offsets[last][0]
            while final < len(text) and text[final].isspace():
                final += 1
            while start > 0 and not text[start - 1].isspace():
                start -= 1
            end = max(end, final)
            while end < len(text) and not text[end].isspace():
                end += 1
        while end > 0 and text[end - 1].isspace():
            end -= 1
        return start, end


MENDED = {"token-classification": Tagger, "question-answering": Answerer}
"""By task."""
