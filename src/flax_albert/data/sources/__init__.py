"""Rows of a file of one of six formats, plain or compressed, of standard input, or of a command's arguments."""
