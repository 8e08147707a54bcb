import pytest

from resolver.corefile import settings
from resolver.corefile.directives import Directive, Option, split_uses
from resolver.corefile.tokens import BadConfig, Token, tokenize


def word(text: str) -> Token:
    return Token(text, "Corefile", 4)


def option(text: str) -> Option:
    name, *arguments = tokenize(text, "Corefile")
    return Option(name, tuple(arguments))


def uses_in(text: str) -> list[Directive]:
    tokens = tokenize(text, "Corefile")
    return split_uses(tokens[0].text, tokens[0], tokens)


# -- counts -----------------------------------------------------------------------------------------------------------


def test_right_counts_pass() -> None:
    three = option("tls cert key ca")
    settings.no_arguments(option("zonal"))
    assert settings.exactly(three, 3) == three.arguments
    assert settings.at_least(three, 1) == three.arguments
    assert settings.between(three, 2, 3) == three.arguments


def test_wrong_counts_are_refused_at_the_last_word() -> None:
    for refused, last in [
        (lambda: settings.no_arguments(option("zonal a b")), "b"),
        (lambda: settings.exactly(option("tls cert key"), 3), "key"),
        (lambda: settings.at_least(option("endpoint"), 1), "endpoint"),
        (lambda: settings.between(option("kubeconfig"), 1, 2), "kubeconfig"),
        (lambda: settings.between(option("kubeconfig a b c"), 1, 2), "c"),
    ]:
        with pytest.raises(BadConfig) as refusal:
            refused()
        assert refusal.value.message == f"Wrong argument count or unexpected line ending after '{last}'"


def test_the_line_of_a_wrong_count_is_that_of_the_last_word() -> None:
    error = settings.wrong_count(option('log "a\nb" c'))
    assert str(error) == "Corefile:2 - Error during parsing: Wrong argument count or unexpected line ending after 'c'"


def test_directives_are_counted_as_options_are() -> None:
    assert settings.exactly(uses_in("cache 30 {\n}")[0], 1)[0].text == "30"


def test_a_block_can_be_refused() -> None:
    settings.no_block(uses_in("whoami")[0])
    with pytest.raises(BadConfig, match=r"^Corefile:1 .*: Unexpected token '\{', expecting argument$"):
        settings.no_block(uses_in("whoami {\n}")[0])


def test_a_second_use_can_be_refused() -> None:
    settings.only_once(uses_in("cache 30 {\n success 5\n}"))
    for text, line in [("cache 30\ncache 20", 2), ("cache {\n x {\n y\n }\n}", 5), ("cache {\n} 30", 2)]:
        with pytest.raises(
            BadConfig, match=rf"^Corefile:{line} .*: this plugin can only be used once per Server Block$"
        ):
            settings.only_once(uses_in(text))


def test_an_unknown_option_is_named() -> None:
    assert str(settings.unknown_option(option("upstream x"))) == (
        "Corefile:1 - Error during parsing: unknown property 'upstream'"
    )


def test_an_unknown_option_may_be_refused_with_what_there_is() -> None:
    near = settings.unknown_option(option("pod x"), {"pods", "ttl"})
    far = settings.unknown_option(option("upstream x"), {"pods", "ttl"})
    assert near.message == "unknown property 'pod' (known: pods, ttl); did you mean 'pods'?"
    assert far.message == "unknown property 'upstream' (known: pods, ttl)"


# -- values -----------------------------------------------------------------------------------------------------------

RANGE = "ttl must be in range [0, 3600]: {}"


def test_an_integer_in_its_range_is_read() -> None:
    assert [settings.integer(word(text), 0, 3600, RANGE) for text in ("0", "+5", "3600")] == [0, 5, 3600]
    assert settings.integer(word("99999"), 0, None, RANGE) == 99999


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("-1", "ttl must be in range [0, 3600]: -1"),
        ("3601", "ttl must be in range [0, 3600]: 3601"),
        ("x", 'strconv.Atoi: parsing "x": invalid syntax'),
        ("1.5", 'strconv.Atoi: parsing "1.5": invalid syntax'),
    ],
)
def test_another_integer_is_refused(text: str, message: str) -> None:
    with pytest.raises(BadConfig) as refusal:
        settings.integer(word(text), 0, 3600, RANGE)
    assert str(refusal.value) == f"Corefile:4 - Error during parsing: {message}"


def test_a_text_of_the_plugin_goes_before_gos() -> None:
    with pytest.raises(BadConfig) as refusal:
        settings.decimal(word("x"), 0, "apiserver_qps must be >= 0", invalid='invalid apiserver_qps "x": ')
    assert refusal.value.message == 'invalid apiserver_qps "x": strconv.ParseFloat: parsing "x": invalid syntax'


def test_decimals_have_a_lowest_value() -> None:
    assert settings.decimal(word("2.5"), 0, "apiserver_qps must be >= 0") == 2.5
    with pytest.raises(BadConfig, match="apiserver_qps must be >= 0"):
        settings.decimal(word("-0.1"), 0, "apiserver_qps must be >= 0")


def test_durations_are_seconds() -> None:
    assert settings.duration(word("1m30s")) == 90.0
    with pytest.raises(BadConfig, match=r'^Corefile:4 .*: time: missing unit in duration "5"$'):
        settings.duration(word("5"))


def test_truth_values_are_gos() -> None:
    assert settings.boolean(word("true")) is True
    assert settings.boolean(word("0")) is False
    with pytest.raises(BadConfig, match=r'strconv\.ParseBool: parsing "on": invalid syntax'):
        settings.boolean(word("on"))


def test_a_choice_is_one_of_few_words() -> None:
    assert settings.choice(word("insecure"), {"insecure", "verified"}, "wrong value for pods: {}") == "insecure"
    with pytest.raises(BadConfig, match="wrong value for pods: some"):
        settings.choice(word("some"), {"insecure", "verified"}, "wrong value for pods: {}")


# -- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (":8080", ("", 8080)),
        ("localhost:9153", ("localhost", 9153)),
        ("127.0.0.1:53", ("127.0.0.1", 53)),
        ("[::1]:53", ("::1", 53)),
        ("[::]:0", ("::", 0)),
        ("localhost:", ("localhost", 0)),
    ],
)
def test_an_address_to_listen_on_is_read(text: str, address: tuple[str, int]) -> None:
    assert settings.listen_address(word(text)) == address


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("8080", "address 8080: missing port in address"),
        ("::1", "address ::1: too many colons in address"),
        (":99999", "address 99999: invalid port"),
    ],
)
def test_a_bad_address_to_listen_on_is_refused(text: str, message: str) -> None:
    with pytest.raises(BadConfig) as refusal:
        settings.listen_address(word(text))
    assert str(refusal.value) == f"Corefile:4 - Error during parsing: {message}"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("1.1.1.1", ("1.1.1.1", 53)),
        ("1.1.1.1:5353", ("1.1.1.1", 5353)),
        ("1.1.1.1:", ("1.1.1.1", 53)),
        ("::1", ("::1", 53)),
        ("[::1]:5353", ("::1", 5353)),
        ("fe80::1%eth0", ("fe80::1%eth0", 53)),
        ("[fe80::1%eth0]:54", ("fe80::1%eth0", 54)),
    ],
)
def test_an_upstream_address_is_read(text: str, address: tuple[str, int]) -> None:
    assert settings.upstream_address(word(text)) == address


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("example.org", "must specify an IP address: `example.org'"),
        ("example.org:53", "must specify an IP address: `example.org'"),
        ("[::1]", "must specify an IP address: `[::1]'"),
        (":53", "must specify an IP address: `'"),
        ("1.1.1.1:dns", "address dns: invalid port"),
    ],
)
def test_a_bad_upstream_address_is_refused(text: str, message: str) -> None:
    with pytest.raises(BadConfig) as refusal:
        settings.upstream_address(word(text))
    assert refusal.value.message == message


def test_an_upstream_address_may_be_part_of_a_word() -> None:
    assert settings.upstream_address(word("tls://9.9.9.9"), 853, text="9.9.9.9") == ("9.9.9.9", 853)
