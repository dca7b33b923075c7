"""ALBERT's tokenizer."""

from __future__ import annotations

import copy
import logging
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, final

from tokenizers import AddedToken, Tokenizer

from flax_albert.hub import HubOptions, Source, open_folder
from flax_albert.tokenization.encoder import Encoder
from flax_albert.tokenization.files import SPIECE, TOKENIZER, fetch_files, read_options
from flax_albert.tokenization.padder import MODEL_INPUT_NAMES
from flax_albert.tokenization.pipeline import build_pipeline, normalizes, read_pipeline, template, write_pipeline
from flax_albert.tokenization.sentencepiece_model import read_sentencepiece_model
from flax_albert.tokenization.special_tokens import Token
from flax_albert.tokenization.writing import describe, describe_added, write_files

_LOGGER = logging.getLogger(__name__)

# What transformers wrote for a model without a maximum length.
_NO_MAXIMUM = int(1e30)
# Released checkpoints have 512 positions and no tokenizer_config.json that says so.
_RELEASED = {f"albert-{size}-{version}" for size in ("base", "large", "xlarge", "xxlarge") for version in ("v1", "v2")}


@final
class AlbertTokenizer(Encoder):
    """Text to the inputs of an ALBERT, and ids back to text.

    It gives the ids, segments and offsets of ``AlbertTokenizerFast`` of transformers 4.37. Text is decomposed, its
    accents dropped (``keep_accents=False``), lower-cased (``do_lower_case=True``) and split into the pieces of a
    unigram model; ``[CLS] A [SEP]`` or ``[CLS] A [SEP] B [SEP]`` is put around it. ``[MASK]`` takes the space on its
    left with it.

    A ``tokenizer.json`` fixes how text is normalised: with one, ``do_lower_case`` and ``keep_accents`` change nothing.

    Args:
        vocab_file: A SentencePiece model, ``spiece.model``.
        tokenizer_file: A ``tokenizer.json``; it is preferred to ``vocab_file``.
        do_lower_case: Whether text is lower-cased.
        remove_space: Kept for the record only: spaces are always collapsed.
        keep_accents: Whether accents are kept.
        bos_token: Beginning of a text; not used by ALBERT.
        eos_token: End of a text; not used by ALBERT.
        unk_token: Stands for what the vocabulary cannot spell.
        sep_token: Ends each text.
        pad_token: Fills up batches.
        cls_token: Begins the input.
        mask_token: Stands for a word to guess.
        additional_special_tokens: Further special tokens.
        added_tokens_decoder: Tokens to add to the vocabulary, by id.
        model_max_length: The most tokens the model takes.
        padding_side: ``"right"`` or ``"left"``.
        truncation_side: ``"right"`` or ``"left"``.
        model_input_names: The inputs that a call returns by default.
        clean_up_tokenization_spaces: Whether decoding removes the spaces before punctuation.
        tokenizer_object: A pipeline to use instead of a file.
        from_slow: Whether to build from ``vocab_file`` though there is a ``tokenizer_file``.
        **options: Kept, and written back by ``save_pretrained``.

    Raises:
        OSError: A file cannot be read or is damaged.
        ValueError: There is no file to build from, or an option has an impossible value.

    Example:
        >>> from flax_albert.tokenization import AlbertTokenizer
        >>> tokenizer = AlbertTokenizer.from_pretrained("albert-mini-en")
        >>> inputs = tokenizer("The cat", "The dog")
        >>> tokenizer.convert_ids_to_tokens(inputs.input_ids)
        ['[CLS]', '▁the', '▁cat', '[SEP]', '▁the', '▁dog', '[SEP]']
        >>> inputs.token_type_ids
        [0, 0, 0, 0, 1, 1, 1]
    """

    def __init__(
        self,
        vocab_file: str | os.PathLike[str] | None = None,
        tokenizer_file: str | os.PathLike[str] | None = None,
        do_lower_case: bool = True,
        remove_space: bool = True,
        keep_accents: bool = False,
        bos_token: Token | None = "[CLS]",
        eos_token: Token | None = "[SEP]",
        unk_token: Token | None = "<unk>",
        sep_token: Token | None = "[SEP]",
        pad_token: Token | None = "<pad>",
        cls_token: Token | None = "[CLS]",
        mask_token: Token | None = "[MASK]",
        *,
        additional_special_tokens: Sequence[Token] | None = None,
        added_tokens_decoder: dict[int, AddedToken] | None = None,
        model_max_length: int | float | None = None,
        padding_side: str | None = None,
        truncation_side: str | None = None,
        model_input_names: Sequence[str] = MODEL_INPUT_NAMES,
        clean_up_tokenization_spaces: bool = True,
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
            backend = _build(Path(vocab_file), do_lower_case, keep_accents)
            built = True
        else:
            raise ValueError(
                "a tokenizer is built from a vocab_file (spiece.model) or a tokenizer_file; neither was given."
            )
        if isinstance(mask_token, str):
            mask_token = AddedToken(mask_token, lstrip=True, normalized=False)
        if model_max_length is None:
            model_max_length = options.get("max_len") or _NO_MAXIMUM  # its name before transformers 3
        padding, truncation = backend.padding, backend.truncation
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
            additional_special_tokens or (),
            added_tokens_decoder or {},
            clean_up_tokenization_spaces=clean_up_tokenization_spaces,
            model_max_length=model_max_length,
            # A tokenizer.json that was saved after a call remembers the sides of that call.
            padding_side=padding_side or (padding["direction"] if padding else "right"),
            truncation_side=truncation_side or (truncation["direction"] if truncation else "right"),
            model_input_names=model_input_names,
        )
        if built:
            backend.post_processor = template(self._template_id("[CLS]"), self._template_id("[SEP]"))
        self.vocab_file = None if vocab_file is None else Path(vocab_file)
        self.do_lower_case = do_lower_case
        self.remove_space = remove_space
        self.keep_accents = keep_accents
        self.name_or_path = str(options.pop("name_or_path", ""))
        self.init_kwargs = options

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path: Source, **options: Any) -> AlbertTokenizer:
        """Reads a tokenizer from a directory or the hub.

        ``tokenizer.json`` is preferred to ``spiece.model``; one of them must be there. The options of
        ``tokenizer_config.json``, and the tokens of ``special_tokens_map.json`` and ``added_tokens.json``, are
        honoured.

        Args:
            pretrained_model_name_or_path: A directory, the name of a bundled model, or a hub id. From the hub only the
                tokenizer's own files are downloaded.
            **options: Arguments of the class; they come before what the files say. And the options of
                :class:`~flax_albert.hub.HubOptions`: ``revision``, ``subfolder``, ``token``, ``cache_dir``,
                ``force_download``, ``local_files_only``.

        Returns:
            The tokenizer.

        Raises:
            OSError: There is no tokenizer, it cannot be had, or a file of it is damaged; the message names the file.

        Example:
            >>> from flax_albert.tokenization import AlbertTokenizer
            >>> AlbertTokenizer.from_pretrained("albert-mini-en", model_max_length=128).model_max_length
            128
        """
        where, given = HubOptions.split(options)
        folder = open_folder(pretrained_model_name_or_path, where)
        files = fetch_files(folder)
        merged = read_options(files, given)
        if folder.name in _RELEASED:
            merged["model_max_length"] = min(merged.get("model_max_length") or _NO_MAXIMUM, 512)
        merged["name_or_path"] = folder.name
        tokenizer = cls(files.spiece, files.tokenizer, **merged)
        tokenizer._warn_of_fixed_normalisation(given)
        return tokenizer

    def save_pretrained(
        self,
        save_directory: str | os.PathLike[str],
        legacy_format: bool | None = None,
        filename_prefix: str | None = None,
    ) -> tuple[str, ...]:
        """Writes the tokenizer to a directory, so that ``from_pretrained`` and transformers read it back.

        Args:
            save_directory: The directory; it is made if need be.
            legacy_format: True to leave out ``tokenizer.json``, False to leave out ``spiece.model`` and
                ``added_tokens.json``; by default all are written. ``spiece.model`` is copied where the tokenizer came
                from one.
            filename_prefix: Put, with a dash, before every name.

        Returns:
            The paths written.

        Raises:
            OSError: The directory cannot be written.
            ValueError: ``legacy_format=True`` and there is no ``spiece.model`` to copy.
        """
        if legacy_format and not self.can_save_slow_tokenizer:
            raise ValueError(f"legacy_format=True writes {SPIECE}, and this tokenizer did not come from one.")
        options = {
            **self.init_kwargs,
            "do_lower_case": self.do_lower_case,
            "keep_accents": self.keep_accents,
            "remove_space": self.remove_space,
        }
        contents: dict[str, str | bytes] = {**describe(self, "AlbertTokenizer", options)}
        if legacy_format is not False and self.vocab_file is not None and self.can_save_slow_tokenizer:
            contents.update({SPIECE: self.vocab_file.read_bytes(), **describe_added(self)})
        if not legacy_format:
            contents[TOKENIZER] = write_pipeline(self._backend)
        return write_files(Path(save_directory), _prefixed(contents, filename_prefix))

    def save_vocabulary(
        self, save_directory: str | os.PathLike[str], filename_prefix: str | None = None
    ) -> tuple[str, ...]:
        """Copies ``spiece.model`` to a directory.

        Args:
            save_directory: The directory; it is made if need be.
            filename_prefix: Put, with a dash, before the name.

        Returns:
            The path written.

        Raises:
            ValueError: This tokenizer did not come from a ``spiece.model``, or the file is gone.
        """
        if self.vocab_file is None or not self.can_save_slow_tokenizer:
            raise ValueError(f"this tokenizer did not come from a {SPIECE}, or the file is gone.")
        return write_files(Path(save_directory), _prefixed({SPIECE: self.vocab_file.read_bytes()}, filename_prefix))

    @property
    def can_save_slow_tokenizer(self) -> bool:
        """Whether there is a ``spiece.model`` to copy."""
        return self.vocab_file is not None and self.vocab_file.is_file()

    def build_inputs_with_special_tokens(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None
    ) -> list[int]:
        """Puts the special tokens around the ids of one text or of a pair.

        Args:
            token_ids_0: The ids of one text.
            token_ids_1: The ids of the second text of a pair.

        Returns:
            ``[CLS] A [SEP]``, or ``[CLS] A [SEP] B [SEP]``.
        """
        cls_id, sep_id = self.convert_tokens_to_ids([str(self.cls_token), str(self.sep_token)])
        first = [cls_id, *token_ids_0, sep_id]
        return first if token_ids_1 is None else [*first, *token_ids_1, sep_id]

    def create_token_type_ids_from_sequences(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None
    ) -> list[int]:
        """The segment of every token that ``build_inputs_with_special_tokens`` returns.

        Args:
            token_ids_0: The ids of one text.
            token_ids_1: The ids of the second text of a pair.

        Returns:
            0 up to and with the first ``[SEP]``, 1 after it.
        """
        first = [0] * (len(token_ids_0) + 2)
        return first if token_ids_1 is None else first + [1] * (len(token_ids_1) + 1)

    def __repr__(self) -> str:
        return (
            f"AlbertTokenizer(name_or_path={self.name_or_path!r}, vocab_size={self.vocab_size}, "
            f"model_max_length={self.model_max_length}, padding_side={self.padding_side!r}, "
            f"truncation_side={self.truncation_side!r}, special_tokens={self.special_tokens_map})"
        )

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=threading.RLock())

    def _template_id(self, token: str) -> int:
        index = self._backend.token_to_id(token)
        if index is not None:
            return index
        _LOGGER.warning(
            f"the vocabulary has no {token}: as in transformers 4.37, the unknown token stands in its place."
        )
        return self.unk_token_id or 0

    def _warn_of_fixed_normalisation(self, given: dict[str, Any]) -> None:
        """Says so where an option that was passed contradicts the tokenizer.json that was read."""
        actual = {
            "do_lower_case": normalizes(self._backend, "Lowercase"),
            "keep_accents": not normalizes(self._backend, "StripAccents"),
        }
        for name, value in actual.items():
            if name in given and given[name] != value:
                _LOGGER.warning(
                    f"{name}={given[name]} changes nothing: {TOKENIZER} fixes how text is normalised. "
                    f"Pass from_slow=True to build the tokenizer from {SPIECE}."
                )


def _build(path: Path, do_lower_case: bool, keep_accents: bool) -> Tokenizer:
    model = read_sentencepiece_model(path)
    try:
        return build_pipeline(model, do_lower_case, keep_accents)
    except ValueError as error:
        raise OSError(f"{path} cannot be used: {error}.") from None


def _prefixed(contents: dict[str, str | bytes], prefix: str | None) -> dict[str, str | bytes]:
    return {f"{prefix}-{name}": content for name, content in contents.items()} if prefix else contents


AlbertTokenizerFast = AlbertTokenizer
