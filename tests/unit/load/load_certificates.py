"""An authority of the tests' own, and certificates signed by it, made by openssl."""

import subprocess

from tests.programs import need


def run(directory, *arguments):
    subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True)


def make_certificates(directory):
    """Make ca.pem, server.pem with server.key, and client.pem, which holds its key too."""
    need("openssl")
    key = ("-newkey", "rsa:2048", "-nodes")
    issuing = ("-addext", "keyUsage=critical,keyCertSign,cRLSign")  # Python 3.13 trusts no authority without it
    made = ("-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Our CA", "-days", "2")
    run(directory, "req", "-x509", *key, *made, *issuing)
    (directory / "names").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\nauthorityKeyIdentifier=keyid\n")
    for name in ("server", "client"):
        run(directory, "req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        signing = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names", "-days", "2")
        run(directory, "x509", "-req", "-in", f"{name}.csr", "-out", f"{name}.pem", *signing)
    with (directory / "client.pem").open("a") as both:
        both.write((directory / "client.key").read_text())
    return directory
