"""Random sequences of what happens to a node, over a Placement in memory, judged from outside.

What may be known here is what an operator, a compute service and Placement can see.
"""
