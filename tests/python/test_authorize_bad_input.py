"""Bad authorization requests: never a redirect to a stranger, never a bare error."""

import pytest
import requests

from aval import oidc
from aval.browser import Browser

STRANGERS = [
    "http://localhost:9000/callback/", "http://localhost:9000/callback?x=1", "http://localhost:9000/callback#x",
    "http://localhost:9000/Callback", "http://localhost:9000/callback/../evil", "http://localhost:9000/callback%2f",
    "http://localhost:9000/callback\\@evil.example", "http://localhost:9000@evil.example/callback",
    "http://evil.example/callback", "https://localhost:9000/callback", "http://localhost.evil.example:9000/callback",
    "http://LOCALHOST:9000/callback", "http://127.0.0.1:9000/callback", "http://localhost:9001/callback", "//localhost:9000/callback",
    "javascript:alert(1)", "data:text/html,x", "http://localhost:9000/callback\r\nX: y", "http://localhost:9000/callback\x00",
    " http://localhost:9000/callback", "http://localhost:9000/callback ", "/callback", "", "http://localhost:9000/call\u200bback",
]


@pytest.mark.parametrize("redirect", STRANGERS, ids=range(len(STRANGERS)))
def test_only_the_registered_redirect_is_followed(stack, redirect):
    parameters, _ = oidc.request(stack.external, redirect_uri=redirect)
    answer = requests.get(oidc.authorize_url(stack, parameters), allow_redirects=False, timeout=10)
    assert answer.status_code == 400 and "location" not in answer.headers
    assert "text/html" in answer.headers["content-type"]


def test_an_unknown_client_gets_a_page(stack):
    parameters, _ = oidc.request({**stack.external, "client_id": "nadie"})
    page = Browser().get(oidc.authorize_url(stack, parameters))
    assert page.status == 400 and page.title and not page.went_to


def test_a_missing_redirect_gets_a_page(stack):
    parameters, _ = oidc.request(stack.external, redirect_uri=None)
    page = Browser().get(oidc.authorize_url(stack, parameters))
    assert page.status == 400 and page.title and not page.went_to


@pytest.mark.parametrize(("changes", "error"), [
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": None}, "invalid_request"),
    ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge": "corto"}, "invalid_request"),
    ({"prompt": "none login"}, "invalid_request"),
    ({"max_age": "-1"}, "invalid_request"),
    ({"max_age": "soon"}, "invalid_request"),
    ({"scope": "profile"}, "invalid_scope"),
    ({"request": "x.y.z"}, "invalid_request_object"),
    ({"request_uri": "http://x"}, "invalid_request_uri"),
    ({"response_mode": "telepathy"}, "invalid_request"),
], ids=lambda value: value if isinstance(value, str) else "-".join(value))
def test_a_bad_parameter_goes_back_to_the_client(stack, changes, error):
    parameters, _ = oidc.request(stack.external, **changes)
    back = oidc.answer(Browser().get(oidc.authorize_url(stack, parameters)))
    assert (back["error"], back.get("state"), back.get("iss")) == (error, parameters["state"], stack.issuer)


def test_a_parameter_given_twice_is_refused(stack):
    parameters, _ = oidc.request(stack.external)
    page = Browser().get(oidc.authorize_url(stack, parameters) + "&state=other")
    told = oidc.answer(page)["error"] if page.went_to else page.status
    assert told in ("invalid_request", 400)


@pytest.mark.parametrize("path", ["/no-hay", "/.env", "/login/../../etc/passwd", "/%00", "/%ff%fe", "/static/../Cargo.toml"])
@pytest.mark.parametrize("service", ["issuer", "signer", "agency"])
def test_an_unknown_address_gets_a_page_and_its_headers(stack, service, path):
    answer = requests.get(getattr(stack, service) + path, timeout=10)
    assert 400 <= answer.status_code < 500
    assert "default-src 'none'" in answer.headers.get("content-security-policy", "")


@pytest.mark.parametrize("service", ["issuer", "signer", "agency"])
def test_every_page_carries_the_security_headers(stack, service):
    answer = requests.get(getattr(stack, service) + "/", timeout=10)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] in ("no-referrer", "same-origin", "strict-origin", "origin")


@pytest.mark.parametrize("body", [b"", b"grant_type=authorization_code", b"\xff\xfe", b"a=" + b"x" * 2_000_000, b"grant_type=password&username=a&password=b"])
def test_a_bad_token_request_gets_a_json_error(stack, body):
    answer = requests.post(oidc.discovery(stack)["token_endpoint"], data=body, timeout=20,
                           headers={"content-type": "application/x-www-form-urlencoded"},
                           auth=(stack.external["client_id"], stack.external["client_secret"]))
    assert 400 <= answer.status_code < 500
    assert answer.json()["error"]
    assert "no-store" in answer.headers["cache-control"]


@pytest.mark.parametrize("token", ["", "x", "Bearer", "a" * 10_000, "é"])
def test_a_bad_access_token_is_refused(stack, token):
    endpoint = oidc.discovery(stack)["userinfo_endpoint"]
    answer = requests.get(endpoint, headers={"authorization": f"Bearer {token}".encode()}, timeout=10)
    assert answer.status_code in (400, 401) and "www-authenticate" in answer.headers


def test_an_issuer_on_http_beyond_loopback_is_refused_at_start(stack, tmp_path):
    import subprocess
    text = (stack.state / "idp" / "idp.toml").read_text().replace(stack.issuer, "http://login.example.cl")
    config = tmp_path / "idp.toml"
    config.write_text(text)
    done = subprocess.run([stack.bin / "idp", "--config", config, "serve"], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode != 0 and "https" in done.stderr.lower()


def test_the_language_follows_the_browser_and_the_switch(stack):
    assert Browser(language="es-CL,es").get(stack.agency).lang.startswith("es")
    assert Browser(language="en-GB,en").get(stack.agency).lang.startswith("en")
    parameters, _ = oidc.request(stack.external)
    browser = Browser(language="es")
    page = browser.get(oidc.authorize_url(stack, parameters))
    assert page.lang.startswith("es")
    switch = next(link for link in page.links if "lang=en" in link)
    import urllib.parse
    page = browser.get(urllib.parse.urljoin(page.url, switch))
    assert page.lang.startswith("en") and page.form("national_id", "password"), page
