"""`pci-placement-agent`: passes one after the other for as long as the process lives, or one."""
