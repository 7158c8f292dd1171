"""Other people's verdicts on a signed file, and our own."""

import io
import json
import pathlib
import re
import subprocess
import tempfile


def ours(stack, pdf, *options):
    """Our own command, offline: exit code and report."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pdf)
        file.flush()
        done = subprocess.run([stack.bin / "verify", "--json", "--trust", stack.root, *options, file.name],
                              capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode in (0, 1), f"verify: {done.returncode} {done.stderr}"
    return done.returncode, json.loads(done.stdout)


def pyhanko(stack, pdf):
    """pyHanko's status of every signature, oldest first, trusting the development root only."""
    from pyhanko.keys import load_cert_from_pemder
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext
    reader = PdfFileReader(io.BytesIO(pdf), strict=True)
    context = lambda: ValidationContext(trust_roots=[load_cert_from_pemder(stack.root)], allow_fetching=False)
    return [validate_pdf_signature(signature, context()) for signature in reader.embedded_regular_signatures]


def pdfsig(pdf):
    """What poppler says of each signature's cryptography."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "d.pdf"
        path.write_bytes(pdf)
        done = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, timeout=60, check=False)
    return re.findall(r"Signature Validation: (.*)", done.stdout), done.stdout


def qpdf(pdf):
    """qpdf's complaints about the structure; empty when it has none."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "d.pdf"
        path.write_bytes(pdf)
        done = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, timeout=120, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr
