"""What the host has, and which of it the operator lists."""
