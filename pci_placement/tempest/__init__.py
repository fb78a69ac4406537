"""What Tempest loads of us: checks of a cloud that is running.

`wishes` and `trees` decide, and need no Tempest; the others are its plugin, its clients and its
tests. Nobody else imports any of them.
"""
