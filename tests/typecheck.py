"""How annotations are checked while the tests run."""

from typing import Final

from beartype import BeartypeConf, beartype

# An int is welcome where a float is asked for, as in every type checker.
checked: Final = beartype(conf=BeartypeConf(is_pep484_tower=True))
