"""Prepares a corpus in a process of its own, slowly enough to be killed: ``program.py INPUT OUTPUT PROCESSES``."""

import sys
import time

from flax_albert.data.preparing.options import PrepareOptions
from flax_albert.data.preparing.prepare import prepare


def say(text: object) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def slowly(position: int, documents: int) -> None:
    say(documents)
    time.sleep(0.01)


if __name__ == "__main__":
    say("begun")
    options = PrepareOptions(skip_bad=True, held_out=0.2, shard_pieces=1000)
    prepare([sys.argv[1]], "albert-mini-en", sys.argv[2], options, processes=int(sys.argv[3]), progress=slowly)
