"""The clients there are here: how each is built, if it is, and run."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
PYTHON = {
    "dnspython": "dns",
    "urllib": "urllib",
    "aiohttp": "aiohttp",
    "aiohttp with aiodns": "aiodns",
    "httpx": "httpx",
}
"""The ways of lookup.py, and what each needs."""


@dataclass(frozen=True)
class Client:
    """`command` is run with the name behind it; it prints addresses, or the address that served it a page.

    `searches` False: it takes no notice of a search path and has to be told the whole name.
    """

    name: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    pages: bool = False
    searches: bool = True


def clients(folder: Path) -> Iterator[Client]:
    """Those that can be had on this machine; what has to be compiled is compiled into the folder. Tells of others."""
    if _there("cc", "glibc getaddrinfo"):
        yield Client("glibc getaddrinfo", _compiled(["cc", "-o"], folder / "glibc"))
    if _there("musl-gcc", "musl getaddrinfo"):
        yield Client("musl getaddrinfo", _compiled(["musl-gcc", "-static", "-o"], folder / "musl"))
    if _there("go", "Go"):
        built = str(folder / "golang")
        subprocess.run(["go", "build", "-o", built, str(HERE / "lookup.go")], check=True, env=_go_environment(folder))
        for way in ("go", "cgo"):
            words = {"go": "Go, its own resolver", "cgo": "Go, with cgo"}[way]
            yield Client(words, (built, "find"), {"GODEBUG": f"netdns={way}"})
        yield Client("Go, http.Get", (built, "get"), pages=True)
    if _there("node", "Node"):
        script = str(HERE / "lookup.js")
        yield Client("Node, dns.lookup", ("node", script, "find"))
        yield Client("Node, dns.resolve (c-ares)", ("node", script, "resolve"), searches=False)
        yield Client("Node, http.get", ("node", script, "get"), pages=True)
    if _there("javac", "Java"):
        subprocess.run(["javac", "-d", str(folder), str(HERE / "Lookup.java")], check=True)
        yield Client("Java, InetAddress", ("java", "-cp", str(folder), "Lookup", "find"))
        yield Client("Java, HttpURLConnection", ("java", "-cp", str(folder), "Lookup", "get"), pages=True)
    if _there("curl", "curl"):
        page = ("curl", "-s", "-S", "--max-time", "40", "-o", "/dev/null", "-w", "%{remote_ip}\n")
        yield Client("curl", page, pages=True)
    for name, module in PYTHON.items():
        if find_spec(module) is None:
            print(f"left out: {name}, for {module} is not installed", file=sys.stderr)
            continue
        command = (sys.executable, str(HERE / "lookup.py"), name)
        yield Client(f"Python, {name}", command, pages=name != "dnspython")


def _there(program: str, client: str) -> bool:
    found = shutil.which(program) is not None
    if not found:
        print(f"left out: {client}, for there is no {program}", file=sys.stderr)
    return found


def _compiled(compiler: Sequence[str], target: Path) -> tuple[str, ...]:
    subprocess.run([*compiler, str(target), str(HERE / "getaddrinfo.c")], check=True)
    return (str(target),)


def _go_environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "CGO_ENABLED": "1", "GOCACHE": str(folder / "go-cache"), "GOFLAGS": "-mod=mod"}
