"""Which kinds have ways of their own."""

from resolver.controlplane.kinds.catalogue import kind_strategies
from resolver.controlplane.object_store import ObjectStore
from resolver.controlplane.resources import RESOURCES

PLAIN = {"Namespace", "Service", "ServiceCIDR", "IPAddress"}
"""Made elsewhere."""


def test_every_kind_has_a_strategy_of_its_own() -> None:
    found = kind_strategies(ObjectStore())
    assert {each.kind for each in found} | PLAIN == {each.kind for each in RESOURCES}
    assert not {each.kind for each in found} & PLAIN


def test_a_strategy_is_that_of_its_kind() -> None:
    for resource, strategy in kind_strategies(ObjectStore()).items():
        assert strategy.resource is resource
