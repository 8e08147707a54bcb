from datetime import UTC, datetime
from typing import Any

import pytest

from resolver.controlplane.api.table_cells import CELLS
from resolver.controlplane.api.tables import columns, row, table
from resolver.controlplane.resources import RESOURCES

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("kind", sorted(CELLS))
def test_each_kind_has_a_cell_for_each_column(kind: str) -> None:
    cells = CELLS[kind]({"kind": kind, "metadata": {"name": "x"}}, NOW)
    assert len(cells) == len(columns(kind)) + (kind == "IPAddress")  # whose age has no column, as in the real server


def test_each_kind_that_is_served_has_columns() -> None:
    assert {each.kind for each in RESOURCES} <= set(CELLS)


def test_a_column_says_how_it_is_shown() -> None:
    name, kind, *_, selector = columns("Service")
    assert name == {
        "name": "Name",
        "type": "string",
        "format": "name",
        "description": "Name must be unique within a namespace.",
        "priority": 0,
    }
    assert (kind["name"], kind["priority"]) == ("Type", 0)
    assert (selector["name"], selector["priority"]) == ("Selector", 1)
    assert [each["type"] for each in columns("ReplicaSet")[1:4]] == ["integer"] * 3


@pytest.mark.parametrize(("phase", "finished"), [("Succeeded", True), ("Failed", True), ("Running", False)])
def test_the_row_of_a_finished_pod_says_so(phase: str, finished: bool) -> None:
    found = row({"kind": "Pod", "metadata": {"name": "x"}, "status": {"phase": phase}}, None, NOW)
    assert ("conditions" in found) is finished
    assert list(found)[-1] == "object"


def test_a_table_has_its_rows_in_order() -> None:
    rows: list[Any] = [{"cells": ["a"]}, {"cells": ["b"]}]
    found = table({"resourceVersion": "5"}, None, iter(rows), "v1beta1")
    assert found == {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1beta1",
        "metadata": {"resourceVersion": "5"},
        "columnDefinitions": None,
        "rows": rows,
    }
