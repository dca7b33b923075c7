"""The fast tokenizer of Chinese ALBERT checkpoints, which is BERT's."""

from __future__ import annotations

import copy
import os
from typing import Any, Self, final

from tokenizers import Tokenizer

from flax_albert.tokenization.fast import PreTrainedTokenizerFast
from flax_albert.tokenization.files import WORDPIECE_NAMES, TokenizerFiles
from flax_albert.tokenization.pipeline import read_pipeline, template
from flax_albert.tokenization.special_tokens import Token
from flax_albert.tokenization.wordpiece import (
    build_wordpiece_pipeline,
    read_wordpiece_vocabulary,
    set_bert_normalizer,
    written_vocabulary,
)


@final
class BertTokenizerFast(PreTrainedTokenizerFast):
    r"""Text to the inputs of an ALBERT whose vocabulary is BERT's WordPiece, as that of Chinese checkpoints is.

    It gives the ids, segments and offsets of ``BertTokenizerFast`` of transformers 4.37. Control characters are
    dropped, Chinese characters stand alone, text is lower-cased and its accents dropped (``do_lower_case=True``), and
    each word is split into the longest tokens that spell it.

    The options of normalisation come before what a ``tokenizer.json`` says; those that are None are as it says, or
    else the defaults of BERT: lower case, each Chinese character a word.

    Args:
        vocab_file: The vocabulary, ``vocab.txt``, one token a line.
        tokenizer_file: A ``tokenizer.json``; it is preferred to ``vocab_file``.
        do_lower_case: Whether text is lower-cased.
        unk_token: Stands for a word that the vocabulary cannot spell.
        sep_token: Ends each text.
        pad_token: Fills up batches.
        cls_token: Begins the input.
        mask_token: Stands for a word to guess.
        tokenize_chinese_chars: Whether every Chinese character is a word.
        strip_accents: Whether accents are dropped; by default where text is lower-cased.
        bos_token: Beginning of a text; not used.
        eos_token: End of a text; not used.
        tokenizer_object: A pipeline to use instead of a file.
        from_slow: Whether to build from ``vocab_file`` though there is a ``tokenizer_file``.
        **options: See ``AlbertTokenizerFast``.

    Raises:
        OSError: A file cannot be read or is damaged.
        ValueError: There is no file to build from, or an option has an impossible value.

    Example:
        >>> import pathlib, tempfile
        >>> from flax_albert.tokenization import BertTokenizerFast
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "vocab.txt"
        >>> _ = file.write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n中\n文\n", encoding="utf-8")
        >>> BertTokenizerFast(file)("中[MASK]").input_ids
        [2, 5, 4, 3]
    """

    tokenizer_class = "BertTokenizer"
    vocabulary_names = WORDPIECE_NAMES

    def __init__(
        self,
        vocab_file: str | os.PathLike[str] | None = None,
        tokenizer_file: str | os.PathLike[str] | None = None,
        do_lower_case: bool | None = None,
        unk_token: Token | None = "[UNK]",
        sep_token: Token | None = "[SEP]",
        pad_token: Token | None = "[PAD]",
        cls_token: Token | None = "[CLS]",
        mask_token: Token | None = "[MASK]",
        tokenize_chinese_chars: bool | None = None,
        strip_accents: bool | None = None,
        *,
        bos_token: Token | None = None,
        eos_token: Token | None = None,
        tokenizer_object: Tokenizer | None = None,
        from_slow: bool = False,
        **options: Any,
    ) -> None:
        built = False
        if tokenizer_object is not None:
            backend = copy.deepcopy(tokenizer_object)
        elif tokenizer_file is not None and not from_slow:
            backend = read_pipeline(tokenizer_file)
        elif vocab_file is not None:
            backend = build_wordpiece_pipeline(read_wordpiece_vocabulary(vocab_file, str(unk_token)), str(unk_token))
            built = True
        else:
            raise ValueError(
                "a tokenizer is built from a vocab_file (vocab.txt) or a tokenizer_file; neither was given."
            )
        super().__init__(
            backend,
            {
                "bos_token": bos_token,
                "eos_token": eos_token,
                "unk_token": unk_token,
                "sep_token": sep_token,
                "pad_token": pad_token,
                "cls_token": cls_token,
                "mask_token": mask_token,
            },
            vocab_file,
            **options,
        )
        if built:
            ends = [(str(token), self._token_to_id(str(token)) or 0) for token in (cls_token, sep_token)]
            backend.post_processor = template(*ends)
        asked = {
            "lowercase": do_lower_case,
            "handle_chinese_chars": tokenize_chinese_chars,
            "strip_accents": strip_accents,
        }
        normalization = set_bert_normalizer(backend, asked)
        self.do_lower_case: bool = normalization["lowercase"]
        self.tokenize_chinese_chars: bool = normalization["handle_chinese_chars"]
        self.strip_accents: bool | None = normalization["strip_accents"]

    @property
    def can_save_slow_tokenizer(self) -> bool:
        """True: the pipeline holds all that ``vocab.txt`` says."""
        return True

    @classmethod
    def _from_files(cls, files: TokenizerFiles, options: dict[str, Any], given: dict[str, Any]) -> Self:
        return cls(files.vocabulary, files.tokenizer, **options)

    def _settings(self) -> dict[str, Any]:
        return {
            "do_lower_case": self.do_lower_case,
            "strip_accents": self.strip_accents,
            "tokenize_chinese_chars": self.tokenize_chinese_chars,
        }

    def _vocabulary_content(self) -> bytes:
        return written_vocabulary(self._backend.get_vocab(with_added_tokens=False))
