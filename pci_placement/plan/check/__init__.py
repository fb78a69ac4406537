"""An independent judge of plans: it knows nothing of the planner, and holds a plan to our promises.

It walks a plan action by action over what Placement has, with what this host offers and what the
last pass left beside it, and names each moment that breaks a promise. It says what is wrong with
the plan, not what Placement would refuse.
"""

from .breach import Breach, Promise
from .evidence import Facts
from .refusal import Verdict, verdict
from .walk import judge

__all__ = ["Breach", "Facts", "Promise", "Verdict", "judge", "verdict"]
