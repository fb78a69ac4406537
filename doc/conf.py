"""What Sphinx needs to know: `make docs` builds the pages."""

import pci_placement

project = "pci-placement"
author = "the pci-placement authors"
release = pci_placement.__version__
extensions = ["myst_parser", "oslo_config.sphinxext", "cliff.sphinxext"]
myst_enable_extensions = ["deflist"]  # the options of the man pages
myst_heading_anchors = 3  # the levels of headings that links may point to
smartquotes = False  # what is copied from a page is to work
html_theme = "alabaster"  # decisions/0031 has the reason
html_theme_options = {"page_width": "80em", "sidebar_width": "14em"}

man_make_section_directory = False
man_pages = [
    ("man/pci-placement", "pci-placement", "which PCI devices Placement may give away", "", 1),
    ("man/pci-placement-agent", "pci-placement-agent", "keeps Placement true to this host", "", 8),
]
today = project  # in place of a date, which no two builds would share
