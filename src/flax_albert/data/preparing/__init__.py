"""Documents -> a corpus in a folder.

`prepare.py` does it, `state.py` knows how far it is, `parts.py` writes, `encoding.py` encodes, in processes of `worker.py`.
"""
