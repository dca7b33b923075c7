"""Makes the small tokenizers of the tests and, with the oracle, the answers they must give.

    python -m tests.reference.tokenization.make_tiny --oracle ORACLE_PYTHON --newer NEWER_PYTHON

ORACLE_PYTHON is the interpreter of an environment with transformers==4.37.2, sentencepiece and protobuf, NEWER_PYTHON
of one with transformers 5 and sentencepiece; this one needs sentencepiece. The text, the vocabularies and the lines are
all made up here.
"""

from __future__ import annotations

import argparse
import io
import lzma
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import sentencepiece
from sentencepiece import sentencepiece_model_pb2

from tests.reference.tokenization.jobs import (
    CHINESE_LINES,
    KINDS,
    TINY,
    TINY_INDIC,
    TINY_INDIC_SIZE,
    TINY_SIZE,
    TINY_VERSION_5,
    TINY_WORDPIECE,
    TINY_WORDPIECE_SIZE,
    write_tiny_jobs,
)

TEXT = """
The cat sat on the mat, and the dog lay down beside it. It was a warm day in the old town by the river.
She opened the window and looked at the garden. "What a day!" she said; nobody answered.
He doesn't know what we're going to do, but I'm sure it's fine. They've seen it, and we'd better not wait.
In 1999 the town had 1,000 houses, 2,500 people, 12,345 trees and 9 bridges. In 2024 it had 3,456 more.
A well-known, state-of-the-art machine costs $3.50 (or 4,00 elsewhere), they say. That is not much!
The river runs from the hills to the sea, past mills, meadows, farms and small, quiet villages.
Why do birds sing in the morning? Because the morning is theirs, said the old woman, and she laughed.
Books, paper, pens and ink: the shop sold all of them, and sometimes bread, butter, tea and cheese as well.
The children played in the street until the evening came. Then they went home, one after another, tired and happy.
Reading is to the mind what walking is to the body; he read every day and walked every night.
If it rains tomorrow, we will stay at home, make soup, and tell each other stories about the sea.
The teacher wrote three words on the board: stone, water, light. Nobody knew what she wanted to say.
An engine turns heat into motion. A sail turns wind into motion. A river needs nothing to be in motion.
Some letters are written by hand, others are printed; all of them were cut, cast, drawn or copied once.
The naive traveller ordered a coffee at the cafe, paid, and forgot the change on the table.
Two and two are four, three and three are six, and nobody has ever counted to the end of the numbers.
The ship left the harbour before sunrise. Its captain had not slept, and the crew was silent.
When the snow melts, the roads turn to mud, the mud turns to dust, and the dust settles on the windows.
"""

INDIC_TEXT = """
नदी गाँव के पास धीरे धीरे बहती है। बच्चे स्कूल में किताबें पढ़ते हैं और शाम को खेलते हैं।
माँ ने कहा कि आज बारिश होगी, इसलिए खिड़की बंद कर दो। पुरानी हवेली में अब कोई नहीं रहता।
मैं हर सुबह बगीचे में टहलता हूँ। उसने चिट्ठी लिखी और डाकघर में दे दी। पहाड़ों पर बर्फ़ गिरी है।
வீட்டின் முன்னால் ஒரு பெரிய மரம் இருக்கிறது. குழந்தைகள் மாலையில் அங்கே விளையாடுகிறார்கள்.
அவன் தினமும் காலையில் ஆற்றங்கரையில் நடக்கிறான். அம்மா சமையல் அறையில் பாட்டு பாடுகிறாள்.
மழை பெய்தால் சாலைகள் ஈரமாக இருக்கும். புத்தகம் மேசையின் மேல் உள்ளது, எழுதுகோல் கீழே உள்ளது.
ছেলেটি প্রতিদিন সকালে নদীর ধারে হাঁটে। মা রান্নাঘরে গান গাইছেন, বাবা খবরের কাগজ পড়ছেন।
বৃষ্টি হলে গ্রামের রাস্তা কাদায় ভরে যায়। স্কুলের ছেলেমেয়েরা মাঠে খেলা করে, তারপর বাড়ি ফেরে।
পুরনো বাড়ির সামনে একটা বড় গাছ আছে। সে চিঠি লিখে ডাকবাক্সে ফেলে দিল।
"""

# A small normalisation table: ligatures and wide letters to plain ones, odd spaces to spaces, zero-width to nothing.
RULES = [
    *((code, (code - 0xFEE0,)) for code in range(0xFF01, 0xFF5F)),
    *((code, (0x20,)) for code in (0x09, 0x0A, 0x0D, 0xA0, 0x2003, 0x2028, 0x3000, 0xFFFD)),
    *((code, ()) for code in (0x01, 0x7F, 0xAD, 0x200B, 0xFEFF)),
    (0xFB01, (0x66, 0x69)),
    (0x2026, (0x2E, 0x2E, 0x2E)),
    (0x2460, (0x31,)),
]


def train() -> bytes:
    """Trains a vocabulary of letters and syllables, and adds words and pieces that end in a digit and a comma."""
    model = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        rules = Path(folder) / "rules.tsv"
        lines = (f"{source:X}\t{' '.join(f'{code:X}' for code in target)}" for source, target in RULES)
        rules.write_text("\n".join(lines) + "\n", encoding="utf-8")
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(TEXT.strip().lower().splitlines()),
            model_writer=model,
            vocab_size=220,
            pad_id=0,
            unk_id=1,
            bos_id=-1,
            eos_id=-1,
            control_symbols=["[CLS]", "[SEP]", "[MASK]"],
            user_defined_symbols=["(", ")", '"', "-", "."],
            normalization_rule_tsv=str(rules),
            num_threads=1,
            minloglevel=2,
        )
    proto = sentencepiece_model_pb2.ModelProto.FromString(model.getvalue())
    proto.normalizer_spec.ClearField("normalization_rule_tsv")  # the path of a temporary file
    known = {piece.piece for piece in proto.pieces}
    words = ["▁" + word for word in re.findall(r"[a-z']+", TEXT.lower())]
    wanted = ["9,", "▁1,000", "1,", "2,5", ",000", "▁3,", *words]
    for index, text in enumerate(dict.fromkeys(wanted)):
        if text not in known and len(proto.pieces) < TINY_SIZE:
            proto.pieces.add(piece=text, score=-7 - index / 100)
    return proto.SerializeToString()


def train_indic() -> bytes:
    """Trains a vocabulary of syllables with their vowel signs."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(INDIC_TEXT.strip().splitlines()),
        model_writer=model,
        vocab_size=TINY_INDIC_SIZE,
        character_coverage=1.0,
        pad_id=0,
        unk_id=1,
        bos_id=-1,
        eos_id=-1,
        control_symbols=["[CLS]", "[SEP]", "[MASK]"],
        normalization_rule_name="identity",
        num_threads=1,
        minloglevel=2,
    )
    return model.getvalue()


def wordpieces() -> list[str]:
    """A vocabulary of letters, words, endings and the Chinese characters of the lines, written down and not trained."""
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    endings = ["s", "ed", "ing", "ly", "er", "able", "like", "ness", "un"]
    words = dict.fromkeys(re.findall(r"[a-z]+", TEXT.lower()))
    signs = [character for character in "".join(CHINESE_LINES) if not character.isascii() and character.isprintable()]
    tokens = [
        "[PAD]",
        "[unused1]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *letters,
        *(f"##{letter}" for letter in letters),
    ]
    tokens += [*".,!?:;'\"()-$", *(f"##{ending}" for ending in endings), "é", "##é", "Cat", *signs, *words]
    unique = list(dict.fromkeys(tokens))
    assert len(unique) == TINY_WORDPIECE_SIZE, len(unique)
    return unique


def main() -> None:
    """Writes the vocabularies and the answers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--oracle", required=True, help="Python of an environment with transformers==4.37.2")
    parser.add_argument("--newer", required=True, help="Python of an environment with transformers 5")
    oracle, newer = parser.parse_args().oracle, parser.parse_args().newer
    for directory in (TINY, TINY_WORDPIECE, TINY_INDIC, TINY_VERSION_5):
        directory.mkdir(exist_ok=True)
        for path in directory.iterdir():
            path.unlink()
    (TINY / "spiece.model").write_bytes(train())
    (TINY_WORDPIECE / "vocab.txt").write_text("".join(f"{token}\n" for token in wordpieces()), encoding="utf-8")
    (TINY_INDIC / "spiece.model").write_bytes(train_indic())
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(TINY / "spiece.model", folder)
        target = repr(str(TINY_VERSION_5))
        save = f"from transformers import AlbertTokenizer as A; A.from_pretrained('.').save_pretrained({target})"
        subprocess.run([newer, "-c", save], cwd=folder, check=True)
    # The other files are those that 4.37 writes for them.
    for name, directory in (("AlbertTokenizerFast", TINY), ("BertTokenizerFast", TINY_WORDPIECE)):
        save = f"from transformers import {name} as A; A.from_pretrained('.').save_pretrained('.')"
        subprocess.run([oracle, "-c", save], cwd=directory, check=True)
    side = Path(__file__).with_name("side.py").resolve()
    for kind in KINDS.values():
        with tempfile.TemporaryDirectory() as folder:
            command = [oracle, str(side), "transformers", str(write_tiny_jobs(kind, Path(folder)))]
            environment = {**os.environ, "RUST_BACKTRACE": "0"}
            answers = subprocess.run(command, check=True, capture_output=True, env=environment).stdout
        kind.golden.write_bytes(lzma.compress(answers, preset=9))


if __name__ == "__main__":
    main()
