"""Texts with secrets in; texts without out."""

from __future__ import annotations

import pytest

from neverblock.config.secret import expand, redact


def test_variables_are_put_in_and_noted():
    """Each by its name, and what is escaped stays."""
    text, used = expand("${A}-${B}-$${A}-$A-${}", {"A": "one", "B": "two"})
    assert text == "one-two-${A}-$A-${}"
    assert used == {"one": "A", "two": "B"}


@pytest.mark.parametrize("environ", [{}, {"A": ""}])
def test_a_variable_without_a_value_is_an_error(environ):
    """It names the variable and what to type."""
    with pytest.raises(ValueError, match="A is not set: export A="):
        expand("${A}", environ)


def test_a_secret_is_hidden_in_every_form():
    """As it is, percent-encoded and within JSON; the longest first."""
    secret = 'a b/"c'  # noqa: S105 - of a test
    text = 'x=a b/"c y=a%20b%2F%22c z=a%20b/%22c w=a+b%2F%22c {"t": "a b/\\"c"} longer: a b/"cd'
    hidden = redact(text, {secret, f"{secret}d"})
    assert hidden == 'x=*** y=*** z=*** w=*** {"t": "***"} longer: ***'


def test_what_is_too_short_to_be_secret_stays():
    """To hide every 1 would hide the figures."""
    assert redact("10 of 100", {"1", "10", ""}) == "10 of 100"
