"""The mathematics: configuration to arrays, pure, knowing no files."""
