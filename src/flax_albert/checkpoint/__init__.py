"""Checkpoints: files of weights <-> parameter trees."""
