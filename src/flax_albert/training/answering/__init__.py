"""Learning to find the answer to a question in a text."""
