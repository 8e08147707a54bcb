"""The demo's manifests are in one place, and can be seen from config."""

from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_config_shows_the_manifests_of_the_package() -> None:
    packaged = {path.name: path for path in (ROOT / "resolver" / "demo").iterdir()}
    shown = {path.name: path.resolve() for path in (ROOT / "config" / "demo").iterdir()}
    assert packaged
    assert shown == packaged
