"""Documents -> a corpus in a folder: `prepare.py` does it, `parts.py` writes, `encoding.py` encodes in processes."""
