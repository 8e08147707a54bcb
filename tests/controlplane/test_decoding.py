"""Documents that do not fit their kind, and values in unusual forms, as a real kube-apiserver 1.37.2 read them."""

from functools import cache

import pytest

from tests.support.embedded_cluster import Reply, new_embedded_cluster
from tests.support.recorded_objects import assert_same, identities, recorded_group, replayed

EXCHANGES = recorded_group("decoding")


@cache
def _replies() -> list[Reply]:
    return replayed(new_embedded_cluster(), EXCHANGES)


@pytest.mark.parametrize("number", range(len(EXCHANGES)), ids=identities(EXCHANGES))
def test_a_document_is_read_as_kube_apiserver_read_it(number: int) -> None:
    assert_same(_replies()[number], EXCHANGES[number])
