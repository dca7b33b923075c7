"""The slow tokenizer of Chinese ALBERT checkpoints, which is BERT's."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, Self, final

from flax_albert.tokenization.basic_words import basic_words
from flax_albert.tokenization.files import VOCABULARY, WORDPIECE_NAMES, TokenizerFiles
from flax_albert.tokenization.slow import PreTrainedTokenizer
from flax_albert.tokenization.special_tokens import Token
from flax_albert.tokenization.wordpiece import join_tokens, read_wordpiece_vocabulary, split_word, written_vocabulary


@final
class BertTokenizer(PreTrainedTokenizer):
    r"""Text to the inputs of an ALBERT whose vocabulary is BERT's WordPiece, in Python.

    It gives the ids of ``BertTokenizer`` of transformers 4.37, the slow one. ``BertTokenizerFast`` is many times
    faster, knows which characters a token came from, and is what ``AutoTokenizer`` gives.

    Args:
        vocab_file: The vocabulary, ``vocab.txt``, one token a line.
        do_lower_case: Whether text is lower-cased.
        do_basic_tokenize: Whether text is cleaned and split at punctuation first.
        never_split: Words to leave as they are.
        unk_token: Stands for a word that the vocabulary cannot spell.
        sep_token: Ends each text.
        pad_token: Fills up batches.
        cls_token: Begins the input.
        mask_token: Stands for a word to guess.
        tokenize_chinese_chars: Whether every Chinese character is a word.
        strip_accents: Whether accents are dropped; by default where text is lower-cased.
        bos_token: Beginning of a text; not used.
        eos_token: End of a text; not used.
        **options: See ``AlbertTokenizer``.

    Raises:
        OSError: The file cannot be read or is damaged.

    Example:
        >>> import pathlib, tempfile
        >>> from flax_albert.tokenization import BertTokenizer
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "vocab.txt"
        >>> _ = file.write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n中\n文\n", encoding="utf-8")
        >>> BertTokenizer(file)("中[MASK]").input_ids
        [2, 5, 4, 3]
    """

    tokenizer_class = "BertTokenizer"
    vocabulary_names = WORDPIECE_NAMES

    def __init__(
        self,
        vocab_file: str | os.PathLike[str],
        do_lower_case: bool = True,
        do_basic_tokenize: bool = True,
        never_split: Iterable[str] | None = None,
        unk_token: Token | None = "[UNK]",
        sep_token: Token | None = "[SEP]",
        pad_token: Token | None = "[PAD]",
        cls_token: Token | None = "[CLS]",
        mask_token: Token | None = "[MASK]",
        tokenize_chinese_chars: bool = True,
        strip_accents: bool | None = None,
        *,
        bos_token: Token | None = None,
        eos_token: Token | None = None,
        **options: Any,
    ) -> None:
        self._unknown = str(unk_token)
        self._vocabulary = read_wordpiece_vocabulary(vocab_file, self._unknown)
        self._texts = {index: text for text, index in self._vocabulary.items()}
        self.do_basic_tokenize = do_basic_tokenize
        self.never_split = None if never_split is None else list(never_split)
        self.tokenize_chinese_chars = tokenize_chinese_chars
        self.strip_accents = strip_accents
        super().__init__(
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
            do_lower_case and do_basic_tokenize,
            **options,
        )
        self._asked_lower_case = do_lower_case

    @classmethod
    def _from_files(cls, files: TokenizerFiles, options: dict[str, Any], given: dict[str, Any]) -> Self:
        if files.vocabulary is None:
            raise OSError(
                f"{files.directory} holds no {VOCABULARY}, which the slow tokenizer needs: pass use_fast=True."
            )
        return cls(files.vocabulary, **options)

    def _split(self, text: str) -> list[str]:
        if not self.do_basic_tokenize:
            return [token for word in text.split() for token in self._split_word(word)]
        whole = set(self.never_split or ())
        words = basic_words(
            text,
            self.do_lower_case,
            self.tokenize_chinese_chars,
            self.strip_accents,
            whole.union(self.all_special_tokens),
        )
        return [token for word in words for token in ([word] if word in whole else self._split_word(word))]

    def _split_word(self, word: str) -> list[str]:
        return split_word(word, self._vocabulary, self._unknown)

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        """Joins tokens into text.

        Args:
            tokens: The tokens of one text.

        Returns:
            The tokens with spaces between them, those with ``##`` without.
        """
        return join_tokens(tokens)

    def _pieces(self) -> dict[str, int]:
        return self._vocabulary

    def _piece_to_id(self, piece: str) -> int | None:
        return self._vocabulary.get(piece, self._vocabulary.get(str(self.unk_token)))

    def _id_to_piece(self, index: int) -> str | None:
        return self._texts.get(index, self.unk_token)

    def _settings(self) -> dict[str, Any]:
        return {
            "do_basic_tokenize": self.do_basic_tokenize,
            "do_lower_case": self._asked_lower_case,
            "never_split": self.never_split,
            "strip_accents": self.strip_accents,
            "tokenize_chinese_chars": self.tokenize_chinese_chars,
        }

    def _vocabulary_content(self) -> bytes:
        return written_vocabulary(self._vocabulary)
