"""What zun loads of us: devices for containers, on a zun as it is released.

`scheduler` is loaded where zun's scheduler runs. It alone imports zun; what it decides is in the
other modules, which need none.
"""
