"""What zun loads of us: devices for containers, on a zun as it is released.

`scheduler` is loaded where zun's scheduler runs, `compute` where its containers do. They and
`files` import zun; what is decided is in the other modules, which need none.
"""
