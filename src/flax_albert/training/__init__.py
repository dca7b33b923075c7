"""From examples, or raw text, to a directory that everything here loads."""
