"""IPAddresses, ServiceCIDRs and Namespaces, as a real kube-apiserver 1.37.2 took them."""

from functools import cache

import pytest

from tests.support.embedded_cluster import Reply, new_embedded_cluster
from tests.support.recorded_objects import assert_same, identities, recorded_group, replayed

EXCHANGES = recorded_group("networking")


@cache
def _replies() -> list[Reply]:
    return replayed(new_embedded_cluster(), EXCHANGES)


@pytest.mark.parametrize("number", range(len(EXCHANGES)), ids=identities(EXCHANGES))
def test_the_answer_is_that_of_kube_apiserver(number: int) -> None:
    assert_same(_replies()[number], EXCHANGES[number])
