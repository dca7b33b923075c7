"""How to find a model on the hub: the options that every ``from_pretrained`` takes."""

from __future__ import annotations

import dataclasses
import os
import warnings
from collections.abc import Mapping
from typing import Any, final

# Arguments of 4.37 that change nothing here: downloads are always resumed where that is possible, no code of a
# repository is ever run, and the others were private.
_WITHOUT_EFFECT = frozenset(
    {"resume_download", "trust_remote_code", "code_revision", "_commit_hash", "_from_auto", "_from_pipeline"}
)


@final
@dataclasses.dataclass(frozen=True)
class HubOptions:
    """Which files of a repository are meant, and how they are fetched. A directory needs ``subfolder`` only.

    Attributes:
        revision: A branch, a tag, a commit, or ``refs/pr/N`` for a pull request.
        subfolder: The folder of the files inside the repository or directory.
        token: An access token; None or True for the stored one or ``HF_TOKEN``, False for none.
        cache_dir: Where downloads are kept, by default where ``HF_HUB_CACHE`` or ``HF_HOME`` say.
        force_download: Whether to download even what is in the cache.
        local_files_only: Whether to use the cache alone.

    Raises:
        TypeError: An option is not of its type.
        ValueError: Options contradict each other.
    """

    revision: str = "main"
    subfolder: str = ""
    token: str | bool | None = dataclasses.field(default=None, repr=False)
    cache_dir: str | os.PathLike[str] | None = None
    force_download: bool = False
    local_files_only: bool = False

    def __post_init__(self) -> None:
        for name, kinds in (
            ("revision", str),
            ("subfolder", str),
            ("token", str | bool | None),
            ("cache_dir", str | os.PathLike | None),
        ):
            if not isinstance(getattr(self, name), kinds):
                raise TypeError(f"{name} must be a text, got {type(getattr(self, name)).__name__}.")
        if self.force_download and self.local_files_only:
            raise ValueError("force_download=True and local_files_only=True contradict each other; pass one of them.")

    @classmethod
    def split(cls, keywords: Mapping[str, Any]) -> tuple[HubOptions, dict[str, Any]]:
        """Parts the keywords of a ``from_pretrained`` call into those about finding files and the others.

        ``use_auth_token``, the older name of ``token``, is understood; ``resume_download`` and ``trust_remote_code``
        have no effect; nor have ``proxies``, which brings a warning.

        Args:
            keywords: The keywords.

        Returns:
            The options, and the other keywords.

        Raises:
            TypeError: An option is not of its type.
            ValueError: Options contradict each other.

        Example:
            >>> from flax_albert.hub import HubOptions
            >>> options, others = HubOptions.split({"revision": "v1", "num_labels": 3})
            >>> options.revision, others
            ('v1', {'num_labels': 3})
        """
        known = {field.name for field in dataclasses.fields(cls)}
        # None is 4.37's way to leave an option at its default.
        found = {name: value for name, value in keywords.items() if name in known and value is not None}
        if isinstance(found.get("subfolder"), str):
            found["subfolder"] = found["subfolder"].strip("/")
        token = token_of(keywords)
        if token is not None:
            found["token"] = token
        if keywords.get("proxies"):
            warnings.warn(
                "proxies has no effect: set the environment variables HTTPS_PROXY and HTTP_PROXY instead.", stacklevel=3
            )
        taken = known | _WITHOUT_EFFECT | {"proxies", "use_auth_token"}
        others = {name: value for name, value in keywords.items() if name not in taken}
        return cls(**found), others


def token_of(keywords: Mapping[str, Any]) -> str | bool | None:
    """The access token among the keywords of a call, be it called by its present or its older name.

    Args:
        keywords: The keywords, with ``token`` or ``use_auth_token`` among them or none.

    Returns:
        The token.

    Raises:
        ValueError: Both are given.
    """
    older = keywords.get("use_auth_token")
    if older is None:
        return keywords.get("token")
    warnings.warn("use_auth_token is the older name of token; pass token.", FutureWarning, stacklevel=4)
    if keywords.get("token") is not None:
        raise ValueError("token and use_auth_token are the same; pass token only.")
    return older
