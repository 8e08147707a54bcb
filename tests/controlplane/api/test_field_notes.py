import pytest

from resolver.controlplane.api.field_notes import ENUMS, FIELD_NOTES, TYPE_NOTES
from resolver.controlplane.api_types import api_types


def test_notes_are_about_types_and_fields_there_are() -> None:
    assert set(TYPE_NOTES) <= set(api_types())
    for type, field in FIELD_NOTES:
        assert field in {each.name for each in api_types()[type].fields}


@pytest.mark.parametrize("name", sorted(ENUMS))
def test_values_are_of_types_there_are_and_sorted(name: str) -> None:
    types = {field.type.removeprefix("*").removeprefix("[]") for each in api_types().values() for field in each.fields}
    assert f"string {name}" in types
    assert list(ENUMS[name]) == sorted(set(ENUMS[name]))
