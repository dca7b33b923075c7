"""What every tokenizer is: read from a directory, written back to one."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

from flax_albert.hub import HubOptions, Pushable, Source, open_folder
from flax_albert.tokenization.encoder import Encoder
from flax_albert.tokenization.files import TokenizerFiles, fetch_files, read_options
from flax_albert.tokenization.padder import MODEL_INPUT_NAMES
from flax_albert.tokenization.special_tokens import Token
from flax_albert.tokenization.writing import describe, write_files

# What transformers wrote for a model without a maximum length.
NO_MAXIMUM = int(1e30)


class PreTrainedTokenizerBase(Encoder, Pushable):
    """A tokenizer with its options.

    Args:
        tokens: The named special tokens.
        vocab_file: The file that the vocabulary was read from, or None.
        additional_special_tokens: Further special tokens.
        model_max_length: The most tokens the model takes.
        padding_side: ``"right"`` or ``"left"``.
        truncation_side: ``"right"`` or ``"left"``.
        model_input_names: The inputs that a call returns by default.
        clean_up_tokenization_spaces: Whether decoding removes the spaces before punctuation.
        name_or_path: Where the tokenizer was read from.
        **options: Kept, and written back by ``save_pretrained``.
    """

    # The name that tokenizer_config.json gives the class and its twin, fast or slow.
    tokenizer_class: ClassVar[str]
    # The names that the file of the vocabulary may have; the first is the one it is saved under.
    vocabulary_names: ClassVar[tuple[str, ...]]

    def __init__(
        self,
        tokens: dict[str, Token | None],
        vocab_file: str | os.PathLike[str] | None,
        *,
        additional_special_tokens: Iterable[Token] | None = None,
        model_max_length: int | float | None = None,
        padding_side: str = "right",
        truncation_side: str = "right",
        model_input_names: Sequence[str] = MODEL_INPUT_NAMES,
        clean_up_tokenization_spaces: bool = True,
        name_or_path: str | os.PathLike[str] = "",
        **options: Any,
    ) -> None:
        if model_max_length is None:
            model_max_length = options.get("max_len") or NO_MAXIMUM  # its name before transformers 3
        super().__init__(
            tokens,
            additional_special_tokens or (),
            clean_up_tokenization_spaces=clean_up_tokenization_spaces,
            model_max_length=model_max_length,
            padding_side=padding_side,
            truncation_side=truncation_side,
            model_input_names=model_input_names,
        )
        self.vocab_file = None if vocab_file is None else Path(vocab_file)
        self.name_or_path = str(name_or_path)
        self.init_kwargs = options

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path: Source, **options: Any) -> Self:
        """Reads a tokenizer from a directory or the hub.

        The options of ``tokenizer_config.json``, and the tokens of ``special_tokens_map.json`` and
        ``added_tokens.json``, are honoured. The fast classes prefer ``tokenizer.json`` to the vocabulary's own file.

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
            >>> from flax_albert.tokenization import AlbertTokenizerFast
            >>> AlbertTokenizerFast.from_pretrained("albert-mini-en", model_max_length=128).model_max_length
            128
        """
        where, given = HubOptions.split(options)
        folder = open_folder(pretrained_model_name_or_path, where)
        files = fetch_files(folder, cls.vocabulary_names)
        merged = read_options(files, given)
        merged["name_or_path"] = folder.name
        return cls._from_files(files, merged, given)

    def save_pretrained(
        self,
        save_directory: str | os.PathLike[str],
        legacy_format: bool | None = None,
        filename_prefix: str | None = None,
        push_to_hub: bool = False,
        **kwargs: Any,
    ) -> tuple[str, ...]:
        """Writes the tokenizer to a directory, so that ``from_pretrained`` and transformers read it back.

        Args:
            save_directory: The directory; it is made if need be.
            legacy_format: True to leave out ``tokenizer.json``, False to leave out the vocabulary's own file and
                ``added_tokens.json``; by default all are written, by the slow tokenizers all but ``tokenizer.json``.
            filename_prefix: Put, with a dash, before every name.
            push_to_hub: Whether to send the files to the hub as well.
            **kwargs: Arguments of :meth:`push_to_hub`; ``repo_id`` is by default the directory's name.

        Returns:
            The paths written.

        Raises:
            OSError: The directory cannot be written, or the files not be sent.
            ValueError: What ``legacy_format`` asks for, this tokenizer does not have.
        """
        contents = {**describe(self, self.tokenizer_class, {**self.init_kwargs, **self._settings()})}
        contents.update(self._vocabulary_files(legacy_format))
        with self._pushing(save_directory, push_to_hub, kwargs):
            return write_files(Path(save_directory), _prefixed(contents, filename_prefix))

    def save_vocabulary(
        self, save_directory: str | os.PathLike[str], filename_prefix: str | None = None
    ) -> tuple[str, ...]:
        """Writes the vocabulary's own file, ``spiece.model`` or ``vocab.txt``, to a directory.

        Args:
            save_directory: The directory; it is made if need be.
            filename_prefix: Put, with a dash, before the name.

        Returns:
            The path written.

        Raises:
            ValueError: This tokenizer did not come from such a file, or the file is gone.
        """
        contents: dict[str, str | bytes] = {self.vocabulary_names[0]: self._vocabulary_content()}
        return write_files(Path(save_directory), _prefixed(contents, filename_prefix))

    @classmethod
    @abstractmethod
    def _from_files(cls, files: TokenizerFiles, options: dict[str, Any], given: dict[str, Any]) -> Self:
        """The tokenizer of a directory; ``given`` are those of the options that the caller passed."""

    @abstractmethod
    def _settings(self) -> dict[str, Any]:
        """The options of the class, as ``tokenizer_config.json`` names them."""

    @abstractmethod
    def _vocabulary_content(self) -> bytes:
        """The content of the vocabulary's own file."""

    @abstractmethod
    def _vocabulary_files(self, legacy_format: bool | None) -> dict[str, str | bytes]:
        """The files that hold the vocabulary, name to content."""

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(name_or_path={self.name_or_path!r}, vocab_size={self.vocab_size}, "
            f"model_max_length={self.model_max_length}, padding_side={self.padding_side!r}, "
            f"truncation_side={self.truncation_side!r}, special_tokens={self.special_tokens_map})"
        )


def _prefixed(contents: dict[str, str | bytes], prefix: str | None) -> dict[str, str | bytes]:
    return {f"{prefix}-{name}": content for name, content in contents.items()} if prefix else contents
