"""Documents -> a tokenizer: `train.py` does it, `sampling.py` chooses sentences, `unigram.py` learns the pieces."""
