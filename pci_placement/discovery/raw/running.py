"""Where the kernel and udev tell what the running host does with its devices."""


class Running:
    """The folders of a running host, beside its /sys: of this one, if nothing else is said."""

    __slots__ = ("dev", "proc", "udev")

    def __init__(self, proc: str = "/proc", dev: str = "/dev", udev: str = "/run/udev") -> None:
        self.proc = proc
        self.dev = dev
        self.udev = udev
