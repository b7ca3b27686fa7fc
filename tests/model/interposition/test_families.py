"""Which family a definition belongs to."""

from pathlib import Path

import pytest

from hostprobe.model.interposition.families import FAMILIES, family_of
from hostprobe.model.interposition.partition import HASHLIB, OPENSSL_STATIC, SONAME
from tests.model.linked_host import thing

CHECKS = Path(__file__).parents[3] / "checks/hostprobe_checks"


@pytest.mark.parametrize(
    ("symbol", "defines", "family"),
    [
        ("XML_Parse", ["XML_Parse", "XML_ExpatVersion"], "expat"),
        ("XML_Parse", ["XML_Parse"], ""),
        ("MD5Init", ["MD5Init"], "md5"),
        ("MD5InitMore", ["MD5InitMore"], ""),
        ("SSL_read", ["SSL_read", "SSL_CTX_new"], "openssl"),
        ("ldap_bind_s", ["ldap_bind_s", "ldap_initialize"], "libldap"),
        ("ber_read", ["ber_read", "ber_alloc_t"], "libldap"),
        ("cache_init", ["cache_init"], "cache_init"),
        ("cache_initialise", ["cache_initialise"], ""),
    ],
)
def test_a_definition_belongs_to_the_library_that_its_provider_is(symbol, defines, family):
    assert family_of(symbol.encode(), thing(defines)) == family


OWNERS = {family.name: family.check for family in FAMILIES} | {
    SONAME: "soname-displaced",
    HASHLIB: "hashlib-openssl-unusable",
    OPENSSL_STATIC: "openssl-static",
}


@pytest.mark.parametrize("owner", OWNERS)
def test_every_owner_of_conflicts_has_a_check_that_asks_for_them(owner):
    text = (CHECKS / f"{OWNERS[owner].replace('-', '_')}.py").read_text()
    constants = {SONAME: "SONAME", HASHLIB: "HASHLIB", OPENSSL_STATIC: "OPENSSL_STATIC"}
    asked = {f'"{owner}"', constants.get(owner, "families_of")}
    assert any(name in text for name in asked)
