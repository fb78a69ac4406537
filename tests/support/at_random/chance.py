"""What requests are made of, chosen at random: mostly what fits to what there is."""

from random import Random
from typing import Any, NamedTuple, TypeVar
from uuid import NAMESPACE_DNS, uuid5

from ..memory.state import State

T = TypeVar("T")

PROVIDERS = [str(uuid5(NAMESPACE_DNS, f"provider {n}")) for n in range(8)]
CONSUMERS = [str(uuid5(NAMESPACE_DNS, f"consumer {n}")) for n in range(5)]
AGGREGATES = [str(uuid5(NAMESPACE_DNS, f"aggregate {n}")) for n in range(3)]
NAMES = [f"node {n}" for n in range(9)]
STANDARD_CLASSES, OWN_CLASSES = ["VCPU", "PCI_DEVICE"], ["CUSTOM_A", "CUSTOM_B"]
STANDARD_TRAITS = ["HW_CPU_X86_AVX", "HW_NIC_SRIOV"]
OWN_TRAITS = ["CUSTOM_RED", "CUSTOM_BLUE", "CUSTOM_REDDISH"]
NEVER = ["CUSTOM_NEVER", "NEVER", "never", "CUSTOM_never", "CUSTOM_", "N" * 300]
ODD_UUIDS = ["x", "", PROVIDERS[0].upper(), PROVIDERS[0].replace("-", ""), "-" * 36, "0" * 36]
VERSIONS = ["1.39"] * 6 + ["1.37"] * 3 + [f"1.{minor}" for minor in range(30, 39)]


class Ask(NamedTuple):
    """A request to Placement."""

    method: str
    url: str
    version: str
    body: Any = None

    def __str__(self) -> str:
        body = "" if self.body is None else f" {self.body}"
        return f"{self.method} {self.url} at {self.version}{body}"


class Chance:
    """The choices of one seed, for one request after the other."""

    def __init__(self, seed: int, state: State) -> None:
        self.random, self.state = Random(seed), state  # noqa: S311 - it guards no secret
        self.version = VERSIONS[0]

    def one_in(self, times: int) -> bool:
        return self.random.randrange(times) == 0

    def one_of(self, things: list[T]) -> T:
        return self.random.choice(things)

    def some(self, things: list[T], most: int | None = None) -> list[T]:
        most = len(things) if most is None else min(most, len(things))
        return self.random.sample(things, self.random.randint(0, most))

    def new_version(self) -> None:
        self.version = self.one_of(VERSIONS)

    def uuid(self) -> str:
        """That of a provider, mostly of one that is there."""
        if self.one_in(40):
            return self.one_of(ODD_UUIDS)
        known = list(self.state.providers)
        return self.one_of(known if known and not self.one_in(12) else PROVIDERS)

    def stocked(self) -> str:
        """Preferably a provider of which something can be claimed."""
        stocked = [uuid for uuid, row in self.state.providers.items() if row.stocks]
        return self.one_of(stocked) if stocked and not self.one_in(12) else self.uuid()

    def consumer(self) -> str:
        return self.one_of(ODD_UUIDS if self.one_in(50) else CONSUMERS)

    def resource_class(self) -> str:
        own = OWN_CLASSES if self.one_in(15) else sorted(self.state.classes)
        return self.one_of(NEVER[:4] if self.one_in(60) else [*STANDARD_CLASSES, *own])

    def trait(self) -> str:
        own = OWN_TRAITS if self.one_in(15) else sorted(self.state.traits)
        return self.one_of(NEVER if self.one_in(60) else [*STANDARD_TRAITS, *own])

    def generation(self, uuid: str) -> int:
        """That of a provider; sometimes another one."""
        row = self.state.providers.get(uuid)
        stale = self.one_of([-1, 1]) if self.one_in(20) else 0
        return (row.generation if row else 0) + stale
