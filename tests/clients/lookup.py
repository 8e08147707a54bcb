"""A page at a name, through aiohttp, httpx or Python's own urllib; or its addresses through dnspython."""

import asyncio
import sys
import urllib.request
from collections.abc import Callable
from typing import Any

HEADER = "Server-Address"
PATIENCE = 30  # seconds


def with_aiohttp(name: str) -> str:
    from aiohttp import ThreadedResolver

    return _through_aiohttp(name, ThreadedResolver)


def with_aiodns(name: str) -> str:
    from aiohttp import AsyncResolver

    return _through_aiohttp(name, AsyncResolver)


def _through_aiohttp(name: str, resolver: Callable[[], Any]) -> str:
    import aiohttp

    async def get() -> str:
        connector = aiohttp.TCPConnector(resolver=resolver())
        async with aiohttp.ClientSession(connector=connector) as session, session.get(f"http://{name}/") as answer:
            return answer.headers[HEADER]

    return asyncio.run(get())


def with_httpx(name: str) -> str:
    import httpx

    return str(httpx.get(f"http://{name}/", timeout=PATIENCE, trust_env=False).headers[HEADER])


def with_urllib(name: str) -> str:
    with urllib.request.urlopen(f"http://{name}/", timeout=PATIENCE) as answer:
        return str(answer.headers[HEADER])


def with_dnspython(name: str) -> str:
    import dns.resolver

    found = dns.resolver.resolve_name(name, search=True)
    return "\n".join(found.addresses())


WAYS: dict[str, Callable[[str], str]] = {
    "aiohttp": with_aiohttp,
    "aiohttp with aiodns": with_aiodns,
    "httpx": with_httpx,
    "urllib": with_urllib,
    "dnspython": with_dnspython,
}

if __name__ == "__main__":
    try:
        print(WAYS[sys.argv[1]](sys.argv[2]))
    except Exception as error:  # noqa: BLE001 - whatever the client says
        sys.exit(f"{type(error).__name__}: {error}")
