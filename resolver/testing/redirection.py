"""Which lookups answer for this process, and the attributes that are replaced meanwhile."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from resolver.testing.host_lookups import HostLookups

_lock: Final = threading.Lock()
_active: Final[list[HostLookups]] = []
_replaced: Final[list["_Replaced"]] = []
_MISSING: Final = object()


class Target(NamedTuple):
    """An attribute to replace; `make` is given what is there, to call where nothing is redirected.

    In the end the old one is put back unless somebody has put something else there; with `always`, then too.
    """

    owner: Any
    name: str
    make: Callable[[Any], Any]
    always: bool = False


class _Replaced(NamedTuple):
    """`before` is _MISSING where the owner had no such attribute of its own."""

    owner: Any
    name: str
    before: Any
    now: Any
    always: bool

    def undo(self) -> None:
        if not self.always and vars(self.owner).get(self.name, _MISSING) is not self.now:
            return
        if self.before is _MISSING:
            delattr(self.owner, self.name)
        else:
            setattr(self.owner, self.name, self.before)


def current() -> HostLookups | None:
    """What answers now: the latest of those that are active."""
    active = _active[-1:]
    return active[0] if active else None


def current_for(host: object) -> tuple[HostLookups, str] | None:
    """What looks this host up, and the host as text; None where it is left to the system."""
    lookups = current()
    if lookups is None or not isinstance(host, str | bytes | bytearray) or not host:
        return None
    text = host if isinstance(host, str) else bytes(host).decode("ascii", "surrogateescape")
    return (lookups, text) if lookups.concerns(text) else None


@contextmanager
def redirected(lookups: HostLookups, targets: Callable[[], Iterable[Target]]) -> Iterator[None]:
    """Until the block ends, however it ends, this answers. The targets are replaced while there is any."""
    with _lock:
        if not _active:
            _replace(targets())
        _active.append(lookups)
    try:
        yield
    finally:
        with _lock:
            _active.remove(lookups)
            if not _active:
                _put_back()


def _replace(targets: Iterable[Target]) -> None:
    try:
        for owner, name, make, always in targets:
            now = make(getattr(owner, name))
            _replaced.append(_Replaced(owner, name, vars(owner).get(name, _MISSING), now, always))
            setattr(owner, name, now)
    except BaseException:
        _put_back()
        raise


def _put_back() -> None:
    while _replaced:
        _replaced.pop().undo()
