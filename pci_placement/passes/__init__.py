"""The parts of a pass: a plan and what it was made from, how it is made, and when anew."""
