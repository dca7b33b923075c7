"""The commands that answer texts: what each takes and shows, and the one driver that runs them all."""
