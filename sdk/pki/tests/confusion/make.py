#!/usr/bin/env python3
"""Makes rsa.txt: signatures over b"Ordenanza 42\\n" by a throw-away key with the exponent 3, honest ones and forgeries, as
NAME HEX, one a line. Needs the package cryptography. Writes to the standard output; the key is not kept."""

import hashlib
import os

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

MESSAGE = b"Ordenanza 42\n"
SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")
SHA1 = bytes.fromhex("3021300906052b0e03021a05000414")
LENGTH = 384

key = rsa.generate_private_key(public_exponent=3, key_size=LENGTH * 8)
n, d = key.private_numbers().public_numbers.n, key.private_numbers().d
digest = hashlib.sha256(MESSAGE).digest()


def say(name, value):
    print(name, value.hex())


def raw(encoded):
    """The private operation over a whole encoded message."""
    return pow(int.from_bytes(encoded), d, n).to_bytes(LENGTH)


def pkcs1(tail, fill=None, behind=b""):
    fill = LENGTH - 3 - len(tail) - len(behind) if fill is None else fill
    encoded = b"\0\1" + b"\xff" * fill + b"\0" + tail + behind
    return raw(encoded + bytes(LENGTH - len(encoded)))


def cube_root(number):
    """The smallest number whose cube is at least this."""
    low, high = 0, 1 << (number.bit_length() // 3 + 2)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if middle**3 < number else (low, middle)
    return low


def bleichenbacher():
    """Whoever reads the padding and stops behind the digest takes this for a signature; no private key was used."""
    front = b"\0\1" + b"\xff" * 8 + b"\0" + SHA256 + digest
    root = cube_root(int.from_bytes(front + bytes(LENGTH - len(front))))
    assert (root**3).to_bytes(LENGTH).startswith(front)
    return root.to_bytes(LENGTH)


def mask(seed, length):
    blocks = (hashlib.sha256(seed + count.to_bytes(4)).digest() for count in range(length // 32 + 1))
    return b"".join(blocks)[:length]


def pss(salt):
    """RFC 8017 §9.1.1 with SHA-256."""
    hashed = hashlib.sha256(bytes(8) + digest + salt).digest()
    width = LENGTH - 32 - 1
    block = bytes(width - len(salt) - 1) + b"\1" + salt
    masked = bytearray(a ^ b for a, b in zip(block, mask(hashed, width), strict=True))
    masked[0] &= 0x7F
    return raw(bytes(masked) + hashed + b"\xbc")


say("key", key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
say("pkcs1", pkcs1(SHA256 + digest))
say("pkcs1-bleichenbacher-06", bleichenbacher())
say("pkcs1-short-padding", pkcs1(SHA256 + digest, fill=8))
say("pkcs1-bytes-behind", pkcs1(SHA256 + digest, behind=b"\0\0"))
say("pkcs1-truncated-digest", pkcs1(SHA256[:1] + b"\x21" + SHA256[2:-1] + b"\x10" + digest[:16]))
say("pkcs1-bare-digest", pkcs1(digest))
say("pkcs1-sha1", pkcs1(SHA1 + hashlib.sha1(MESSAGE).digest()))
say("pkcs1-sha1-named-sha256", pkcs1(SHA256[:1] + b"\x25" + SHA256[2:-1] + b"\x14" + hashlib.sha1(MESSAGE).digest()))
say("pss-salt-32", pss(os.urandom(32)))
say("pss-salt-20", pss(os.urandom(20)))
say("pss-salt-0", pss(b""))
