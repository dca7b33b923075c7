"""How fast texts become answers, beside transformers and sentence-transformers: ``python -m benchmarks.tasks``."""
