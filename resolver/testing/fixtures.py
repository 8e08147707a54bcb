"""What the pytest fixtures do; apart from them, so that the plugin itself is light."""

import difflib
import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from resolver.corefile.tokens import BadConfig
from resolver.testing.dns_server import DnsServer
from resolver.testing.manifests import RefusedByApi
from resolver.testing.starting import Running, running
from resolver.transports.listening import CannotListen

_OPTIONS: Final = [
    each.name for each in inspect.signature(running).parameters.values() if each.kind is each.KEYWORD_ONLY
]


class BadMarker(ValueError):
    """A dns_manifest marker that cannot be understood; the message says why."""


def server_of(request: pytest.FixtureRequest, marker: str) -> Running:
    """The server that the test's markers ask for, or a failed test with the reason and no more."""
    folders = [request.path.parent, request.config.rootpath]
    try:
        return marked(request.node.iter_markers(marker), folders)
    except BadMarker as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None
    except BadConfig as error:
        raise pytest.fail.Exception(f"dns_server: {error}", pytrace=False) from None


def marked(markers: Iterable[pytest.Mark], folders: Sequence[Path]) -> Running:
    """The server that a test's markers ask for: their manifests, those of outer scopes first. Raises BadMarker.

    `markers`: nearest first; of options the nearest counts.
    """
    manifests: list[Any] = []
    options: dict[str, Any] = {"folders": folders}
    for marker in reversed(list(markers)):
        if not marker.args and not marker.kwargs:
            raise BadMarker('dns_manifest names no manifest: write @pytest.mark.dns_manifest("web.yaml")')
        for name in marker.kwargs:
            if name not in _OPTIONS:
                raise BadMarker(_unknown(name))
        manifests += marker.args
        options |= marker.kwargs
    return running(*manifests, **options)


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, _OPTIONS, n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    return f"dns_manifest has no option {name!r}{hint}: there are {', '.join(_OPTIONS)}; manifests come without a name"


@contextmanager
def served(wanted: Running) -> Iterator[DnsServer]:
    """The server, or a failed test with the reason and no more."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(wanted)
        except (RefusedByApi, BadConfig, CannotListen, TypeError) as error:
            raise pytest.fail.Exception(f"dns_server: {error}", pytrace=False) from None
        yield server


@contextmanager
def factory(folders: Sequence[Path]) -> Iterator[Callable[..., DnsServer]]:
    """Makes servers that end when this does."""
    with ExitStack() as stack:

        def make(*manifests: Any, **options: Any) -> DnsServer:
            """The arguments are those of `resolver.testing.running`."""
            __tracebackhide__ = True
            return stack.enter_context(running(*manifests, **{"folders": folders, **options}))

        yield make
