"""A DNS server of its own for each test: `running`, `DnsServer`, and the pytest plugin (docs/testing.md).

Names are imported when they are first used, so that a pytest run without a DNS server does not pay for one.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from resolver.testing.active_fault import ActiveFault as ActiveFault
    from resolver.testing.dns_server import DnsServer as DnsServer
    from resolver.testing.manifests import RefusedByApi as RefusedByApi
    from resolver.testing.pod_namespace import CannotIsolate as CannotIsolate
    from resolver.testing.pod_namespace import PodNamespace as PodNamespace
    from resolver.testing.questions import Questions as Questions
    from resolver.testing.starting import Running as Running
    from resolver.testing.starting import running as running

_HOMES: Final = {
    "ActiveFault": "active_fault",
    "CannotIsolate": "pod_namespace",
    "DnsServer": "dns_server",
    "PodNamespace": "pod_namespace",
    "Questions": "questions",
    "RefusedByApi": "manifests",
    "Running": "starting",
    "running": "starting",
}

__all__ = [
    "ActiveFault",
    "CannotIsolate",
    "DnsServer",
    "PodNamespace",
    "Questions",
    "RefusedByApi",
    "Running",
    "running",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; there are {', '.join(__all__)}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
