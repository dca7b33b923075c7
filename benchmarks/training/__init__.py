"""How long a training step takes, beside transformers in Flax and PyTorch: ``python -m benchmarks.training``."""
