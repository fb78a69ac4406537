"""A damaged cache is an empty one."""

import json

from support.cloud import (
    PLAIN,
    have,
)

from pci_placement.model import LastPass
from pci_placement.state.store import StateFile


def test_a_cache_with_a_list_for_inventories_is_none(tmp_path):
    f = StateFile(tmp_path, "node")
    f.save(LastPass(providers={"u": have(PLAIN)}))
    (path,) = tmp_path.glob("*.json")
    c = json.loads(path.read_text())
    c["providers"][0]["inventories"] = []
    path.write_text(json.dumps(c))
    assert f.load() == LastPass()
