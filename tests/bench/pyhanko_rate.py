"""How often a second of processor time pyHanko verifies a file's signatures: python pyhanko_rate.py FILE ROOT SECONDS"""

import io
import logging
import pathlib
import sys
import time

from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

path, root, seconds = sys.argv[1:]
logging.disable(logging.CRITICAL)
content, root = pathlib.Path(path).read_bytes(), load_cert_from_pemder(root)


def verified():
    """True when it believes every signature, from the bytes and with nothing known of the authorities."""
    reader = PdfFileReader(io.BytesIO(content), strict=True)
    context = ValidationContext(trust_roots=[root], allow_fetching=False)
    told = [validate_pdf_signature(signature, context) for signature in reader.embedded_regular_signatures]
    return bool(told) and all(status.bottom_line for status in told)


if not verified():
    sys.exit("pyHanko does not believe this file")
start, times = time.process_time(), 0
while (used := time.process_time() - start) < float(seconds):
    verified()
    times += 1
print(times / used)
