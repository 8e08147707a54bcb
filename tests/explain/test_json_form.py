"""An explanation goes out as JSON and comes back the same."""

import json

import pytest

from resolver.explain.json_form import explanation_from_json
from tests.support.explained import corefile, explained
from tests.support.explained_situations import SHOP, SITUATIONS


@pytest.mark.parametrize("situation", ["cluster address", "not ready by name", "ExternalName", "zone left off"])
async def test_it_comes_back_the_same(situation: str) -> None:
    objects, name, qtype, options, _ = SITUATIONS[situation]
    found = await explained([*SHOP, *objects], name, qtype, text=corefile(options))
    back = explanation_from_json(json.loads(json.dumps(found.as_json())))
    assert back == found
    assert back.text(color=True) == found.text(color=True)


def test_something_else_is_refused() -> None:
    with pytest.raises((KeyError, TypeError)):
        explanation_from_json({"name": "web"})
