"""Documents -> a corpus in a folder.

`prepare.py` does it, `state.py` knows how far it is, `parts.py` writes, `encoding.py` has `worker.py` encode.
"""

from flax_albert.data.preparing.options import Prepared, PrepareOptions
from flax_albert.data.preparing.prepare import prepare

__all__ = ["PrepareOptions", "Prepared", "prepare"]
