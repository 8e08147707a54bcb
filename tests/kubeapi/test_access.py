"""The way into a cluster imports no more than it needs."""

import subprocess
import sys

from resolver.kubeapi.access import open_access
from resolver.kubeapi.credentials import ApiTarget


async def test_a_plain_endpoint_carries_nothing() -> None:
    access = await open_access(ApiTarget("http://127.0.0.1:8080"), lambda: 0.0)
    assert (access.tls, access.proxy, dict(await access.headers())) == (None, None, {})
    await access.reload()


def test_a_plain_endpoint_does_not_import_the_kubernetes_package() -> None:
    script = (
        "import asyncio, sys; import resolver.kubeapi.watcher; from resolver.kubeapi.access import *;"
        "asyncio.run(open_access(ApiTarget('http://127.0.0.1:1'), lambda: 0.0));"
        "sys.exit(any(name.partition('.')[0] == 'kubernetes' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_the_loaders_of_credentials_leave_the_clients_out() -> None:
    script = """if True:
    import sys
    from resolver.kubeapi.access import import_loaders
    import_loaders()
    print([name for name in ("requests", "kubernetes.client", "kubernetes.aio.dynamic") if name in sys.modules])
    import kubernetes.aio
    print(kubernetes.aio.dynamic.DynamicClient.__name__, kubernetes.client.CoreV1Api.__name__)
    """
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout + done.stderr == "[]\nDynamicClient CoreV1Api\n"
