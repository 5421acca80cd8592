import socket

import pytest

from medivoy.embedded.address import Address, AddressUnusable


def test_host_and_port_have_defaults():
    assert Address.from_environment({}) == Address("127.0.0.1", 8000)
    assert Address.from_environment({"HOST": "", "PORT": ""}) == Address("127.0.0.1", 8000)


@pytest.mark.parametrize("port", ["0", "65536", "80a", "-1", "８０００"])
def test_a_port_that_is_none_is_named(port):
    with pytest.raises(AddressUnusable, match=f"PORT={port} is not a port"):
        Address.from_environment({"PORT": port})


def test_a_port_in_use_comes_with_another_to_try():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(AddressUnusable) as refusal:
            Address("127.0.0.1", port).check()
    assert f"Port {port} on 127.0.0.1 is in use" in str(refusal.value)
    assert "PORT=" in str(refusal.value)


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(AddressUnusable, match=r"try HOST=127\.0\.0\.1"):
        Address("192.0.2.1", 8000).check()
    with pytest.raises(AddressUnusable, match="not an address of this machine"):
        Address("no.such.host.invalid", 8000).check()


def test_a_server_on_every_interface_is_opened_on_this_machine_and_called_by_any_name():
    address = Address("0.0.0.0", 8000)
    assert address.url == "http://127.0.0.1:8000"
    assert address.allowed_hosts == "*"
    assert Address("::1", 8000).url == "http://[::1]:8000"
    assert Address("127.0.0.1", 8000).allowed_hosts.split(",").count("*") == 0
