"""Names and hashes that depend on the manifest alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.controlplane.workloads.pod_templates import stable_suffix, template_hash

LETTERS = set("bcdfghjklmnpqrstvwxz2456789")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": 1}, {"a": 2}, False),
        ({"a": [1, 2]}, {"a": [2, 1]}, False),
        ({}, {"a": None}, False),
    ],
)
def test_a_hash_is_of_what_a_template_says(one: dict[str, object], other: dict[str, object], same: bool) -> None:
    assert (template_hash(one) == template_hash(other)) is same


@given(st.text())
def test_hashes_can_stand_in_names(text: str) -> None:
    code = template_hash({"text": text})
    assert set(code) <= LETTERS
    assert 1 <= len(code) <= 10


def test_suffixes_differ_by_number_and_owner() -> None:
    found = {stable_suffix(space, "web-", number) for space in ("shop", "default") for number in range(200)}
    assert len(found) == 400
    assert all(len(each) == 5 and set(each) <= LETTERS for each in found)
