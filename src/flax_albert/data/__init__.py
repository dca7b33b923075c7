"""Text and examples -> arrays to train on."""
