#!/usr/bin/env python3
"""Fills corpus/TARGET with what is at hand: the tests' own files, and the corpora beside the repository (AVAL_SHARED, else
../shared). Names are digests, so that running it again adds nothing."""

import base64
import binascii
import hashlib
import json
import os
import pathlib
import re
import zlib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SHARED = pathlib.Path(os.environ.get("AVAL_SHARED", ROOT.parent / "shared")) / "corpora"
LARGEST = 64 << 10
KINDS = {
    ".pdf": "pdf", ".p7s": "cms", ".p7m": "cms", ".pkcs7": "cms", ".tst": "tsp", ".crt": "certificates", ".cer": "certificates",
    ".der": "certificates", ".pem": "certificates", ".crl": "crl", ".ors": "ocsp", ".xml": "trusted_lists",
}
# ContentInfo of signedData, and the type of a timestamp's content (RFC 5652 §3, RFC 3161 §2.4.2)
SIGNED_DATA = re.compile(rb"\x30\x82(..)\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", re.S)
TST_INFO = bytes.fromhex("060b2a864886f70d0109100104")


def add(target, data):
    if 0 < len(data) <= LARGEST:
        folder = HERE / "corpus" / target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


def bare(data):
    """OpenSSL's responses and some certificates are in base64."""
    try:
        return base64.b64decode(re.sub(rb"\s|-----[A-Z0-9 ]+-----", b"", data), validate=True)
    except binascii.Error:
        return data


def between(data, start, end, most):
    """What stands between two marks, the first few times."""
    at = 0
    for _ in range(most):
        begin = data.find(start, at)
        at = data.find(end, begin + len(start))
        if begin < 0 or at < 0:
            return
        yield begin, data[begin + len(start) : at]
        at += len(end)


def signatures(data):
    """The signatures and timestamps in a value of /Contents, one in another too."""
    for found in SIGNED_DATA.finditer(data):
        whole = data[found.start() : found.start() + 4 + int.from_bytes(found[1], "big")]
        # What is said of the content comes first; a signature may hold a timestamp further on.
        add("tsp" if TST_INFO in whole[:80] else "cms", whole)


def parts(pdf):
    """A document's pieces, for the targets that read one kind of them."""
    for value in re.findall(rb"<(30[0-9A-Fa-f\s]{200,})>", pdf):
        digits = re.sub(rb"\s", b"", value)
        signatures(bytes.fromhex(digits[: len(digits) & ~1].decode()))
    for _, body in between(pdf, b" obj", b"endobj", 8):
        add("tokens", body.strip())
    for _, section in between(pdf[max(0, pdf.rfind(b"\nxref")) :], b"\n", b"startxref", 1):
        add("xref", section)
    for begin, content in between(pdf, b"stream", b"endstream", 8):
        head, content = pdf[max(0, begin - 200) : begin].rpartition(b" obj")[2], content.strip(b"\r\n")
        if b"FlateDecode" in head:
            add("filters", (b"\1" if b"Predictor" in head else b"\0") + content)
        if b"ObjStm" in head:
            try:
                add("object_streams", zlib.decompress(content))
            except zlib.error:
                pass


def object_streams():
    """Objects 4, 5 and 6 in one stream, as the target names them: its first octet, "4", is where the first begins too."""
    for bodies in [
        ["(page)", "<</Fields[6 0 R]>>", "<</FT/Tx/T(a)/V(b)/Rect[0 0 9 9]/P 3 0 R>>"],
        ["null", "<</SigFlags 3/Fields[6 0 R]>>", "<</FT/Sig/T(a)/V<</Type/Sig/ByteRange[0 1 2 3]/Contents<3080>>>>>>"],
        ["[[[1 0 R]]]", "6 0 R", "<</Kids[6 0 R 5 0 R]>>"],
    ]:
        head, content = "", ""
        for number, body in enumerate(bodies, 4):
            head += f"{number} {len(content)} "
            content += body + " "
        add("object_streams", (head.ljust(ord("4")) + content).encode())


def main():
    object_streams()
    for folder in [ROOT / "sdk" / "document", ROOT / "sdk" / "pki", SHARED]:
        for path in sorted(p for p in folder.rglob("*") if p.suffix in KINDS):
            data = path.read_bytes()
            target = KINDS[path.suffix]
            add(target, data if target in ("pdf", "trusted_lists") else bare(data))
            if target == "pdf" and len(data) <= LARGEST:
                parts(data)
            elif target == "cms":
                signatures(bare(data))
    limbo = SHARED / "x509-limbo" / "limbo.json"
    for case in json.loads(limbo.read_text())["testcases"] if limbo.exists() else []:
        for text in [case["peer_certificate"], *case["untrusted_intermediates"], *case["trusted_certs"]]:
            add("certificates", bare(text.encode()))
        for text in case.get("crls", []):
            add("crl", bare(text.encode()))


main()
