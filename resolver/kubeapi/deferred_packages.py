"""Packages whose `__init__` imports far more than is needed of them: it runs when something asks for what it makes.

The root of the `kubernetes` package imports its whole synchronous client, and `kubernetes.aio` all of the other: 9 MiB
and a tenth of a second, of which the loaders of credentials use nothing.
"""

import sys
from importlib.util import find_spec, module_from_spec
from threading import RLock
from types import ModuleType
from typing import Any, Final

_running: Final = RLock()


class _Deferred(ModuleType):
    """A package that has not run its `__init__`. Its modules can be imported; any other attribute makes it run."""

    def __getattr__(self, name: str) -> Any:
        spec = self.__spec__
        if name.startswith("__") or spec is None or spec.loader is None:
            raise AttributeError(name)
        with _running:
            if type(self) is _Deferred:
                self.__class__ = ModuleType  # type: ignore[assignment]
                spec.loader.exec_module(self)
        return getattr(self, name)


def defer(*names: str) -> None:
    """Puts off the `__init__` of these packages, outer ones first. What is imported, or not installed, stays as it is.

    Whoever imports them later sees no difference.
    """
    for name in names:
        if name in sys.modules:
            continue
        spec = find_spec(name)
        if spec is None:
            return
        package = module_from_spec(spec)
        package.__class__ = _Deferred
        sys.modules[name] = package
        outer, _, last = name.rpartition(".")
        if outer:
            setattr(sys.modules[outer], last, package)
