"""What question answering is made of: questions, windows of a context, and spans out of the scores of tokens."""
