import pytest

from resolver.kubeapi.versions import RecentVersions, number


@pytest.mark.parametrize(
    ("version", "value"), [("42", 42), ("0", 0), ("", None), ("a1", None), ("-1", None), ("²", None), ("1.5", None)]
)
def test_a_version_is_a_number_or_nothing(version: str, value: int | None) -> None:
    assert number(version) == value


def test_at_least_the_last_versions_are_remembered_and_never_twice_as_many() -> None:
    recent = RecentVersions(10)
    for version in range(100):
        recent.add(str(version))
    assert all(str(version) in recent for version in range(90, 100))
    assert sum(str(version) in recent for version in range(100)) <= 20
