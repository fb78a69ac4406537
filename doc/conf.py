"""What Sphinx needs to know: `make docs` builds the pages."""

import pci_placement

project = "pci-placement"
author = "the pci-placement authors"
release = pci_placement.__version__
extensions = ["myst_parser"]
myst_heading_anchors = 3  # the levels of headings that links may point to
html_theme = "alabaster"
html_theme_options = {"page_width": "80em", "sidebar_width": "14em"}
