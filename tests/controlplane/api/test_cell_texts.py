from datetime import UTC, datetime

from resolver.controlplane.api.cell_texts import born, name, shown_labels, shown_selector

NOW = datetime(2026, 1, 1, 0, 1, tzinfo=UTC)


def test_names_and_ages_are_in_the_metadata() -> None:
    value = {"metadata": {"name": "x", "creationTimestamp": "2026-01-01T00:00:00Z"}}
    assert (name(value), born(value, NOW)) == ("x", "60s")
    assert (name({}), born({}, NOW)) == ("", "<unknown>")


def test_labels_and_selectors_are_shown_by_key() -> None:
    expressions = [
        {"key": "z", "operator": "In", "values": ["b", "a"]},
        {"key": "b", "operator": "NotIn", "values": ["x"]},
        {"key": "c", "operator": "Exists"},
        {"key": "a", "operator": "DoesNotExist"},
    ]
    assert shown_labels({}) == "<none>"
    assert shown_selector({"matchLabels": {"d": "1"}, "matchExpressions": expressions}) == (
        "!a,b notin (x),c,d=1,z in (a,b)"
    )
    assert shown_selector(None) == shown_selector({}) == ""
