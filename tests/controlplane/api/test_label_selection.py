import pytest

from resolver.controlplane.api.label_selection import label_matcher, parse_label_selector
from resolver.controlplane.status_error import StatusError

LABELS = {"app": "web", "tier": "", "n": "5"}


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        ("app=web", True),
        ("app==web", True),
        ("app!=web", False),
        ("other!=web", True),
        ("app", True),
        ("other", False),
        ("!other", True),
        ("! app", False),
        ("tier=", True),
        ("tier=,app", True),
        ("app in (web, db)", True),
        ("app in ()", False),
        ("tier in (a,)", True),
        ("app notin (web)", False),
        ("other notin (web)", True),
        ("n>4,n<6", True),
        ("n>5", False),
        ("app>1", False),
        ("app=web,other", False),
        (" app  in(web) ,tier", True),
    ],
)
def test_labels_are_selected(selector: str, matches: bool) -> None:
    found = label_matcher(selector)
    assert found is not None
    assert found(LABELS) is matches


def test_an_empty_selector_selects_everything() -> None:
    assert label_matcher("") is None
    assert label_matcher(" ") is None


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("=x", "found '=', expected: !, identifier, or 'end of string'"),
        (",a", "found ',', expected: !, identifier, or 'end of string'"),
        ("a,", "found '', expected: identifier after ','"),
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a=b c", "found 'c', expected: ',' or 'end of string'"),
        ("a in b", "unable to parse requirement: found 'b' expected: '('"),
        ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("a in (=)", "unable to parse requirement: found '=', expected: ',', ')' or identifier"),
        ("!", "unable to parse requirement: found '', expected: identifier"),
        (
            "a>b",
            "unable to parse requirement: values[0]: Invalid value: \"b\": for 'Gt', 'Lt' operators, "
            "the value must be an integer",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_in_the_words_of_the_api(selector: str, message: str) -> None:
    with pytest.raises(StatusError) as refused:
        parse_label_selector(selector)
    assert (refused.value.code, refused.value.message) == (400, message)


@pytest.mark.parametrize(
    ("selector", "begins"),
    [
        ("-a", 'unable to parse requirement: <nil>: Invalid value: "-a": name part must consist of'),
        ("a=-b", 'unable to parse requirement: values[0][a]: Invalid value: "-b": a valid label must be'),
        ("a in (-b,-c)", 'unable to parse requirement: [values[0][a]: Invalid value: "-b": a valid label must be'),
    ],
)
def test_keys_and_values_must_be_those_of_labels(selector: str, begins: str) -> None:
    with pytest.raises(StatusError) as refused:
        parse_label_selector(selector)
    assert refused.value.message.startswith(begins)
