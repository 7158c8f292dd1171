"""An official at the desk, without JavaScript."""

import io
import time
import urllib.parse
import zipfile

from .browser import Browser


class Desk:
    def __init__(self, stack, official, browser=None):
        self.stack, self.official = stack, official
        self.browser = browser or Browser(stops=())
        page = self.browser.log_in(self.browser.get(f"{stack.signer}/desk"), official)
        assert page.url.startswith(f"{stack.signer}/desk"), page

    def page(self):
        page = self.browser.get(f"{self.stack.signer}/desk")
        if not page.url.startswith(self.stack.signer):
            page = self.browser.log_in(page, self.official)
        return page

    def upload(self, files):
        """Puts files on the desk; gives the page that answers."""
        page = self.page()
        form = next(f for f in page.forms if "file" in f.types.values())
        name = next(n for n, kind in form.types.items() if kind == "file")
        parts = [(name, (file, content, "application/pdf")) for file, content in files.items()]
        return self.browser.submit(page, form, files=parts)

    def choose(self, page=None, stamp=None, only=None):
        """From the desk to the approval page, with every document (or these ids)."""
        page = page or self.page()
        form = next(f for f in page.forms if "documents" in f.choices)
        fields = {"documents": only or form.choices["documents"]}
        if stamp:
            fields.update({"stamp": "visible", **stamp})
        elif "stamp" in form.choices:
            fields["stamp"] = "none"
        return self.browser.submit(page, form, fields)

    def approve(self, page):
        """From the approval page through the idp's proof of presence; gives the first page after it."""
        form = next(f for f in page.forms if f.action.endswith("/confirm"))
        page = self.browser.submit(page, form)
        return self.browser.log_in(page, self.official)

    def finished(self, page, seconds=60):
        """Waits as the page asks, until it no longer refreshes itself."""
        deadline = time.monotonic() + seconds
        while page.refresh:
            assert time.monotonic() < deadline, f"the batch does not end: {page}"
            time.sleep(0.2)
            page = self.browser.get(page.url)
        return page

    def results(self, page):
        """The signed files of a finished batch, by name, as its archive holds them."""
        link = next(link for link in page.links if link.endswith(".zip"))
        answer = self.browser.session.get(urllib.parse.urljoin(page.url, link), timeout=60)
        assert answer.status_code == 200
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            assert archive.testzip() is None
            return {name: archive.read(name) for name in archive.namelist()}

    def sign(self, files, stamp=None):
        """The whole way for these files; the signed ones in their order of upload."""
        page = self.finished(self.approve(self.choose(self.upload(files), stamp=stamp)))
        return {name: content for name, content in self.results(page).items() if name.endswith(".pdf")}

    def clear(self):
        """Takes everything off the desk, so that a test begins with its own."""
        for _ in range(50):
            page = self.page()
            target = next(((form, button) for form in page.forms for button in form.buttons
                           if button.get("formaction", form.action).endswith("/remove")), None)
            if target is None:
                return
            self.browser.submit(page, target[0], button=target[1])


def signed_name(files, name):
    """The entry for an uploaded file: services put a mark into the name."""
    stem = name.removesuffix(".pdf")
    return next(content for entry, content in files.items() if stem in entry)
