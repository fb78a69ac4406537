"""Plans of real scenarios with a fault in them, and what such a plan does to a cloud.

Nothing here asks the planner or the judge: a plan is sent to a Placement in memory, and after each
request somebody who knows the host looks whether harm was done.
"""

from .harm import harm_of
from .kinds import KINDS, Mutant, mutants
from .recorded import Recorded, record

__all__ = ["KINDS", "Mutant", "Recorded", "harm_of", "mutants", "record"]
