"""kill -9 and restart: nothing acknowledged is lost, and nothing half-done counts."""

import os
import signal
import time

import pytest

from aval import oidc, stack as stacks
from aval.browser import Browser
from conftest import slow


@pytest.fixture(scope="module")
def start(stack):
    with stacks.own() as start:
        yield start


def kill(own, service):
    os.kill(own.pid(service), signal.SIGKILL)
    deadline = time.monotonic() + 20
    while os.path.exists(f"/proc/{own.pid('agency')}") and time.monotonic() < deadline:
        time.sleep(0.05)  # `up` notices and stops the others


@slow
def test_idp_killed_between_password_and_code(start):
    own = start()
    person = own.new_citizen()
    parameters, verifier = oidc.request(own.external)
    browser = Browser()
    page = browser.get(oidc.authorize_url(own, parameters))
    page = browser.submit(page, page.form("password"), {"national_id": person["national_id"], "password": person["password"]})
    kill(own, "idp")
    own = start()
    # The password was acknowledged: the same form goes on, or the person is asked again, and no session exists
    end = browser.log_in(page, person)
    if not end.went_to:
        end = browser.log_in(browser.get(oidc.authorize_url(own, parameters)), person)
    assert oidc.redeem(own, own.external, oidc.answer(end)["code"], verifier).status_code == 200


@slow
def test_idp_killed_after_the_code_was_given(start):
    own = start()
    person = own.new_citizen()
    browser = Browser()
    code, verifier = oidc.code_for(own, browser, person, own.external)
    kill(own, "idp")
    own = start()
    assert oidc.redeem(own, own.external, code, verifier).status_code == 200
    assert oidc.redeem(own, own.external, code, verifier).json()["error"] == "invalid_grant"


@slow
def test_idp_killed_right_after_a_redemption_still_knows_it(start):
    own = start()
    person = own.new_citizen()
    browser = Browser()
    code, verifier = oidc.code_for(own, browser, person, own.external)
    assert oidc.redeem(own, own.external, code, verifier).status_code == 200
    kill(own, "idp")
    own = start()
    assert oidc.redeem(own, own.external, code, verifier).json()["error"] == "invalid_grant"
    parameters, _ = oidc.request(own.external, prompt="none")
    assert "code" in oidc.answer(browser.get(oidc.authorize_url(own, parameters))), "the session was lost"


@slow
def test_a_second_start_keeps_people_and_keys(start):
    first = start()
    keys = first.data["citizens"], first.data["clients"], open(first.root).read()
    again = start()
    assert (again.data["citizens"], again.data["clients"], open(again.root).read()) == keys


@slow
def test_the_stack_speaks_https(stack):
    with stacks.own(extra=["--tls"]) as start_tls:
        own = start_tls()
        assert own.issuer.startswith("https://")
        browser = Browser(verify=own.root)
        import requests
        person = own.new_citizen()
        document = requests.get(f"{own.issuer}/.well-known/openid-configuration", verify=own.root, timeout=10).json()
        parameters, _ = oidc.request(own.external)
        import urllib.parse
        page = browser.get(f"{document['authorization_endpoint']}?{urllib.parse.urlencode(parameters)}")
        end = browser.log_in(page, person)
        assert "code" in oidc.answer(end)
        for cookie in browser.session.cookies:
            assert cookie.name.startswith("__Host-") and cookie.secure, cookie.name
        agency = Browser(stops=(), verify=own.root)
        page = agency.log_in(agency.get(f"{own.agency}/login"), own.citizens[1])
        assert own.citizens[1]["family_name"] in page.text, page
