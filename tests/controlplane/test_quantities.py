import pytest

from resolver.controlplane.quantities import BadQuantity, canonical_quantity, is_whole, rounded_to_milli

# What a real kube-apiserver 1.37.2 answers.
AMOUNTS = [
    ("0", "0"),
    ("1024Mi", "1Gi"),
    ("1025Ki", "1025Ki"),
    ("1048576Ki", "1Gi"),
    ("1.5Gi", "1536Mi"),
    ("0.5Ei", "512Pi"),
    ("1.0Ki", "1Ki"),
    ("512", "512"),
    ("1000m", "1"),
    ("1500m", "1500m"),
    ("0.5", "500m"),
    ("1.500", "1.500"),
    ("1e3", "1e3"),
    ("1E3", "1E3"),
    ("1E-2", "10e-3"),
    ("12e6", "12e6"),
    ("1000k", "1M"),
    ("00012", "00012"),
    ("+5", "+5"),
    ("-5", "-5"),
    ("-0", "0"),
    ("1.", "1."),
    (".", "0"),
    ("+", "0"),
    ("m", "0"),
    ("Ki", "0"),
    (" 1 ", "1"),
    ("10Ei", "9223372036854775807"),
    ("123456789012345678901234567890", "123456789012345678901234567890"),
    ("0.1n", "1n"),
    ("0.1Ki", "102400m"),
    ("12345678901234567890.5", "12345678901234567890500m"),
    ("1e400", "10e399"),
    ("1e1000000000", "10e999999999"),
]
FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
SUFFIX = "unable to parse quantity's suffix"


@pytest.mark.parametrize(("text", "expected"), AMOUNTS)
def test_an_amount_is_answered_in_its_shortest_form_or_as_given(text: str, expected: str) -> None:
    assert canonical_quantity(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", FORMAT),
        ("1x", FORMAT),
        ("abc", FORMAT),
        ("1..2", FORMAT),
        ("1e3x", FORMAT),
        ("--1", SUFFIX),
        ("1e", SUFFIX),
        ("1e+", SUFFIX),
        ("1ee", SUFFIX),
        ("1Km", SUFFIX),
        ("1Kim", SUFFIX),
        ("1e" + "9" * 30, SUFFIX),
        ("9" * 100_000, "unable to parse numeric part of quantity"),
    ],
)
def test_text_that_is_no_amount_is_refused_in_the_words_of_the_api(text: str, words: str) -> None:
    with pytest.raises(BadQuantity) as refused:
        canonical_quantity(text)
    assert str(refused.value) == words


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1", "1"), ("1n", "1m"), ("1500u", "2m"), ("1.0000000001", "1001m"), ("3.14159", "3142m"), ("1.500", "1.500")],
)
def test_containers_and_nodes_count_in_thousandths(text: str, expected: str) -> None:
    assert rounded_to_milli(text) == expected


@pytest.mark.parametrize(("text", "whole"), [("1", True), ("1Ki", True), ("2000m", True), ("500m", False)])
def test_bytes_are_whole_or_not(text: str, whole: bool) -> None:
    assert is_whole(text) == whole
