"""Pods and templates that should be written otherwise, as a real kube-apiserver 1.37.2 warned about them."""

from functools import cache

import pytest

from tests.support.embedded_cluster import Reply, new_embedded_cluster
from tests.support.recorded_objects import assert_same, identities, recorded_group, replayed

EXCHANGES = recorded_group("pods")


@cache
def _replies() -> list[Reply]:
    return replayed(new_embedded_cluster(), EXCHANGES)


@pytest.mark.parametrize("number", range(len(EXCHANGES)), ids=identities(EXCHANGES))
def test_warnings_are_those_of_kube_apiserver(number: int) -> None:
    assert_same(_replies()[number], EXCHANGES[number])
