"""Hashes out of a FreeRADIUS's database: how their values are read, and that their users sign in and get hashes of GATE's own."""

import base64
import csv
import hashlib
import os
import shutil

import pytest

import eapol
import radius_server
from freeradius_tables import SECRET, ask, fill
from gate import doctor, settings
from gate.commands.freeradius_import import passwords
from gate.users import hashing
from gate.users.older_hashes import Older
from radius_server import until

PASSWORD = "Pass w0rd, x"
SALT = b"s\x01lt,8oc"


def sha(name: str = "sha1", salt: bytes = b"") -> bytes:
    return hashlib.new(name, PASSWORD.encode() + salt).digest() + salt


def b64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


HEADED = "Password-With-Header"
CRYPTED = "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("MD5-Password", sha("md5").hex()), ("MD5-Password", b64(sha("md5"))), ("MD5-Password", f"0x{sha('md5').hex()}"),
        ("SHA-Password", sha().hex().upper()), ("SHA1-Password", b64(sha())), ("SHA2-Password", sha("sha256").hex()),
        ("SHA2-Password", b64(sha("sha512"))), ("SMD5-Password", b64(sha("md5", SALT))),
        ("SSHA-Password", b64(sha("sha1", SALT))),
        ("SSHA1-Password", sha("sha1", SALT).hex()), ("SSHA2-256-Password", b64(sha("sha256", SALT))),
        ("SSHA384-Password", b64(sha("sha384", SALT))), ("SSHA2-512-Password", f"0x{sha('sha512', SALT).hex()}"),
        (HEADED, f"{{SSHA}}{b64(sha('sha1', SALT))}"), (HEADED, f"{{sha256}}{b64(sha('sha256'))}"),
        (HEADED, b64(f"{{ssha512}}{b64(sha('sha512', SALT))}".encode())), (HEADED, f"{{md5}}{sha('md5').hex()}"),
    ],
)  # fmt: skip
def test_values_are_read_as_freeradius_reads_them(attribute, value):
    older = passwords.read(attribute, value)
    assert isinstance(older, Older)
    assert value not in repr(older)
    assert older.digest not in repr(older)
    assert hashing.check_password(PASSWORD, older.store(hashing.hash_password(older.digest)))


@pytest.mark.parametrize("value", [PASSWORD, f"{{clear}}{PASSWORD}", f"{{Cleartext}}{PASSWORD}"])
def test_what_is_in_clear_behind_a_header_is_in_clear(value):
    said = passwords.read(HEADED, value)
    assert isinstance(said, passwords.Clear)
    assert said == PASSWORD


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("NT-Password", "44EBBA8D5312B8D611474411F56989"), ("NT-Password", ""), ("MD5-Password", sha().hex()),
        ("SSHA-Password", b64(sha())), ("SHA2-Password", sha().hex()), ("SSHA-Password", b64(sha("sha1", b"x" * 49))),
        ("Crypt-Password", "$6$rounds=999999999$ab$" + "x" * 86), ("Crypt-Password", "$2y$31$" + "x" * 53),
        ("Crypt-Password", "secret"), ("Crypt-Password", ""), (HEADED, "{x-pbkdf2}secret"), (HEADED, "{no-such}secret"),
        (HEADED, "$2y$10$secret"), ("LM-Password", "44EBBA8D5312B8D611474411F56989AE"), ("PBKDF2-Password", "secret"),
    ],
)  # fmt: skip
def test_what_is_none_says_why_and_quotes_nothing(attribute, value):
    with pytest.raises(passwords.Unknown, match=r"^(is|has) ") as refused:
        passwords.read(attribute, value)
    assert not value or value not in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.fixture
def people(theirs):
    fill(
        theirs, "radcheck", "username attribute op value", ("nt", "NT-Password", ":=", "44EBBA8D5312B8D611474411F56989AE"),
        ("ssha", HEADED, ":=", f"{{SSHA}}{b64(sha('sha1', SALT))}"), ("crypt", "Crypt-Password", ":=", CRYPTED),
        ("broken", "SSHA-Password", ":=", "44EBBA8D5312B8D6"),
    )  # fmt: skip
    fill(theirs, "nas", "nasname shortname secret", ("127.0.0.9", "hashes", SECRET), ("127.0.0.1", "for EAP", SECRET))
    return theirs


@pytest.mark.django_db
@pytest.mark.skipif(
    not shutil.which("radclient") and not os.environ.get("CI"), reason="radclient is away: apt install freeradius-utils"
)
def test_they_sign_in_at_once_and_then_have_a_hash_of_gates_own(committed, people, bring, tmp_path):
    report = tmp_path / "report.csv"
    status, told, complaints = bring("--report", str(report))
    assert status == 3
    assert "3  of them with a hash in place of a password" in told
    problems = [row for row in csv.DictReader(report.read_text().splitlines()) if row["table"] == "radcheck"]
    assert [(row["name"], row["field"]) for row in problems] == [("broken", "value")]
    names = {"nt": "clientPass", "ssha": PASSWORD, "crypt": "Hello world!"}

    def stored():
        statement = "SELECT username, password FROM users_user WHERE username = ANY(%s)"
        return dict(committed.all(statement, list(names)))

    before = stored()
    assert all(text.startswith("$argon2id-over$") for text in before.values())
    for secret in ("44EBBA8D", "44ebba8d", b64(sha("sha1", SALT)), sha().hex(), CRYPTED[-86:]):
        assert secret not in told + complaints + report.read_text() + "".join(before.values())
    (finding,) = (
        one for one in doctor.database.check(settings.read({"DATABASE_URL": committed.url})) if one.subject == "passwords"
    )
    assert finding.text.startswith("3 users have a hash made elsewhere")
    files = eapol.Files.make(tmp_path / "eap")
    with radius_server.serving(committed, GATE_DATA=str(files.data), GATE_RADIUS_EAP_METHODS="ttls") as server:
        until(lambda: any(client.name == "hashes" for client in server.service.store.clients.all()))
        for name, password in names.items():
            assert "Access-Reject" in ask(server, name, f"x{password}")
        assert stored() == before
        if eapol.PROGRAM is not None:
            outcome = eapol.sign_in(server, files, method="EAP-TTLS/PAP", username="nt", password=names["nt"])
            assert outcome.succeeded, outcome.text[-2000:]
        for name, password in names.items():
            assert "Access-Accept" in ask(server, name, password)
        until(lambda: all(text.startswith("$argon2id$") for text in stored().values()))
        after = stored()
        for name, password in names.items():
            assert hashing.check_password(password, after[name])
            assert not hashing.outdated(after[name])
            assert "Access-Accept" in ask(server, name, password)
            assert "Access-Reject" in ask(server, name, f"x{password}")
