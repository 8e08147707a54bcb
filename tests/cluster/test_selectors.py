import pytest

from resolver.cluster.selectors import BadSelector, parse_selector

LABELS = {"app": "web", "tier": "front", "old": "", "size": "10", "example.com/team": "a"}

MATCHES = [
    ("", True),
    ("app=web", True),
    ("app==web", True),
    ("app = web", True),
    ("app=api", False),
    ("none=web", False),
    ("app!=web", False),
    ("app!=api", True),
    ("none!=web", True),
    ("app", True),
    ("none", False),
    ("!none", True),
    ("! none", True),
    ("!app", False),
    ("old=", True),
    ("app=", False),
    ("app in (web, api)", True),
    ("app in (api)", False),
    ("none in (web)", False),
    ("app notin (api,db)", True),
    ("app notin (web)", False),
    ("none notin (web)", True),
    ("old in (,x)", True),
    ("size>9", True),
    ("size > 10", False),
    ("size<11", True),
    ("app>1", False),
    ("none>1", False),
    ("example.com/team=a", True),
    ("app=web,tier=front", True),
    ("app=web,tier in (back,front),!none", True),
    ("app=web,tier=back", False),
]


@pytest.mark.parametrize(("text", "matches"), MATCHES)
def test_a_selector_means_what_it_means_to_kubernetes(text: str, matches: bool) -> None:
    assert all(requirement.matches(LABELS) for requirement in parse_selector(text)) is matches


@pytest.mark.parametrize(
    "text",
    [
        "=web",
        "app=web=x",
        "app in web",
        "app in (web",
        "in (web)",
        "a b",
        "app=we b",
        "-app",
        "app=-x",
        "app>x",
        "!",
        ",a",
        "a,",
        "a=b , ",
    ],
)
def test_what_is_no_selector_is_refused_and_quoted(text: str) -> None:
    with pytest.raises(BadSelector, match="cannot read"):
        parse_selector(text)
