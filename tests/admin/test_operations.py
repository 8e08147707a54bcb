"""The table of the API."""

import pytest

from resolver.admin.operation import Nothing, Operation, Refused
from resolver.admin.operations import OPERATIONS


def test_each_place_is_there_once() -> None:
    places = [(each.method, each.path) for each in OPERATIONS]
    assert len(set(places)) == len(places)


@pytest.mark.parametrize("each", OPERATIONS, ids=lambda each: f"{each.method} {each.path}")
def test_each_operation_says_what_it_does_and_gives(each: Operation) -> None:
    assert each.summary.endswith(".")
    assert each.answer is not None or each.lines
    assert each.writes is (each.method != "GET")
    assert each.body is None or each.method == "POST"


def test_only_what_has_an_id_in_its_path_takes_one() -> None:
    assert [each.path for each in OPERATIONS if "id" in each.parameters.__struct_fields__] == ["/v1/faults/{id}"]
    assert Nothing.__struct_fields__ == ()


def test_a_refusal_has_a_status_and_words() -> None:
    refused = Refused(404, "there is none")
    assert (refused.status, refused.message, str(refused)) == (404, "there is none", "there is none")
