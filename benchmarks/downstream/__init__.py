"""What pretraining is worth: the same fine-tuning from a pretrained model and from random weights."""
