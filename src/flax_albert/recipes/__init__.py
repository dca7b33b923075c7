"""Published fine-tunings, a file each: one value, read from top to bottom.

``recipe("cola")``, or ``--recipe cola`` on the command line, fills in everything but the model and the files.
"""

from flax_albert.recipes.recipe import NAMES as NAMES
from flax_albert.recipes.recipe import Recipe as Recipe
from flax_albert.recipes.recipe import recipe as recipe
