"""Which hosts may be measured."""

from __future__ import annotations

import asyncio

import pytest

from neverblock.errors import TargetError, UsageError
from neverblock.target.remote import RemoteServer, is_loopback, is_url, permitted


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8000", "http://localhost", "http://127.9.9.9:1/api", "http://[::1]:8000"],
)
def test_this_machine_may_be_asked(url):
    """Every way to write a loopback address is accepted."""
    assert permitted(url, ()) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org",
        "https://10.0.0.1",
        "http://127.0.0.1.example.org",
        "http://localhost.example.org",
        "http://127.0.0.1@example.org",
        "http://0.0.0.0:8000",
        "http://2130706433",
    ],
)
def test_any_other_host_is_refused_until_it_is_named(url):
    """The message says which option allows the host."""
    with pytest.raises(UsageError, match="--allow-remote"):
        permitted(url, ())


def test_a_named_host_may_be_asked_and_no_other():
    """The permission is for that one host."""
    assert permitted("http://staging.example:8000/v1", ("staging.example",))
    with pytest.raises(UsageError):
        permitted("http://www.staging.example", ("staging.example",))


def test_a_url_without_a_host_is_refused():
    """The message says what is missing."""
    with pytest.raises(UsageError, match="names no host"):
        permitted("http://", ())


@pytest.mark.parametrize(
    ("host", "here"), [("127.0.0.1", True), ("LOCALHOST", True), ("::1", True), ("8.8.8.8", False)]
)
def test_loopback_is_known_by_name_and_address(host, here):
    """No name is looked up: the answer could change until it is asked."""
    assert is_loopback(host) is here


def test_an_import_string_is_no_url():
    """Both are given as the same argument, and told apart by the scheme."""
    assert is_url("https://x")
    assert not is_url("http.server:app")


def test_what_is_not_ours_to_start_is_not_asked_on():
    """Of a URL that answers nobody any more every further endpoint would only take its time."""
    with pytest.raises(TargetError, match="http://x does not answer"):
        asyncio.run(RemoteServer("http://x/").restart())
