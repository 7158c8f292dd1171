"""Documents to sign that other people's software made, and bytes that nobody should sign."""

import functools
import pathlib
import shutil
import subprocess
import tempfile

import pytest

TEXT = "Resolución exenta N.º 4.471\n\nAutoriza la obra que indica: pavimento de la calle Ñuble, sector Güiraldes.\n"


def _work():
    return pathlib.Path(tempfile.mkdtemp(prefix="aval-pdf-"))


def _run(*command, **kw):
    if not shutil.which(str(command[0])):
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run([str(c) for c in command], capture_output=True, timeout=120, check=False, **kw)
    # qpdf: 3 is "succeeded with warnings"
    assert done.returncode in (0, 3), f"{command}: {done.stderr.decode(errors='replace')[-800:]}"
    return done.stdout


@functools.cache
def libreoffice():
    folder = _work()
    (folder / "resolucion.txt").write_text(TEXT * 12)
    _run("soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "pdf", "--outdir",
         folder, folder / "resolucion.txt")
    return (folder / "resolucion.pdf").read_bytes()


@functools.cache
def chromium():
    folder = _work()
    (folder / "p.html").write_text(f"<!doctype html><html lang=es><meta charset=utf-8><title>Oficio</title><h1>Oficio</h1><p>{TEXT}</p>" * 3)
    _run("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", f"--user-data-dir={folder}/profile", "--no-pdf-header-footer",
         f"--print-to-pdf={folder}/p.pdf", f"file://{folder}/p.html")
    return (folder / "p.pdf").read_bytes()


@functools.cache
def ghostscript():
    folder = _work()
    program = "%!PS\n/Helvetica findfont 14 scalefont setfont 72 700 moveto (Informe de prueba) show showpage\n" * 2
    (folder / "p.ps").write_text(program)
    _run("gs", "-q", "-dBATCH", "-dNOPAUSE", "-dSAFER", "-sDEVICE=pdfwrite", f"-sOutputFile={folder}/p.pdf", folder / "p.ps")
    return (folder / "p.pdf").read_bytes()


def _qpdf(pdf, *options):
    folder = _work()
    (folder / "in.pdf").write_bytes(pdf)
    _run("qpdf", *options, folder / "in.pdf", folder / "out.pdf")
    return (folder / "out.pdf").read_bytes()


def classic(pdf):
    return _qpdf(pdf, "--object-streams=disable")


def streams(pdf):
    return _qpdf(pdf, "--object-streams=generate")


def linearized(pdf):
    return _qpdf(pdf, "--linearize")


def pdf_2(pdf):
    return _qpdf(pdf, "--force-version=2.0")


def encrypted(pdf, user="secreto"):
    return _qpdf(pdf, "--encrypt", user, "duena", "256", "--")


def sizeable(kilobytes=100):
    """A classic PDF of about this size: a page with a line of text and a picture that does not compress."""
    import random
    noise = random.Random(7).randbytes(kilobytes * 1000)
    draw = b"BT /F 24 Tf 72 700 Td (Informe de 2026) Tj ET q 200 0 0 200 72 300 cm /N Do Q"
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
               b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
               b"/Resources<</Font<</F 5 0 R>>/XObject<</N 6 0 R>>>>>>",
               b"<</Length %d>>stream\n" % len(draw) + draw + b"\nendstream",
               b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
               b"<</Type/XObject/Subtype/Image/Width 1000/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8/Length %d>>stream\n"
               % (kilobytes, len(noise)) + noise + b"\nendstream"]
    return assemble(objects)


def assemble(objects):
    """A classic file from its objects, numbered from one; the first is the catalog."""
    out, offsets = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for offset in offsets:
        out += b"%010d 00000 n \n" % offset
    out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def deep(levels=10_000):
    """Arrays inside arrays, in the page tree's way."""
    return assemble([b"<</Type/Catalog/Pages 2 0 R/Deep 4 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
                     b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Annots " + b"[" * levels + b"]" * levels + b">>",
                     b"[" * levels + b"]" * levels])


def bad():
    """Name and bytes of files that must be refused clearly."""
    good = sizeable(20)
    return {"truncado.pdf": good[: len(good) // 2], "vacio.pdf": b"", "no-es.pdf": b"Esto es un texto. " * 50,
            "hondo.pdf": deep(), "cifrado.pdf": encrypted(good)}
