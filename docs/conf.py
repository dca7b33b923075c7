"""How Sphinx builds the manual: `make docs`."""

import os
import sys
from pathlib import Path

os.environ["JAX_PLATFORMS"] = "cpu"  # what is shown must not depend on the machine
sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

from flax_albert import __version__

project = "flax-albert"
author = "the flax-albert authors"
version = release = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "command_output",
    "docstring_types",
]
exclude_patterns = ["_build"]
nitpicky = True

# MyST
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

# What autodoc makes of the docstrings; _extensions/docstring_types.py adds the types.
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False
napoleon_attr_annotations = False

# Types of other libraries have no page here, and the build needs no network: names outside the package stay plain.
nitpick_ignore_regex = [(r"py:.*", r"(?!flax_albert\.).*")]

toc_object_entries_show_parents = "hide"
html_theme = "furo"
html_title = "flax-albert"
html_static_path = ["_static"]
html_css_files = ["manual.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
