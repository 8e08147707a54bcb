"""Opens the way into a cluster.

A plain `endpoint` needs nothing more. A kubeconfig and a service account go through the loaders of the `kubernetes`
package (`resolver.kubeapi.loaded`), which cost 11 MiB and are imported only then.
"""

import asyncio
import os
from collections.abc import Callable
from importlib import import_module

from resolver.kubeapi.credentials import ApiAccess, ApiTarget, EndpointAccess
from resolver.kubeapi.deferred_packages import defer


async def open_access(target: ApiTarget, now: Callable[[], float]) -> ApiAccess:
    """The way into the cluster. `now`: seconds of a monotonic clock. Raises BadCredentials."""
    if target.endpoint and not target.kubeconfig:
        return EndpointAccess(target)
    await asyncio.to_thread(import_loaders)  # a fifth of a second, off the event loop
    from resolver.kubeapi import loaded

    if target.kubeconfig:
        return await loaded.kubeconfig_access(target, now)
    return loaded.service_account_access(os.environ, now)


def import_loaders() -> None:
    """Imports `resolver.kubeapi.loaded`, and of the `kubernetes` package no more than that needs."""
    defer("kubernetes", "kubernetes.aio")
    import_module("resolver.kubeapi.loaded")
