"""An official signs documents that other people's software made; other people's software judges the signatures."""

import json
import statistics
import time

import pytest
import requests

from aval import judges, pdfs, stack as stacks
from aval.browser import Browser
from aval.desk import Desk, signed_name
from conftest import slow
from test_figures import note

STAMP = {"page": "last", "place": "bottom-right"}


@pytest.fixture(scope="module")
def desk(stack):
    desk = Desk(stack, stack.officials[1])
    desk.clear()
    return desk


@pytest.fixture(scope="module")
def sources():
    office, web, script = pdfs.libreoffice(), pdfs.chromium(), pdfs.ghostscript()
    found = {
        "libreoffice": office, "libreoffice-streams": pdfs.streams(office), "libreoffice-linearized": pdfs.linearized(office),
        "chromium": web, "chromium-classic": pdfs.classic(web), "chromium-2.0": pdfs.pdf_2(web),
        "ghostscript": script, "ghostscript-streams": pdfs.streams(script), "cien-kilobytes": pdfs.sizeable(100),
    }
    corpus = stacks.SHARED / "corpora" / "dss" / "dss-pades" / "validation__doc-firmado.pdf"
    if corpus.exists():
        found["ya-firmado"] = corpus.read_bytes()
    return found


@pytest.fixture(scope="module", params=["plain", "stamped"])
def signed(request, desk, sources):
    """Everything signed in one batch: once without a mark, once with a visible stamp."""
    files = {f"{name}.pdf": content for name, content in sources.items()}
    results = desk.sign(files, stamp=STAMP if request.param == "stamped" else None)
    return {name: signed_name(results, f"{name}.pdf") for name in sources
            if any(entry.startswith(name) for entry in results)}


NAMES = ["libreoffice", "libreoffice-streams", "libreoffice-linearized", "chromium", "chromium-classic", "chromium-2.0",
         "ghostscript", "ghostscript-streams", "cien-kilobytes"]


@pytest.mark.parametrize("name", NAMES)
def test_our_verifier_calls_it_valid(stack, signed, name):
    code, report = judges.ours(stack, signed[name])
    told = report["signatures"][-1]
    assert (code, report["verdict"]) == (0, "valid"), report
    assert (told["integrity"], told["coverage"], told["trust"], told["level"]) == ("intact", "whole_file", "trusted", "PAdES-B-B")
    official = stack.officials[1]
    assert told["signer"]["common_name"] == f"{official['given_name']} {official['family_name']}"


@pytest.mark.parametrize("name", NAMES)
def test_pyhanko_calls_it_intact_valid_trusted_and_untouched(stack, signed, name):
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    status = judges.pyhanko(stack, signed[name])[-1]
    assert status.intact and status.valid and status.trusted, status.pretty_print_details()
    assert status.coverage == SignatureCoverageLevel.ENTIRE_FILE and status.docmdp_ok


@pytest.mark.parametrize("name", NAMES)
def test_pdfsig_calls_it_valid(signed, name):
    verdicts, said = judges.pdfsig(signed[name])
    assert verdicts == ["Signature is Valid."], said


@pytest.mark.parametrize("name", NAMES)
def test_qpdf_finds_nothing_wrong(signed, name):
    assert not judges.qpdf(signed[name])


@pytest.mark.parametrize("name", NAMES)
def test_what_was_there_is_still_there_byte_for_byte(signed, sources, name):
    assert signed[name].startswith(sources[name])


@pytest.mark.parametrize("name", ["libreoffice", "chromium", "cien-kilobytes"])
def test_the_signature_is_pades_baseline(signed, name):
    """EN 319 142-1 §6.3: no signing time in the CMS, the certificate by hash, the time in the dictionary."""
    import io
    from pyhanko.pdf_utils.reader import PdfFileReader
    signature = PdfFileReader(io.BytesIO(signed[name])).embedded_regular_signatures[-1]
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached" and "/M" in signature.sig_object
    attributes = {a["type"].native for a in signature.signer_info["signed_attrs"]}
    assert {"content_type", "message_digest", "signing_certificate_v2"} <= attributes and "signing_time" not in attributes
    assert len(signature.signed_data["certificates"]) >= 2


def test_an_earlier_signature_stays_intact(stack, signed):
    if "ya-firmado" not in signed:
        pytest.skip("no corpora: set AVAL_SHARED")
    before = judges.pyhanko(stack, signed["ya-firmado"])
    assert len(before) >= 2 and all(status.intact and status.valid for status in before)
    _, report = judges.ours(stack, signed["ya-firmado"])
    assert [s["integrity"] for s in report["signatures"]] == ["intact"] * len(report["signatures"])
    assert report["signatures"][-1]["trust"] == "trusted" and report["signatures"][0]["trust"] != "trusted"


@pytest.mark.parametrize("at", [200, 5000, -300])
def test_an_altered_file_is_found_out_by_all(stack, signed, at):
    changed = bytearray(signed["cien-kilobytes"])
    changed[at if at > 0 else len(pdfs.sizeable(100)) + at] ^= 4
    code, report = judges.ours(stack, bytes(changed))
    assert code == 1 and report["verdict"] != "valid"
    assert "Signature is Valid." not in judges.pdfsig(bytes(changed))[0]


def test_bad_files_are_refused_one_by_one_and_good_ones_stay(stack, desk):
    desk.clear()
    files = {"bueno.pdf": pdfs.sizeable(20), **pdfs.bad()}
    page = desk.upload(files)
    assert page.status == 200
    for name in files:
        assert name in page.text, f"{name} is not mentioned"
    form = next(f for f in page.forms if "documents" in f.choices)
    assert len(form.choices["documents"]) == 1, "only the good one can be chosen"
    page = desk.finished(desk.approve(desk.choose(page)))
    results = desk.results(page)
    assert [name for name in results if name.endswith(".pdf")] and judges.ours(stack, signed_name(results, "bueno.pdf"))[0] == 0
    desk.clear()


def test_nothing_chosen_is_explained(desk):
    desk.clear()
    page = desk.upload({"uno.pdf": pdfs.sizeable(20)})
    form = next(f for f in page.forms if "documents" in f.choices)
    page = desk.browser.submit(page, form, {"documents": [], "stamp": "none"})
    assert page.status < 500 and page.title.lower().startswith("error"), page
    desk.clear()


def test_the_archive_lists_digests(desk, stack):
    import hashlib
    desk.clear()
    page = desk.finished(desk.approve(desk.choose(desk.upload({"uno.pdf": pdfs.sizeable(20), "dos.pdf": pdfs.sizeable(30)}))))
    results = desk.results(page)
    listed = json.dumps(json.loads(next(v for k, v in results.items() if k.endswith("manifest.json"))))
    for name, content in results.items():
        if name.endswith(".pdf"):
            assert hashlib.sha256(content).hexdigest() in listed, name


def test_another_official_cannot_see_it(stack, desk):
    desk.clear()
    page = desk.finished(desk.approve(desk.choose(desk.upload({"secreto.pdf": pdfs.sizeable(20)}))))
    links = [link for link in page.links if "/batches/" in link or "/documents/" in link]
    assert links
    other = Desk(stack, stack.officials[0])
    for link in links:
        url = link if link.startswith("http") else stack.signer + link
        assert other.browser.session.get(url, timeout=10).status_code == 404, link


def test_a_citizen_who_is_no_official_is_told_so(stack):
    browser = Browser(stops=())
    page = browser.log_in(browser.get(f"{stack.signer}/desk"), stack.new_citizen())
    assert page.status == 403 and page.title, page


def test_without_presence_nothing_is_signed(stack, desk):
    """Going straight to the act, or coming back without the idp's proof, signs nothing."""
    desk.clear()
    page = desk.choose(desk.upload({"uno.pdf": pdfs.sizeable(20)}))
    batch = page.url.rstrip("/").rsplit("/", 1)[1]
    end = desk.browser.get(f"{stack.signer}/approvals/{batch}/authorise")
    assert "/batches/" not in end.url, end
    assert desk.browser.session.get(f"{stack.signer}/batches/{batch}", timeout=10).status_code == 404
    desk.clear()


def test_zeros_without_end_are_refused_at_the_desk(stack, desk):
    """2 GB of zeros: refused at their first bytes; the desk and its service stay as they were."""
    page = desk.page()
    form = next(f for f in page.forms if "file" in f.types.values())
    boundary, sent = "ceros", 0
    head = "".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in form.fields.items() if form.types.get(k) != "file")
    head += f'--{boundary}\r\nContent-Disposition: form-data; name="documents"; filename="ceros.pdf"\r\nContent-Type: application/pdf\r\n\r\n'

    def body():
        nonlocal sent
        yield head.encode()
        block = bytes(1 << 20)
        for _ in range(2048):
            sent += 1
            yield block
        yield f"\r\n--{boundary}--\r\n".encode()

    before = stacks.memory_kb(stack.pid("signer"))
    try:
        answer = desk.browser.session.post(stack.signer + form.action, data=body(), timeout=180, headers={
            "content-type": f"multipart/form-data; boundary={boundary}", "origin": stack.signer, "sec-fetch-site": "same-origin"})
        assert answer.status_code < 500
        assert "ceros.pdf" in answer.text
    except requests.ConnectionError:
        pass  # it hung up on us
    grown = stacks.memory_kb(stack.pid("signer")) - before
    assert grown < 64 * 1024, f"{grown} kB more in memory"
    kept = sum(p.stat().st_size for p in (stack.state / "signer" / "documents").rglob("*") if p.is_file())
    assert kept < 200 << 20, "the zeros were kept"
    assert requests.get(f"{stack.signer}/readyz", timeout=10).status_code == 200
    desk.clear()


@slow
def test_a_big_document_is_signed_in_little_memory(stack, desk):
    desk.clear()
    big = pdfs.sizeable(200_000)
    before = stacks.memory_kb(stack.pid("signer"))
    signed = next(iter(desk.sign({"grande.pdf": big}).values()))
    grown = stacks.memory_kb(stack.pid("signer")) - before
    assert signed.startswith(big) and judges.ours(stack, signed)[0] == 0
    note("signer grew by MB while signing 200 MB", round(grown / 1024, 1))
    assert grown < 100 * 1024, f"{grown} kB"


@slow
def test_a_batch_survives_kill_nine(stack):
    """Killed while it signs: after the restart every approved document is signed once, and valid."""
    import os
    import signal
    with stacks.own() as start:
        own = start()
        desk = Desk(own, own.officials[0])
        files = {f"{n:02}.pdf": pdfs.sizeable(300) for n in range(24)}
        page = desk.approve(desk.choose(desk.upload(files)))
        os.kill(own.pid("signer"), signal.SIGKILL)
        deadline = time.monotonic() + 20
        while os.path.exists(f"/proc/{own.pid('agency')}") and time.monotonic() < deadline:
            time.sleep(0.05)
        own = start()
        desk.stack = own
        page = desk.finished(desk.browser.get(page.url))
        results = {k: v for k, v in desk.results(page).items() if k.endswith(".pdf")}
        assert len(results) == len(files), page
        for name, content in results.items():
            code, report = judges.ours(own, content)
            assert code == 0 and len(report["signatures"]) == 1, (name, report)


def test_the_time_of_a_signature(stack, desk):
    """A batch of forty 100 kB documents: what each took, by the service's own log, goes into the figures."""
    desk.clear()
    count = 10 if stacks.QUICK else 40
    page = desk.choose(desk.upload({f"{n:02}.pdf": pdfs.sizeable(100) for n in range(count)}))
    page = desk.finished(desk.approve(page))
    assert len([n for n in desk.results(page) if n.endswith(".pdf")]) == count
    lines = (json.loads(line) for line in (stack.state / "signer.log").read_text().splitlines() if '"signed"' in line)
    spent = [float(line["fields"]["us"]) / 1000 for line in lines if line["fields"].get("message") == "signed"][-count:]
    note("sign 100 kB in the service, durable, re-read: median ms", round(statistics.median(spent), 2))
    assert len(spent) == count and statistics.median(spent) < 1000
