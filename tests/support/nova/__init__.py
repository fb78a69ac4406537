"""A nova of one process: its own API, conductor, scheduler and compute manager, in real threads.

Stood in are libvirt, keystone, neutron, glance, cinder and the message bus, by nova's own fixtures
for its functional tests; Placement is a real one, asked over HTTP.
"""

import os

# green threads would be everybody's, ours too
os.environ["OS_NOVA_DISABLE_EVENTLET_PATCHING"] = "true"

from nova import monkey_patch

monkey_patch.patch()
