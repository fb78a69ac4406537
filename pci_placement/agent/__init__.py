"""One pass, alone and remembered: what a command, a service or another program starts from.

    settings = load([ConfigPath("/etc/zun/zun.conf")])
    answer = build(settings).sync()
    print(answer.exit_code)

Which devices a consumer of Placement has on this host, chosen once and then always the same:

    devices = claimed_devices("9a2d6b1e-4c3f-4f0e-8a57-0d2c8b1f6e11", ["/etc/zun/zun.conf"])
    for device in devices:
        print(device.address, device.driver, device.iommu_group, device.devname, device.nodes)

    def claimed_devices(
        consumer: str, config_files: Iterable[str] = (), *, sysfs: str = "/sys"
    ) -> tuple[ClaimedDevice, ...]

Who asks more than once keeps `Claims(build(settings))` and calls `devices_of(consumer)`, and
`release(consumer)` when what used the devices has ended.

Everything that an agent says is a value. What it raises is an error that ended a pass before its
first write.
"""

from pci_placement.claims.answer import ClaimedDevice

from .answers import Pass, PassAnswer, Preview, Standing
from .build import build
from .claiming import Claims, claimed_devices
from .one_pass import Agent

__all__ = [
    "Agent",
    "ClaimedDevice",
    "Claims",
    "Pass",
    "PassAnswer",
    "Preview",
    "Standing",
    "build",
    "claimed_devices",
]
