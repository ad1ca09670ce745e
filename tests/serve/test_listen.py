"""Addresses to listen at: how they are written, who can reach them, what is in use."""

import os
import socket
import stat

import pytest
from support.cases import cases

from memc.errors import MemcError
from memc.serve.listen import address, listen_at, remove, unix_socket

# host and port, None for what is no address; whether other machines can reach it; text
ADDRESSES = [
    (("127.0.0.1", 9917), False, "127.0.0.1:9917"),
    (("127.9.9.9", 0), False, "127.9.9.9:0"),
    (("localhost", 65535), False, "localhost:65535"),
    (("::1", 9917), False, "[::1]:9917"),
    (("", 9917), True, ":9917"),
    (("::", 9917), True, "[::]:9917"),
    (("0.0.0.0", 9917), True, "0.0.0.0:9917"),
    (("192.0.2.1", 80), True, "192.0.2.1:80"),
    (("::ffff:192.0.2.1", 80), True, "[::ffff:192.0.2.1]:80"),
    (None, None, "9917"),
    (None, None, "127.0.0.1"),
    (None, None, "127.0.0.1:"),
    (None, None, "127.0.0.1:65536"),
    (None, None, "127.0.0.1:-1"),
    (None, None, "127.0.0.1:+1"),
    (None, None, "127.0.0.1:٣"),
    (None, None, "127.0.0.1:http"),
    (None, None, "127.0.0.1:0009917000"),
    (None, None, "::1:9917"),
    (None, None, "[::1]"),
    (None, None, "http://127.0.0.1:9917"),
    (None, None, "a b:1"),
    (None, None, "a\x00b:1"),
    (None, None, ":"),
]


@cases(ADDRESSES, why=2)
def test_address_is_a_host_and_a_port(case):
    expected, is_open, text = case
    if expected is None:
        with pytest.raises(ValueError, match="HOST:PORT"):
            address(text)
        return
    found = address(text)
    assert (found.host, found.port, found.text) == (*expected, text)
    assert found.is_local() != is_open


# An answer is two parts; without TCP_NODELAY the second one waits for 40 ms.  asyncio
# sets it where the protocol of the socket is named.
def test_sockets_name_their_protocol_and_have_one_port():
    for text in ("localhost:0", "127.0.0.1:0"):
        made = listen_at(address(text))
        assert {each.proto for each in made} == {socket.IPPROTO_TCP}
        assert len({each.getsockname()[1] for each in made}) == 1
        for each in made:
            each.close()


def test_every_address_is_ipv4_and_ipv6():
    made = listen_at(address(":0"))
    port = made[0].getsockname()[1]
    with socket.create_connection(("127.0.0.1", port), timeout=10):
        pass
    for each in made:
        each.close()


# what is said, the address
CANNOT = [
    ("no such address on this machine", "192.0.2.1:9917"),
    ("no such host", "no-host.invalid:9917"),
    ("no such host", "1.2.3.4.5:9917"),
]


@cases(CANNOT, why=1)
def test_address_that_is_not_here_is_told(case):
    told, text = case
    with pytest.raises(MemcError) as caught:
        listen_at(address(text))
    assert str(caught.value) == f"cannot listen on {text}: {told}"


def test_port_in_use_is_told_and_nothing_stays_open():
    with socket.create_server(("127.0.0.1", 0)) as other:
        text = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(MemcError) as caught:
            listen_at(address(text))
    assert str(caught.value) == f"cannot listen on {text}: address in use"


@pytest.mark.skipif(not os.geteuid(), reason="root may take any port")
def test_port_that_needs_a_right_is_told():
    with pytest.raises(MemcError, match="Permission denied"):
        listen_at(address("127.0.0.1:1"))


def test_unix_socket_replaces_one_that_nobody_hears_and_nothing_else(tmp_path):
    path = str(tmp_path / "memc.sock")
    first = unix_socket(path)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o660
    with pytest.raises(MemcError) as caught:
        unix_socket(path)
    assert str(caught.value) == f"cannot listen on {path}: address in use"
    first.close()
    unix_socket(path).close()
    remove(path)
    assert not os.path.lexists(path)
    (tmp_path / "memc.sock").write_text("dear")
    with pytest.raises(MemcError, match="there is a file that is no socket"):
        unix_socket(path)
    assert (tmp_path / "memc.sock").read_text() == "dear"
