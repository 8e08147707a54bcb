"""The kinds other than Services: requests one after another, and what a real kube-apiserver 1.37.2 answered them."""

import json
from functools import cache

import pytest

from tests.support.embedded_cluster import GOLDEN, JsonObject, Reply, new_embedded_cluster
from tests.support.recorded_objects import assert_same, identities, replayed

EXCHANGES: list[JsonObject] = json.loads((GOLDEN / "kinds.json").read_text())["exchanges"]


@cache
def _replies() -> list[Reply]:
    return replayed(new_embedded_cluster(), EXCHANGES)


@pytest.mark.parametrize("number", range(len(EXCHANGES)), ids=identities(EXCHANGES))
def test_the_answer_is_that_of_kube_apiserver(number: int) -> None:
    assert_same(_replies()[number], EXCHANGES[number])
