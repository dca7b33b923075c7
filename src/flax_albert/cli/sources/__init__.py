"""Where a command's inputs come from: its arguments, standard input, or a file of one of five formats."""
