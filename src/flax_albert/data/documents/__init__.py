"""Raw text: where documents come from, how they fall into sentences, and which are held out."""

from flax_albert.data.documents.document import Document
from flax_albert.data.documents.documents import Documents, ReadOptions

__all__ = ["Document", "Documents", "ReadOptions"]
