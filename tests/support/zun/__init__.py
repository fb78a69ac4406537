"""A zun of one process: its own code, from the API down to the compute manager.

Stood in are the Docker daemon, keystone, neutron, cinder, the history of actions and the message
bus, which hands on what has gone through zun's serializer, as RabbitMQ would.
"""

import eventlet

# zun copies what has locks in it, which only green ones bear; with os patched subprocess hangs
eventlet.monkey_patch(os=False)
