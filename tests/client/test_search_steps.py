"""Numbers in the options of a resolv.conf."""

import pytest

from resolver.client.search_steps import option_number


@pytest.mark.parametrize(
    ("options", "number"),
    [
        ([], 7),
        (["ndots:3"], 3),
        (["ndots:3", "ndots:4"], 4),
        (["ndots:99"], 15),
        (["ndots:2x"], 2),
        (["ndots:"], 0),
        (["ndots:x"], 0),
        (["ndots"], 0),
        (["timeout:3"], 7),
    ],
)
def test_the_last_option_of_a_name_counts_within_its_bound(options: list[str], number: int) -> None:
    assert option_number(options, "ndots", 7, 15) == number
