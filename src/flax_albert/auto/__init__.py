"""Classes that pick the class a checkpoint is for."""
