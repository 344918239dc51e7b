"""What the program reads in a PKCS#12 file, and which files it refuses before anything is made."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given
from hypothesis import strategies as st

from components.settings.pfx import UnreadablePfxError, read_pfx
from simulator.azure.certificate_files import tls_secret_problem
from tests.helpers.certificates import PFX, elliptic, packed, signed

ROOT_KEY, MIDDLE_KEY, KEY = elliptic(), elliptic(), elliptic()
ROOT_CERTIFICATE = signed("Root", ROOT_KEY)
MIDDLE = signed("Middle", MIDDLE_KEY, "Root", ROOT_KEY)
LEAF = signed("shop", KEY, "Middle", MIDDLE_KEY, hosts=("Shop.example.com", "*.example.org"))


@given(others=st.permutations([ROOT_CERTIFICATE, MIDDLE]))
def test_the_pem_has_the_key_and_its_chain_whatever_the_order_in_the_file(others):
    found = read_pfx(packed(KEY, LEAF, others))
    assert x509.load_pem_x509_certificates(found.pem.encode()) == [LEAF, MIDDLE, ROOT_CERTIFICATE]
    private = load_pem_private_key(found.pem.encode(), None)
    assert private.public_key() == KEY.public_key()
    assert "-----BEGIN PRIVATE KEY-----" in found.pem


def test_the_pem_is_what_the_clusters_driver_reads_and_the_pfx_is_not():
    assert tls_secret_problem(read_pfx(PFX).pem) is None
    assert "no certificate and private key as PEM" in str(tls_secret_problem(PFX))


def test_an_rsa_key_is_read_like_an_elliptic_one():
    key = rsa.generate_private_key(65537, 2048)
    found = read_pfx(packed(key, signed("shop", key)))
    assert tls_secret_problem(found.pem) is None


@pytest.mark.parametrize(
    ("host", "covered"),
    [
        ("shop.example.com", True),
        ("SHOP.example.com", True),
        ("example.com", False),
        ("a.example.org", True),
        ("a.b.example.org", False),
        ("example.org", False),
    ],
)
def test_a_wildcard_stands_for_one_label(host, *, covered):
    assert read_pfx(packed(KEY, LEAF)).covers(host) is covered


def test_a_certificate_without_names_covers_nothing():
    assert not read_pfx(packed(KEY, signed("shop.example.com", KEY))).covers("shop.example.com")


def test_what_is_signed_by_itself_is_what_a_client_has_to_trust():
    assert read_pfx(packed(KEY, LEAF, [MIDDLE])).roots == ()
    (root,) = read_pfx(packed(KEY, LEAF, [ROOT_CERTIFICATE, MIDDLE])).roots
    assert x509.load_der_x509_certificate(base64.b64decode(root)) == ROOT_CERTIFICATE
    alone = signed("shop", KEY)
    (root,) = read_pfx(packed(KEY, alone)).roots
    assert x509.load_der_x509_certificate(base64.b64decode(root)) == alone


def test_an_expired_certificate_is_known():
    assert read_pfx(packed(KEY, signed("shop", KEY, lifetime=timedelta(hours=1)))).expired()
    assert not read_pfx(packed(KEY, signed("shop", KEY))).expired()


ED25519 = ed25519.Ed25519PrivateKey.generate()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (packed(KEY, LEAF, password="hunter2"), "without a password"),
        (base64.b64encode(b"no file").decode(), "must be a PKCS#12 file"),
        (packed(None, LEAF), "a private key with its certificate"),
        (packed(ED25519, signed("shop", ED25519)), "RSA or elliptic-curve"),
    ],
    ids=["password", "another file", "no key", "Ed25519"],
)
def test_a_file_that_a_reader_could_not_use_is_refused(text, rule):
    with pytest.raises(UnreadablePfxError) as caught:
        read_pfx(text)
    assert rule in caught.value.rule
    assert caught.value.remedy
