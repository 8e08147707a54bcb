"""``dualdns explain``: why a question is answered as it is."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from resolver.cli import admin_asking, cluster_options, explain_options
from resolver.cli.event_loop import run_fastest
from resolver.cli.explain_options import CLUSTER_DOMAIN

if TYPE_CHECKING:
    from resolver.admin.client import AdminClient
    from resolver.explain import Explanation
    from resolver.server.configuration import Source
    from resolver.server.log import Log

RESOLVES, DOES_NOT, BAD = 0, 1, 2
"""Exit statuses."""


def run(arguments: Sequence[str]) -> int:
    """Prints the explanation. Returns 0 where the name resolves, 1 where it does not, 2 where it cannot be asked."""
    options = explain_options.parse(arguments)
    if options.running is not None:
        return admin_asking.asked(lambda: _of_server(options, options.running))
    return run_fastest(_explain(options))


def _of_server(options: argparse.Namespace, client: "AdminClient") -> int:
    """Shows what a running server explains. Raises AdminRefused, AdminUnreachable."""
    from resolver.admin.client import AdminRefused
    from resolver.explain.json_form import explanation_from_json

    question = {"name": options.name, "type": options.type or "A", **_asking(options)}
    try:
        found = client.get("/v1/explain", question)
    except AdminRefused as error:
        if error.status != HTTPStatus.BAD_REQUEST:
            raise
        print(f"dualdns explain: {error}", file=sys.stderr)
        return BAD
    return _show(explanation_from_json(found), options)


async def _explain(options: argparse.Namespace) -> int:
    from resolver.corefile.tokens import BadConfig
    from resolver.explain.asking import BadQuestion, type_of

    try:
        if options.type:
            type_of(options.type)
        explanation = await _here(options)
    except (BadQuestion, BadConfig, OSError) as error:
        print(f"dualdns explain: {error}", file=sys.stderr)
        return BAD
    return _show(explanation, options)


def _show(explanation: "Explanation", options: argparse.Namespace) -> int:
    if options.output == "json":
        print(json.dumps(explanation.as_json(), indent=2))
    else:
        color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        print(explanation.text(color=color))
    return RESOLVES if explanation.resolves else DOES_NOT


async def _here(options: argparse.Namespace) -> "Explanation":
    """Explains without a server: what would answer is set up, and ended again. Raises BadConfig, BadQuestion."""
    from resolver.explain.explaining import explain_question
    from resolver.explain.unserved import unserved
    from resolver.server.feeds import Feeds

    log = _problems()
    embedded = None if options.kubeconfig else cluster_options.embedded(options, log)
    try:
        if embedded is not None:
            await embedded.start()
        feeds = Feeds(embedded, options.kubeconfig, options.context, log)
        async with unserved(_source(options), log, feeds.make) as server:
            return await explain_question(server, options.name, options.type or "A", **_asking(options))
    finally:
        if embedded is not None:
            await embedded.stop()


def _asking(options: argparse.Namespace) -> dict[str, Any]:
    return {
        "protocol": "tcp" if options.tcp else "udp",
        "bufsize": options.bufsize,
        "client": options.client,
        "namespace": options.namespace,
    }


def _problems() -> "Log":
    """A log of what is wrong, apart from the explanation."""
    from resolver.server.log import Log

    class Problems(Log):
        def line(self, level: str, *rest: Any, **more: Any) -> None:
            if level not in ("INFO", "DEBUG"):
                super().line(level, *rest, **more)

        def print(self, text: str) -> None:
            """No query log."""

    return Problems(quiet=True, stream=sys.stderr)


def _source(options: argparse.Namespace) -> "Source":
    """The Corefile that is named, or what `serve` would have."""
    from resolver.server.configuration import Source

    if options.conf:
        return Source(options.conf)
    zones = f"{options.domain or CLUSTER_DOMAIN} in-addr.arpa ip6.arpa"
    text = f"{zones} {{\nerrors\nloadbalance\nkubernetes {zones} {{\npods insecure\n}}\n}}\n"
    return Source("the command line", text, by_options=True)
