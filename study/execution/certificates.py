"""An authority and a certificate for one run of Ray on this machine: whoever has them not is refused at every port."""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
from pathlib import Path

ADDRESS = "127.0.0.1"


def make_certificates(folder: Path) -> dict[str, str]:
    """Write them into a new folder, open to nobody else; the environment under which Ray's processes use them.

    Both sides of a call show the certificate, and take only one that this run's authority has signed; the authority's
    own key is never written.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    now = dt.datetime.now(dt.UTC)

    def certificate(subject: str, of: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        made = x509.CertificateBuilder(name("this run's authority"), name(subject), of.public_key())
        made = made.serial_number(x509.random_serial_number())
        # wide, for a clock may jump while a run goes on
        return made.not_valid_before(now - dt.timedelta(days=3650)).not_valid_after(now + dt.timedelta(days=36500))

    top = certificate("this run's authority", authority_key)
    top = top.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    own = certificate("this run", key).add_extension(
        x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(ADDRESS)), x509.DNSName("localhost")]),
        critical=False,
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    folder.mkdir(mode=0o700)
    texts = {
        "RAY_TLS_CA_CERT": top.sign(authority_key, hashes.SHA256()).public_bytes(pem),
        "RAY_TLS_SERVER_CERT": own.sign(authority_key, hashes.SHA256()).public_bytes(pem),
        "RAY_TLS_SERVER_KEY": key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain),
    }
    for variable, text in texts.items():
        handle = os.open(folder / variable, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(text)
    return {"RAY_USE_TLS": "1", **{variable: str(folder / variable) for variable in texts}}
