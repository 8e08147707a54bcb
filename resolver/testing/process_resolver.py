"""Points the resolving of this process at a test's server, and puts everything back.

Replaced while any redirection is active: what Python code looks names up with in `socket`, connecting and sending to a
name with a socket, uvloop's own lookups, dnspython's reading of /etc/resolv.conf, and the servers of pycares channels.
It holds for the whole process, all its threads; of several redirections the latest answers. What has taken
`getaddrinfo` out of `socket` by name before, and libraries in C that look names up by themselves, are not reached.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager

from resolver.testing.host_lookups import HostLookups
from resolver.testing.library_redirects import library_targets
from resolver.testing.redirection import Target, redirected
from resolver.testing.socket_functions import socket_targets


def process_resolver(lookups: HostLookups) -> AbstractContextManager[None]:
    """Until the block ends, however it ends, names of this process are looked up there."""
    return redirected(lookups, _targets)


def _targets() -> Iterator[Target]:
    yield from library_targets()
    yield from socket_targets()
