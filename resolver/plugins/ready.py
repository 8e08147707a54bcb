"""ready: a page that says whether the plugins are ready to answer (CoreDNS plugin/ready)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from resolver.corefile.directives import Directive
from resolver.corefile.go_syntax import quote
from resolver.corefile.settings import between, choice, exactly, listen_address, only_once, unknown_option
from resolver.plugins.plugin import Host, Readiness

NAME: Final = "ready"

_DEFAULT_ADDRESS: Final = ":8181"
_TEXT: Final = "text/plain; charset=utf-8"


@dataclass(slots=True)
class Watched:
    """The plugins that all blocks with `ready` wait for. Once ready, one is not asked again, unless `continuously`."""

    pages: set[str] = field(default_factory=set)
    plugins: list[Readiness] = field(default_factory=list)
    continuously: bool = False
    stopping: bool = False

    def unready(self) -> list[str]:
        """The names of those that are not ready, sorted."""
        waiting = [plugin for plugin in self.plugins if not plugin.ready()]
        if not self.continuously:
            self.plugins = waiting
        return sorted({plugin.name for plugin in waiting})


def setup(uses: Sequence[Directive], host: Host) -> None:
    """Raises BadConfig."""
    use = uses[0]
    arguments = between(use, 0, 1)
    listen = _DEFAULT_ADDRESS
    if arguments:
        listen_address(arguments[0])
        listen = arguments[0].text
    continuously = False
    for option in use.options:
        if option.name.text != "monitor":
            raise unknown_option(option, ("monitor",))
        word = exactly(option, 1)[0]
        kinds = ("until-ready", "continuously")
        continuously = choice(word, kinds, "monitor type '{}' not supported") == "continuously"
    only_once(uses)
    watched = host.shared("ready", Watched)
    watched.continuously = continuously  # for all blocks that of the last one counts, as in CoreDNS

    async def start() -> None:
        watched.plugins += [plugin for plugin in host.neighbours() if _reports(plugin)]  # type: ignore[misc]

    async def shut_down() -> None:
        watched.stopping = True

    def page() -> tuple[int, str, bytes]:
        if watched.stopping:
            return 503, _TEXT, b"Shutting down"
        names = ",".join(watched.unready())
        if not names:
            return 200, _TEXT, b"OK"
        host.log("INFO", f"plugin/ready: Plugins not ready: {quote(names)}")
        return 503, _TEXT, names.encode()

    host.on_start(start)
    host.on_shutdown(shut_down)
    if listen not in watched.pages:
        watched.pages.add(listen)
        host.add_status(listen, "/ready", page)


def _reports(plugin: object) -> bool:
    return callable(getattr(plugin, "ready", None))
