"""A question that has an answer, to try a server with."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, NamedTuple

from resolver import limits
from resolver.cluster.dns_records import namespace_of
from resolver.cluster.inventory import Inventory
from resolver.cluster.objects import labels_text

_SYSTEM: Final = ".kube-system"


class Example(NamedTuple):
    """`service` is ``web.shop``, name and namespace; `type` is ``A`` or ``AAAA``."""

    service: str
    type: str


KUBERNETES: Final = Example("kubernetes.default", "A")
"""A Service that every cluster has."""


def example(inventories: Iterable[Inventory]) -> Example:
    """The first Service with an address: rather the user's than the system's, rather one with an IPv6 address."""
    found = [each for inventory in inventories for each in islice(_addressed(inventory), limits.EXAMPLES)]
    return min(found, key=_rank, default=KUBERNETES)


def _addressed(inventory: Inventory) -> Iterator[Example]:
    for key, entry in inventory.services.items():
        service = entry.service
        if service is None or not service.cluster_ips or namespace_of(key) not in inventory.namespaces:
            continue
        v6 = any(":" in address for address in service.cluster_ips)
        yield Example(labels_text(key), "AAAA" if v6 else "A")


def _rank(found: Example) -> tuple[bool, bool]:
    """The lowest is the best."""
    return found.service == KUBERNETES.service or found.service.endswith(_SYSTEM), found.type == "A"
