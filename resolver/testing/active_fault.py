"""A fault of a test's server while it lasts."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from resolver.faults.fault import Fault


class ActiveFault:
    """At work from when it was made until `remove`, or until the end of its ``with`` or ``async with`` block."""

    def __init__(self, fault: Fault, remove: Callable[[Fault], bool]) -> None:
        self.fault = fault
        self._remove = remove

    @property
    def id(self) -> int:
        return self.fault.id

    @property
    def count(self) -> int:
        """How often it has fired."""
        return self.fault.count

    def remove(self) -> bool:
        """Ends it; False where it had ended."""
        return self._remove(self.fault)

    def __repr__(self) -> str:
        return f"<fault {self.id}: {self.fault.describe()}; fired {self.count} times>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()
