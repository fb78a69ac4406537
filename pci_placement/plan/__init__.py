"""From what is wanted, what is there and what the last pass left to a plan."""
