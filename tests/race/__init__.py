"""Claims and releases at full speed while syncs run and the host changes underneath."""
