"""Documents -> a corpus in a folder.

`prepare.py` does it, `state.py` knows how far it is, `parts.py` writes, `encoding.py` has `worker.py` encode.
"""
