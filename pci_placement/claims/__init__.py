"""Which device a consumer is given: Placement counts devices, and somebody has to choose.

A choice is a function of values: `choose(Facts, consumer)` gives `Chosen` or `Refused`, and with
the same facts always the same. Who asks for it, and writes it down, is `pci_placement.agent`:

    from pci_placement.agent import claimed_devices
    devices = claimed_devices("9a2d6b1e-4c3f-4f0e-8a57-0d2c8b1f6e11")
"""
