import pytest

from hostprobe.exporter.tls import Certificates, TlsError, make_context, require_together
from hostprobe.facts.settings import TlsServerSettings


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"cert_file": "c"}, "needs both cert_file and key_file"),
        ({"key_file": "k"}, "needs both cert_file and key_file"),
        ({"min_version": "TLS13"}, "without cert_file would be plain HTTP"),
        ({"client_ca_file": "ca"}, "without cert_file would be plain HTTP"),
        ({"cert_file": "c", "key_file": "k", "client_ca_file": "ca"}, "go together"),
        (
            {"cert_file": "c", "key_file": "k", "client_auth_type": "RequireAndVerifyClientCert"},
            "go together",
        ),
    ],
)
def test_half_a_configuration_is_refused(values, message):
    with pytest.raises(TlsError, match=message):
        require_together(TlsServerSettings(**values))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"min_version": "TLS11"}, "min_version is 'TLS11'; possible are TLS12, TLS13"),
        ({}, "/no/c and /no/k: no such file or directory"),
    ],
)
def test_what_cannot_be_used_is_named(values, message):
    with pytest.raises(TlsError, match=message):
        make_context(TlsServerSettings("/no/c", "/no/k", **values))


def test_nothing_set_is_plain_http():
    assert Certificates(TlsServerSettings(), print).context() is None
