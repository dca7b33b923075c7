"""What token classification is made of: windows of a text, and entities out of the scores of tokens."""
