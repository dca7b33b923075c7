"""``python -m flax_albert.cli``: the command where its script is not on the path."""

import sys

from flax_albert.cli import main

sys.exit(main())
