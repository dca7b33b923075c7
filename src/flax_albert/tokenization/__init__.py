"""Text to the model's inputs."""

from tokenizers import AddedToken

from flax_albert.tokenization.albert import AlbertTokenizer
from flax_albert.tokenization.albert_fast import AlbertTokenizerFast
from flax_albert.tokenization.base import PreTrainedTokenizerBase
from flax_albert.tokenization.batch_encoding import BatchEncoding, CharSpan, TokenSpan
from flax_albert.tokenization.bert import BertTokenizer
from flax_albert.tokenization.bert_fast import BertTokenizerFast

__all__ = [
    "AddedToken",
    "AlbertTokenizer",
    "AlbertTokenizerFast",
    "BatchEncoding",
    "BertTokenizer",
    "BertTokenizerFast",
    "CharSpan",
    "PreTrainedTokenizerBase",
    "TokenSpan",
]
