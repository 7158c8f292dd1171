"""A browser without JavaScript: follows redirects, keeps cookies, fills forms by their fields' names."""

import base64
import hashlib
import hmac
import html.parser
import os
import pathlib
import struct
import time
import urllib.parse

import requests


class Form:
    def __init__(self, attributes):
        self.action = attributes.get("action", "")
        self.method = attributes.get("method", "get").lower()
        self.multipart = attributes.get("enctype", "") == "multipart/form-data"
        self.fields = {}
        self.types = {}
        self.choices = {}
        self.buttons = []

    def __repr__(self):
        return f"<form {self.method} {self.action} {sorted(self.fields)} {[b.get('value') for b in self.buttons]}>"


class _Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.forms, self.links, self.ids = [], [], []
        self.title, self.lang, self.text, self.refresh = "", None, [], None
        self._form = self._select = self._inside = None
        self._hidden = 0

    def handle_starttag(self, tag, attrs):
        a = {k: (v if v is not None else "") for k, v in attrs}
        if "id" in a:
            self.ids.append(a["id"])
        if tag == "html":
            self.lang = a.get("lang")
        elif tag == "meta" and a.get("http-equiv", "").lower() == "refresh":
            self.refresh = a.get("content")
        elif tag == "form":
            self._form = Form(a)
            self.forms.append(self._form)
        elif tag == "a" and "href" in a:
            self.links.append(a["href"])
        elif tag in ("title", "script", "style"):
            self._inside = tag
        form = self._form
        if form is None:
            return
        name = a.get("name")
        if tag == "input" and a.get("type") in ("submit", "image"):
            form.buttons.append(a)
        elif tag == "input" and name and "disabled" not in a:
            kind = a.get("type", "text")
            form.types[name] = kind
            if kind in ("radio", "checkbox"):
                form.choices.setdefault(name, []).append(a.get("value", "on"))
                if "checked" in a:
                    if kind == "checkbox":
                        form.fields.setdefault(name, [])
                        form.fields[name].append(a.get("value", "on"))
                    else:
                        form.fields[name] = a.get("value", "on")
            else:
                form.fields[name] = a.get("value", "")
        elif tag == "textarea" and name:
            form.fields[name] = ""
        elif tag == "select" and name:
            self._select = name
        elif tag == "option" and self._select:
            form.choices.setdefault(self._select, []).append(a.get("value", ""))
            if "selected" in a or self._select not in form.fields:
                form.fields[self._select] = a.get("value", "")
        elif tag == "button" and a.get("type", "submit") == "submit":
            form.buttons.append(a)

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == self._inside:
            self._inside = None

    def handle_data(self, data):
        if self._inside == "title":
            self.title += data
        elif self._inside is None and data.strip():
            self.text.append(data.strip())


class Page:
    """A response, read as a page."""

    def __init__(self, response, went_to=None):
        self.response, self.status, self.url = response, response.status_code, response.url
        self.went_to = went_to  # where a redirect left the services, not fetched
        reader = _Reader()
        if "html" in response.headers.get("content-type", ""):
            reader.feed(response.text)
        self.title, self.lang, self.forms, self.links = reader.title.strip(), reader.lang, reader.forms, reader.links
        self.refresh, self.ids, self.text = reader.refresh, reader.ids, " ".join(reader.text)

    def form(self, *names):
        """The form that has all of these fields (a button's name counts)."""
        for form in self.forms:
            have = set(form.fields) | set(form.types) | set(form.choices) | {b.get("name") for b in form.buttons}
            if set(names) <= have:
                return form
        return None

    def __repr__(self):
        return f"<Page {self.status} {self.url} {self.title!r} {self.forms} {self.text[:400]!r}>"


class Browser:
    def __init__(self, stops=("http://localhost:9000",), verify=True, language="es"):
        self.session = requests.Session()
        self.session.trust_env = False  # neither a proxy nor other roots than those given
        self.session.verify = verify
        self.session.headers["accept-language"] = language
        self.session.headers["user-agent"] = "Aval-tests (no JavaScript)"
        self.stops = stops

    def get(self, url, **kw):
        return self._go("GET", url, **kw)

    def _go(self, method, url, **kw):
        for _ in range(20):
            if url.startswith(tuple(self.stops)):
                return Page(response, went_to=url)
            response = self.session.request(method, url, allow_redirects=False, timeout=60, **kw)
            if response.status_code not in (301, 302, 303, 307, 308):
                return Page(response)
            url = urllib.parse.urljoin(url, response.headers["location"])
            if response.status_code in (301, 302, 303):
                method, kw = "GET", {}
        raise AssertionError(f"twenty redirects, now at {url}")

    def submit(self, page, form, fields=None, button=None, files=None):
        """Sends a form as a browser does: its own values, those given, one button."""
        assert form is not None, f"the form is not on {page}"
        values = dict(form.fields)
        values.update(fields or {})
        chosen = None
        if isinstance(button, dict):
            chosen = button
        elif button is not None:
            chosen = next(b for b in form.buttons if b.get("value") == button or b.get("name") == button)
        elif form.buttons:
            chosen = next((b for b in form.buttons if "formaction" not in b), form.buttons[0])
        target = form.action
        if chosen:
            if chosen.get("name"):
                values[chosen["name"]] = chosen.get("value", "")
            target = chosen.get("formaction", target)
        url = urllib.parse.urljoin(page.url, target) if target else page.url
        origin = "{0.scheme}://{0.netloc}".format(urllib.parse.urlsplit(page.url))
        same = url.startswith(origin + "/")
        headers = {"origin": origin, "referer": page.url, "sec-fetch-site": "same-origin" if same else "cross-site",
                   "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
        if form.method == "get":
            return self._go("GET", url, params=values, headers=headers)
        for name, kind in form.types.items():
            if kind == "file":
                values.pop(name, None)
        if form.multipart:
            parts = [(k, (None, v)) for k, vs in values.items() for v in (vs if isinstance(vs, list) else [vs])]
            parts += files or []
            return self._go("POST", url, files=parts, headers=headers)
        return self._go("POST", url, data=values, headers=headers)

    def log_in(self, page, person, decision="allow"):
        """Answers whatever the idp asks until it sends the browser away. Returns where it ended."""
        for _ in range(10):
            if page.went_to:
                return page
            if form := page.form("national_id", "password"):
                fields = {"national_id": person["national_id"], "password": person["password"]}
                page = self.submit(page, form, fields)
            elif form := page.form("code"):
                page = self.submit(page, form, {"code": next_code(person)})
            elif form := page.form("decision"):
                page = self.submit(page, form, {}, button=decision)
            else:
                return page
        raise AssertionError(f"ten pages and still asked: {page}")


def totp(secret, step):
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 0xF
    return f"{(struct.unpack('>I', digest[offset:offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def next_code(person):
    """A code that nobody used before: each is good once, so the next step is taken, or waited for.

    Steps are taken by creating a file, which only one can: the browser stories take theirs in the same folder.
    """
    taken = pathlib.Path(os.environ.get("AVAL_STACK", "/tmp/stack.json")).parent / "codes-used-by-tests"
    taken.mkdir(exist_ok=True)
    mine = person["totp_secret"][:16]
    while True:
        now = int(time.time()) // 30
        last = max((int(path.suffix[1:]) for path in taken.glob(f"{mine}.*")), default=0)
        step = max(now, last + 1)
        if step <= now + 1:
            try:
                (taken / f"{mine}.{step}").touch(exist_ok=False)
                return totp(person["totp_secret"], step)
            except FileExistsError:
                continue
        time.sleep(0.5)
