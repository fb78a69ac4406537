"""Finding out, with next to no work, that a pass would do what the last one did: nothing.

A process that starts every minute spends its time on loading the program and on thinking the same
again. What a pass rests on is compared here with a note of the last one, bit by bit: the
configuration files, what /sys says, the state folder, the age of what is remembered, and one answer
of Placement. Where all of it is the same, so is the result. Where anything differs, or there is
any doubt, the whole pass is made.

Little more than keystoneauth is loaded on this path.
"""
