"""What the whole cloud has, from Placement alone: in few requests, as a value, and as a page."""
