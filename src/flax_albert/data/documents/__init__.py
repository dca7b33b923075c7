"""Raw text: where documents come from, and how they fall into sentences."""
