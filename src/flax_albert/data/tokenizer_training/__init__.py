"""Documents -> a tokenizer: `train.py` does it, `sampling.py` chooses sentences, `unigram.py` learns the pieces."""

from flax_albert.data.tokenizer_training.train import TokenizerOptions, TrainedTokenizer, train_tokenizer

__all__ = ["TokenizerOptions", "TrainedTokenizer", "train_tokenizer"]
