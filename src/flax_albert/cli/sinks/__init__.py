"""Where a command's results go when they go to a file: never half written, and resumed where they were interrupted."""
