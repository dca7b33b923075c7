"""Text to the model's inputs."""

from tokenizers import AddedToken

from flax_albert.tokenization.albert import AlbertTokenizer, AlbertTokenizerFast
from flax_albert.tokenization.batch_encoding import BatchEncoding, CharSpan, TokenSpan

__all__ = ["AddedToken", "AlbertTokenizer", "AlbertTokenizerFast", "BatchEncoding", "CharSpan", "TokenSpan"]
