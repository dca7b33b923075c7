"""Runs where transformers is: the ids that its two classes give sentences, with a tokenizer that was trained here.

    python trained.py FOLDER SENTENCES.json

SENTENCES.json, a list of texts, is replaced by the ids of each class.
"""

import json
import sys
from pathlib import Path

from transformers import AutoTokenizer

folder, path = sys.argv[1], Path(sys.argv[2])
sentences = json.loads(path.read_text())
ids = {}
for name in ("fast", "slow"):
    tokenizer = AutoTokenizer.from_pretrained(folder, use_fast=name == "fast")
    assert tokenizer.is_fast == (name == "fast")
    ids[name] = [tokenizer(sentence)["input_ids"] for sentence in sentences]
path.write_text(json.dumps(ids))
