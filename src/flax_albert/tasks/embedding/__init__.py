"""What sentence embedding is made of: pooling, folders of sentence-transformers, similarity."""
