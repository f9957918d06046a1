"""An IMAP server of its own (Dovecot) on loopback ports, started and ended here."""

import datetime
import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

OWNER = "nobody" if hasattr(os, "geteuid") and os.geteuid() == 0 else None
PASSWORD = "hunter2口令"
CONFIG = """
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{root}/cert.pem
ssl_key = <{root}/key.pem
ssl_dh =
disable_plaintext_auth = no
auth_mechanisms = plain login
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
mail_location = maildir:{root}/mail/%u
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={root}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Junk {{
    special_use = \\Junk
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def certificate(folder):
    """A certificate for 127.0.0.1 that trusts itself."""
    x509 = pytest.importorskip("cryptography.x509", reason="makes the certificate")
    import ipaddress

    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))


@pytest.fixture(scope="session")
def dovecot():
    """Ports without and with TLS, and the folder with cert.pem; any user may log in with the password."""
    program = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
    if not program:
        pytest.skip("needs Debian's dovecot-imapd")
    root = Path(tempfile.mkdtemp(prefix="surefoot-imap-"))
    plain, tls = free_ports(2)
    user = OWNER or getpass.getuser()
    group = subprocess.check_output(["id", "-gn", user], text=True).strip()
    told = {"root": root, "user": user, "group": group, "plain": plain, "tls": tls}
    (root / "dovecot.conf").write_text(CONFIG.format(password=PASSWORD, **told), encoding="utf-8")
    certificate(root)
    for path in (root, *root.iterdir()):
        if OWNER:
            shutil.chown(path, OWNER, group)
    command = [program, "-F", "-c", str(root / "dovecot.conf")]
    running = subprocess.Popen(
        command,
        user=OWNER,
        group=group if OWNER else None,
        extra_groups=[] if OWNER else None,
        cwd="/",
    )
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", plain)) == 0:
                    break
            assert running.poll() is None, (
                (root / "log").read_text() if (root / "log").exists() else "ended"
            )
            time.sleep(0.1)
        yield plain, tls, root
    finally:
        running.terminate()
        running.wait(20)
        shutil.rmtree(root)
