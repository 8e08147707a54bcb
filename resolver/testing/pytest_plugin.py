"""The pytest plugin: fixtures `dns_server` and `dns_server_factory`, marker `dns_manifest`, a section in reports.

Imports nothing that pytest has not imported: a run without a DNS server pays next to nothing for it.
"""

import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from types import ModuleType

    from resolver.testing.dns_server import DnsServer

SECTION: Final = "dualdns: questions and answers"
_MARKER: Final = "dns_manifest"
_BEFORE: Final = pytest.StashKey[object]()


class _AsWritten:
    """Finds this distribution's modules before pytest does.

    pytest rewrites the assertions of all modules of a distribution that brings a plugin, and would compile more than
    two hundred modules anew in the first run, or in every run where no bytecode is kept.
    """

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, target: object = None) -> ModuleSpec | None:
        return PathFinder.find_spec(name, path) if name.startswith("resolver.") else None


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    sys.meta_path.insert(0, _AsWritten)

    def remove() -> None:
        if _AsWritten in sys.meta_path:
            sys.meta_path.remove(_AsWritten)

    early_config.add_cleanup(remove)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(*manifests, **options): what the dns_server of the test has in its cluster: files (looked for "
        "beside the test's file, then in pytest's root folder), text, objects; options are those of "
        "resolver.testing.running",
    )


@pytest.fixture
def dns_server(request: pytest.FixtureRequest) -> "Iterator[DnsServer]":
    """A DNS server of the test's own, with the manifests of its `dns_manifest` markers."""
    from resolver.testing.fixtures import served, server_of

    with served(server_of(request, _MARKER)) as server:
        yield server


@pytest.fixture(scope="session")
def dns_server_factory(request: pytest.FixtureRequest) -> "Iterator[Callable[..., DnsServer]]":
    """Makes DNS servers that last until the end of the session; arguments are those of `resolver.testing.running`.

    Files are looked for in pytest's root folder.
    """
    from resolver.testing.fixtures import factory

    with factory([request.config.rootpath]) as make:
        yield make


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    reports = _reports()
    if reports is not None:
        item.stash[_BEFORE] = reports.so_far()


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    reports = _reports()
    if reports is not None and report.failed:
        text = reports.failure_report(item.stash.get(_BEFORE, {}), silent=report.when == "call")
        if text:
            report.sections.append((SECTION, text))
    return report


def _reports() -> "ModuleType | None":
    """What makes the section; None where this process has no server."""
    if "resolver.testing.dns_server" not in sys.modules:
        return None
    from resolver.testing import failure_report

    return failure_report
