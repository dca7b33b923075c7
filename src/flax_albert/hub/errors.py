"""What went wrong between here and the hub, told in a sentence that says what to do."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator

from flax_albert.hub.options import HubOptions


class HubError(OSError):
    """Something could not be had from the hub, or not be sent there.

    It is an ``OSError``, as it was for users of the classic classes. Its message says what to do about it.

    Example:
        >>> from flax_albert.hub import HubError
        >>> issubclass(HubError, OSError)
        True
    """


class NotAskedError(Exception):
    """Nobody was asked, because ``local_files_only=True`` forbids it."""


def client_errors() -> tuple[type[Exception], ...]:
    """The exceptions by which the hub's client fails, whichever library its version speaks HTTP with."""
    from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, HFValidationError

    # The first base is the HTTP library's own: of requests in version 0, of httpx in 1, of httpx2 in 2.
    transport = HfHubHTTPError.__bases__[0]
    return (OSError, transport, EntryNotFoundError, HFValidationError)


@contextlib.contextmanager
def explaining(repo_id: str, subject: str, options: HubOptions) -> Iterator[None]:
    """Turns what the client raises into a :class:`HubError`.

    Args:
        repo_id: The repository.
        subject: What was asked for, for the message.
        options: How it was asked for.

    Raises:
        HubError: The client failed.
    """
    try:
        yield
    except HubError:
        raise
    except client_errors() as error:
        raise HubError(explanation(error, repo_id, subject, options)) from error


def explanation(error: BaseException, repo_id: str, subject: str, options: HubOptions) -> str:
    """What an exception of the client means to a user, and what to do.

    Args:
        error: The exception.
        repo_id: The repository.
        subject: What was asked for.
        options: How it was asked for.

    Returns:
        A sentence or two.
    """
    from huggingface_hub import constants, errors

    hub = constants.ENDPOINT
    cache = constants.HF_HUB_CACHE if options.cache_dir is None else options.cache_dir
    if isinstance(error, errors.LocalEntryNotFoundError) and error.__cause__ is not None:
        error = error.__cause__
    status = error.response.status_code if isinstance(error, errors.HfHubHTTPError) else 0
    sent = _token_state(options.token)
    absent = f"{subject} is not in the cache {cache}"
    if options.force_download:
        absent = "force_download=True passes over the cache"
    match error:
        case NotAskedError():
            return (
                f"{absent}, and local_files_only=True forbids to connect: load it once "
                "without local_files_only, or pass a directory."
            )
        case errors.OfflineModeIsEnabled():
            return (
                f"{absent}, and HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE forbids to "
                "connect: unset it once, or pass a directory."
            )
        case errors.LocalTokenNotFoundError():
            return (
                "token=True asks for the stored token, and there is none: log in with `hf auth login`, set HF_TOKEN, "
                'or pass token="hf_...".'
            )
        case errors.HFValidationError():
            return f"{repo_id!r} cannot be the id of a repository: those read 'name' or 'owner/name'."
        case errors.GatedRepoError():
            return (
                f"{repo_id!r} is gated and {sent}: ask for access at {hub}/{repo_id}, then log in "
                'with `hf auth login` or pass token="hf_...".'
            )
        case errors.RepositoryNotFoundError():
            return (
                f"{hub} has no repository {repo_id!r}, or it is private and {sent}. Check the name; "
                'for a private one log in with `hf auth login` or pass token="hf_...".'
            )
        case errors.RevisionNotFoundError():
            return f"{repo_id!r} has no branch, tag or commit {options.revision!r}; {hub}/{repo_id} shows those it has."
        case errors.DisabledRepoError():
            return f"{repo_id!r} has been disabled on {hub}; use another model."
        case errors.HfHubHTTPError() if status == 401:
            return f"{hub} refuses the token: get a valid one at {hub}/settings/tokens, or pass token=False for none."
        case errors.HfHubHTTPError() if status == 403:
            return f"{hub} forbids this for {repo_id!r}, and {sent}: use one with the right to do it."
        case errors.HfHubHTTPError() if status == 429:
            return f"{hub} has had too many requests (429): wait some minutes, and log in with `hf auth login`."
        case errors.HfHubHTTPError() if status >= 500:
            return f"{hub} is in trouble (server error {status}), and {absent}: try again later."
        case errors.HfHubHTTPError():
            return f"{hub} answered {status} when asked for {subject}: {error.server_message or brief(error)}"
        case errors.EntryNotFoundError():
            return f"{subject} is not there."
        case errors.FileMetadataError():
            return f"{hub} does not answer as a hub does ({brief(error)}); is HF_ENDPOINT right?"
        case OSError() if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return f"The disk of {cache} is full: free some space, or pass another cache_dir."
        case OSError() if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
            return f"{error.filename or cache} cannot be written ({error.strerror}): pass another cache_dir."
        case OSError() if "Consistency check failed" in str(error):
            return f"The download of {subject} broke off or is not what {hub} announced: try again."
    return f"{hub} cannot be reached ({brief(error)}), and {absent}: connect once, or pass a directory."


def push_explanation(error: BaseException, repo_id: str, token: str | bool | None) -> str:
    """What an exception of the client means to a user who is pushing, and what to do.

    Args:
        error: The exception.
        repo_id: The repository.
        token: The token that was passed.

    Returns:
        A sentence or two.
    """
    from huggingface_hub import constants, errors

    hub = constants.ENDPOINT
    if isinstance(error, RuntimeError) and error.__cause__ is not None:  # so the client fails to send a large file
        error = error.__cause__
    status = error.response.status_code if isinstance(error, errors.HfHubHTTPError) else 0
    match error:
        case errors.LocalTokenNotFoundError():
            pass
        case errors.HfHubHTTPError() if status in (401, 403, 404):
            return (
                f"{hub} does not let you write to {repo_id!r}: {_token_state(token)}. Log in with `hf auth login`, or "
                'pass token="hf_...", a token with the right to write there.'
            )
        case errors.HfHubHTTPError() if status != 429:
            said = error.server_message or brief(error)
            return f"{hub} answered {status} to the push to {repo_id!r} ({said}). Push again later."
        case errors.OfflineModeIsEnabled():
            return (
                f"HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE forbids to connect to {hub}: unset it to push to {repo_id!r}."
            )
        case OSError() if error.filename is not None:
            return f"{error.filename} cannot be pushed: {error.strerror}."
        case errors.HFValidationError() | errors.HfHubHTTPError():
            pass
        case RuntimeError() | ValueError():
            return f"The push to {repo_id!r} failed ({brief(error)}). Push again."
        case _:
            return f"{hub} cannot be reached ({brief(error)}): push to {repo_id!r} again once connected."
    return explanation(error, repo_id, repr(repo_id), HubOptions(token=token))


def _token_state(token: str | bool | None) -> str:
    from huggingface_hub import get_token

    if token is False or (token in (None, True) and not get_token()):
        return "no token was sent"
    return "the token that was sent does not open it"


def brief(error: BaseException) -> str:
    """What the system said at the bottom of an exception, or else its class and the start of its message.

    Args:
        error: The exception.

    Returns:
        A few words on one line.
    """
    innermost = error
    while innermost.__cause__ or innermost.__context__:
        innermost = innermost.__cause__ or innermost.__context__ or innermost
    if isinstance(innermost, OSError) and innermost.strerror:
        return innermost.strerror
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:160]}" if text else type(error).__name__
