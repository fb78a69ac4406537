"""The agent on a real kernel, in a guest, against a Placement outside: see README.md."""
