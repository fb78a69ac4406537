"""The fault matrix: at every request of a pass every kind of fault, and what must be true then.

Read in this order: kinds (what goes wrong), rival (a claim that comes in between), wire (how a
fault gets between a pass and Placement), known (why a thousand passes do not take a day), stage
(one step of a scenario, to be played again and again), killed (a pass that dies), safety and
devices (what must be true at every moment), verdict (what must be true in the end), matrix (all
of it together).
"""
