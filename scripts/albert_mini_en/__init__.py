"""How the bundled model ``albert-mini-en`` was made: corpus, batches, training and evaluation."""
