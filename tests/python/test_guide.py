"""What the agency's guide tells a developer to write works when it is written so."""

import sys

import pytest

from aval import guide
from aval.browser import Browser
from aval.stack import ROOT

PROGRAMS = {"agency.mjs": ["node"], "agency.py": [sys.executable]}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_citizen_logs_in_and_out_of_the_guides_program(stack, name):
    if name.endswith(".mjs") and not (ROOT / "tests" / "node" / "node_modules" / "openid-client").exists():
        pytest.skip("npm packages are not installed (tests/run installs them)")
    with guide.running(stack, name, PROGRAMS[name]) as url:
        person, browser = stack.new_citizen(), Browser(stops=())
        page = browser.log_in(browser.get(f"{url}/"), person)
        assert page.url == f"{url}/", page
        assert "Hola, Prueba Soto Díaz" in page.response.text and person["national_id"] in page.response.text
        again = browser.get(f"{url}/")
        assert again.url == f"{url}/", "the session was not kept"
        out = browser.get(f"{url}/logout")
        assert out.form("national_id", "password"), f"whoever left is asked to log in again: {out}"


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_citizen_who_says_no_gets_a_page(stack, name):
    if name.endswith(".mjs") and not (ROOT / "tests" / "node" / "node_modules" / "openid-client").exists():
        pytest.skip("npm packages are not installed (tests/run installs them)")
    with guide.running(stack, name, PROGRAMS[name]) as url:
        browser = Browser(stops=())
        page = browser.log_in(browser.get(f"{url}/"), stack.new_citizen(), decision="deny")
        assert page.status == 400 and page.url.startswith(f"{url}/callback"), page
        assert "No pudimos completar tu ingreso" in page.response.text


def test_every_stack_of_the_guide_asks_for_the_same(stack):
    """PHP, Java and .NET are not run here: at least they read the same names and ask for the same scopes."""
    text = guide.GUIDE.read_text()
    for title in ("## PHP", "## Java: Spring Boot", "## .NET"):
        section = text.split(title, 1)[1].split("\n## ", 1)[0]
        for word in ("AVAL_ISSUER", "AVAL_CLIENT_ID", "AVAL_CLIENT_SECRET", "openid", "profile", "national_id"):
            assert word in section, f"{title}: {word}"
