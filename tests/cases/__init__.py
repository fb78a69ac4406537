"""Small cases from public bug reports and files: the program as a black box, on a host each.

Read in this order: README.md (what a case is), case (the format), tree (the host), cloud (what
others do in Placement), wanted and checker (what is judged), stage (the parts of a case, one after
the other), waiting (the cases that fail today).
"""
