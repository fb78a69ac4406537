"""A picture of this host: what it has, where that is, and what of it is free.

`make` gives a value (`nouns`), and each other module one way to show it.
"""
