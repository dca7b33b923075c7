"""Fine-tuning, a file a kind: what its examples are, what it learns from them, and how that is measured."""
