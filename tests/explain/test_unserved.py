"""A configuration set up without a server."""

import pytest

from resolver.corefile.tokens import BadConfig
from resolver.explain.unserved import Unserved, unserved
from resolver.server.configuration import Source
from tests.support.explained import corefile, over_objects
from tests.support.instances import SilentFeed
from tests.support.log_lines import LogLines


async def test_it_starts_and_ends_what_the_source_says() -> None:
    feeds: list[SilentFeed] = []

    def make_feed(request: object, inventory: object) -> SilentFeed:
        feeds.append(SilentFeed(request, inventory))  # type: ignore[arg-type]
        return feeds[-1]

    text = corefile("startup_timeout 0s")
    async with unserved(Source("Corefile", text), LogLines().log, make_feed) as found:
        assert feeds[0].running
        assert [block.host.zones for block in found.instance.blocks]
        assert not found.instance.blocks[0].host.listening
    assert not feeds[0].running


async def test_a_wrong_source_is_refused() -> None:
    with pytest.raises(BadConfig, match="unknown property 'nonsense'"):
        async with over_objects([], corefile("nonsense")):
            pytest.fail("it is wrong")


def test_there_is_nothing_before_that() -> None:
    with pytest.raises(RuntimeError, match="nothing has been set up"):
        _ = Unserved().instance
    nobody = Unserved()
    nobody.ask_for_reload(None)
    nobody.ask_for_end("never mind")
    nobody.flush_counts()
    assert (nobody.fingerprints(), tuple(nobody.metrics())) == (None, ())
