"""Metrics as they are written, and as a test names them."""

from pci_placement.service.metrics.catalogue import Numbers, Sample
from pci_placement.service.metrics.exposition import read_back


def numbers_in(text: str) -> Numbers:
    """The numbers of ours in what an agent serves or writes."""
    return read_back(text)


def number(numbers: Numbers, name: str, *labels: str) -> float | None:
    """One of them; None where it is not told."""
    return numbers.get(Sample(name, labels))


def told(numbers: Numbers, name: str) -> dict:
    """All of one name that are not 0: a number, or numbers by their labels."""
    found = {which.labels: n for which, n in numbers.items() if which.name == name and n}
    return {labels[0] if len(labels) == 1 else labels: n for labels, n in found.items()}
