"""URLs have one form, and machines of this network are not asked however their address is written."""

from __future__ import annotations

import pytest

from surefoot.ingest.fetching import NotAnAddress, normal
from surefoot.ingest.fetching.addresses import origin, refusal


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("HTTPS://Example.ORG:443/a/../b/./c#part", "https://example.org/b/c"),
        ("http://example.org", "http://example.org/"),
        ("http://example.org:80/", "http://example.org/"),
        ("http://example.org:8080/", "http://example.org:8080/"),
        ("http://example.org./x", "http://example.org/x"),
        ("http://example.org/%7euser/%e4%b8%ad", "http://example.org/~user/%E4%B8%AD"),
        (
            "http://example.org/河流?q=长江",
            "http://example.org/%E6%B2%B3%E6%B5%81?q=%E9%95%BF%E6%B1%9F",
        ),
        ("http://bücher.example/x", "http://xn--bcher-kva.example/x"),
        ("http://example.org/?utm_source=a&id=3&gclid=x", "http://example.org/?id=3"),
        ("http://example.org/?utm_source=a", "http://example.org/"),
        ("http://example.org/?b=2&a=1", "http://example.org/?b=2&a=1"),
        ("  http://example.org/a b ", "http://example.org/a%20b"),
        ("http://[2606:4700::1111]/x", "http://[2606:4700::1111]/x"),
    ],
)
def test_a_url_has_one_form(given, wanted):
    assert normal(given) == wanted
    assert normal(wanted) == wanted


def test_links_are_joined_to_their_page():
    assert normal("../b.html#x", "http://h.example/docs/a/") == "http://h.example/docs/b.html"
    assert normal("//other.example/x", "https://h.example/") == "https://other.example/x"
    assert origin("https://h.example:8443/a?b") == "https://h.example:8443"


@pytest.mark.parametrize(
    "given",
    [
        "ftp://example.org/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "gopher://example.org/",
        "http:///x",
        "//example.org/x",
        "example.org",
        "http://example.org:0/",
        "http://example.org:99999/",
        "http://exa\nmple.org/",
        "http://" + "a" * 2000,
        "http://xn--/",
        "",
    ],
)
def test_what_is_no_address_is_refused(given):
    with pytest.raises(NotAnAddress):
        normal(given)


@pytest.mark.parametrize("given", ["http://ann:hunter2@example.org/x", "http://ann@example.org/"])
def test_a_password_is_refused_and_not_repeated(given):
    with pytest.raises(NotAnAddress) as refused:
        normal(given)
    assert "hunter2" not in str(refused.value)


NEVER = [
    "169.254.169.254", "169.254.0.1", "fe80::1", "fe80::1%eth0", "224.0.0.1", "ff02::1", "0.0.0.0", "::",
    "255.255.255.255", "240.0.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254",
    "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::", "2001:0:7f00:1::", "fec0::1",
]  # fmt: skip
PRIVATE = [
    "127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "198.18.0.1", "::1",
    "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::127.0.0.1",
    "203.0.113.9", "2001:db8::1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("address", NEVER)
def test_link_local_metadata_and_multicast_are_never_asked(address):
    assert refusal(address, private=False)
    assert refusal(address, private=True)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_networks_are_asked_only_where_that_is_said(address):
    assert refusal(address, private=False)
    assert not refusal(address, private=True)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_machines_are_asked(address):
    assert not refusal(address, private=False)
