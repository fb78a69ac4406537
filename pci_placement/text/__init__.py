"""How text is written for a terminal and for a page of HTML."""
