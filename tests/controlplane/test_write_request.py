"""What comes with a request to write, when nothing is said."""

import dataclasses

import pytest

from resolver.controlplane.object_store import ObjectStore
from resolver.controlplane.resources import CONFIG_MAPS
from resolver.controlplane.write_request import DeleteOptions, Outcome, Write, WriteOptions
from tests.support.embedded_cluster import NOW


def test_a_write_is_for_good_and_warns_of_unknown_fields() -> None:
    options = WriteOptions()
    assert (options.dry_run, options.field_validation, options.manager, options.subresource) == (False, "Warn", "", "")


def test_a_delete_has_no_preconditions() -> None:
    assert set(dataclasses.astuple(DeleteOptions())) == {False, None}


@pytest.mark.parametrize("options", [WriteOptions(), DeleteOptions()])
def test_options_do_not_change(options: WriteOptions | DeleteOptions) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        options.dry_run = True  # type: ignore[misc]


def test_writes_share_nothing() -> None:
    first, second = Write(False, NOW), Write(False, NOW)
    first.warnings.append("x")
    first.release.append(lambda: None)
    assert (second.warnings, second.release) == ([], [])


def test_an_outcome_shows_the_object_after_the_write() -> None:
    metadata = {"name": "x", "namespace": "shop", "uid": "u", "creationTimestamp": NOW}
    stored = ObjectStore().create(CONFIG_MAPS, {"metadata": metadata})
    outcome = Outcome(stored)
    assert outcome.object["metadata"]["name"] == "x"
    assert (outcome.warnings, outcome.created, outcome.deleted) == ((), False, False)
