"""What a bad fault is told."""

from resolver.faults.bad_fault import BadFault, unknown


def test_an_unknown_word_is_told_what_there_is_and_what_comes_near() -> None:
    error = unknown("colour", "GREAN", ("red", "Green"))
    assert isinstance(error, BadFault)
    assert str(error) == error.message == "there is no colour 'GREAN'; there are red, Green; did you mean Green?"
    assert error.word == "GREAN"


def test_what_resembles_nothing_gets_no_guess() -> None:
    assert str(unknown("colour", "x", ("red",))) == "there is no colour 'x'; there are red"
