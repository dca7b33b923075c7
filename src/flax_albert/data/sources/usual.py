"""What columns are usually called, in files to learn from and in files to answer."""

from __future__ import annotations

TEXTS = [{"text": name} for name in ("text", "sentence", "content", "review", "utterance", "question", "title", "body")]
"""A text."""
PAIRS = [
    {"text": one, "text_pair": other}
    for one, other in (
        ("text", "text_pair"),
        ("sentence1", "sentence2"),
        ("sentence_a", "sentence_b"),
        ("text1", "text2"),
        ("text_a", "text_b"),
        ("premise", "hypothesis"),
        ("question1", "question2"),
        ("#1 String", "#2 String"),
        ("question", "sentence"),
        ("question", "passage"),
        ("first", "second"),
    )
]
"""Two texts."""
QUESTIONS = [
    {"question": question, "context": context}
    for question, context in (("question", "context"), ("question", "passage"), ("query", "passage"))
]
"""A question, and the text that holds its answer."""
CHOICES = [
    {"prompt": "prompt", "choices": "choices"},
    {"prompt": "question", "choices": "choices"},
    {"prompt": "question", "choices": "options"},
    {"prompt": "question_stem", "choices": "choices"},
    {"prompt": "ctx", "choices": "endings"},
    {"prompt": "goal", "choices": "sol*"},
    {"prompt": "sent1", "start": "sent2", "choices": "ending*"},
    {"prompt": "article", "question": "question", "choices": "options"},
    {"prompt": "context", "question": "question", "choices": "choices"},
    {"prompt": "context", "question": "question", "choices": "options"},
    {"prompt": "context", "question": "question", "choices": "answer*"},
    {"prompt": "premise", "question": "question", "choices": "choice*"},
    {"prompt": "prompt", "choices": "choice*"},
    {"prompt": "question", "choices": "choice*"},
]
"""A prompt and choices, which may begin alike (``start``) or answer a ``question`` about the prompt."""
