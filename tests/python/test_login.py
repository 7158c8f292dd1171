"""A citizen logs into an agency without JavaScript; every wrong turn is explained."""

import json
import time

import pytest
import requests

from aval import oidc
from aval.browser import Browser, next_code, totp
from conftest import slow


@pytest.fixture(scope="module")
def tokens(stack, citizen):
    """One whole login of the external client; the tests below look at what came out."""
    browser = Browser()
    code, verifier = oidc.code_for(stack, browser, citizen, stack.external, scope="openid profile email national_id")
    answer = oidc.redeem(stack, stack.external, code, verifier)
    assert answer.status_code == 200, answer.text
    return {"browser": browser, "code": code, "verifier": verifier, **answer.json()}


def claims(token):
    import base64
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_the_id_token_says_two_factors(tokens):
    told = claims(tokens["id_token"])
    assert told["acr"] == "urn:aval:aal2"
    assert {"pwd", "otp", "mfa"} <= set(told["amr"])


def test_userinfo_gives_the_claims_of_the_scopes(stack, citizen, tokens):
    endpoint = oidc.discovery(stack)["userinfo_endpoint"]
    told = requests.get(endpoint, headers={"authorization": f"Bearer {tokens['access_token']}"}, timeout=10).json()
    assert told["sub"] == claims(tokens["id_token"])["sub"]
    assert (told["given_name"], told["family_name"], told["email"]) == tuple(citizen[k] for k in ("given_name", "family_name", "email"))
    assert (told["national_id"], told["national_id_scheme"]) == (citizen["national_id"], "CL-RUN")


def test_userinfo_answers_post_too(stack, tokens):
    endpoint = oidc.discovery(stack)["userinfo_endpoint"]
    answer = requests.post(endpoint, headers={"authorization": f"Bearer {tokens['access_token']}"}, timeout=10)
    assert answer.status_code == 200 and answer.json()["sub"]


def test_a_second_authorization_of_a_live_session_asks_nothing(stack, tokens):
    parameters, _ = oidc.request(stack.external, prompt="none")
    assert "code" in oidc.answer(tokens["browser"].get(oidc.authorize_url(stack, parameters)))


def test_prompt_none_without_a_session_is_login_required(stack):
    parameters, _ = oidc.request(stack.external, prompt="none")
    assert oidc.answer(Browser().get(oidc.authorize_url(stack, parameters)))["error"] == "login_required"


def test_max_age_zero_asks_a_live_session_for_presence_only(stack, citizen, tokens):
    time.sleep(1.1)  # auth_time counts whole seconds
    parameters, verifier = oidc.request(stack.external, max_age="0")
    page = tokens["browser"].get(oidc.authorize_url(stack, parameters))
    assert page.form("code") and not page.form("password"), page
    back = oidc.answer(tokens["browser"].log_in(page, citizen))
    told = claims(oidc.redeem(stack, stack.external, back["code"], verifier).json()["id_token"])
    assert told["auth_time"] > claims(tokens["id_token"])["auth_time"]


def test_two_agencies_know_one_citizen_by_two_names(stack, citizen, tokens):
    other = stack.new_client(client_uri="https://otra.example", redirect_uris=["https://otra.example/callback"],
                             post_logout_redirect_uris=[])
    tokens["browser"].stops = ("http://localhost:9000", "https://otra.example")
    code, verifier = oidc.code_for(stack, tokens["browser"], citizen, other)
    told = claims(oidc.redeem(stack, other, code, verifier).json()["id_token"])
    assert told["sub"] != claims(tokens["id_token"])["sub"]
    assert told["aud"] in (other["client_id"], [other["client_id"]])


def test_a_used_code_is_refused_and_kills_its_tokens(stack, citizen):
    browser = Browser()
    person = stack.new_citizen()
    code, verifier = oidc.code_for(stack, browser, person, stack.external)
    first = oidc.redeem(stack, stack.external, code, verifier).json()
    again = oidc.redeem(stack, stack.external, code, verifier)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    endpoint = oidc.discovery(stack)["userinfo_endpoint"]
    answer = requests.get(endpoint, headers={"authorization": f"Bearer {first['access_token']}"}, timeout=10)
    assert answer.status_code == 401


def test_a_wrong_verifier_is_refused(stack, tokens):
    parameters, verifier = oidc.request(stack.external)
    code = oidc.answer(tokens["browser"].get(oidc.authorize_url(stack, parameters)))["code"]
    answer = oidc.redeem(stack, stack.external, code, verifier[::-1])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_wrong_secret_is_refused(stack, tokens):
    parameters, verifier = oidc.request(stack.external)
    code = oidc.answer(tokens["browser"].get(oidc.authorize_url(stack, parameters)))["code"]
    answer = oidc.redeem(stack, {**stack.external, "client_secret": "wrong"}, code, verifier)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_code_of_another_client_is_refused(stack, tokens):
    other = stack.new_client()
    parameters, verifier = oidc.request(stack.external)
    code = oidc.answer(tokens["browser"].get(oidc.authorize_url(stack, parameters)))["code"]
    answer = oidc.redeem(stack, other, code, verifier)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_denied_consent_goes_back_as_access_denied(stack):
    person = stack.new_citizen()
    parameters, _ = oidc.request(stack.new_client())
    browser = Browser()
    page = browser.log_in(browser.get(oidc.authorize_url(stack, parameters)), person, decision="deny")
    assert oidc.answer(page)["error"] == "access_denied"


def test_a_wrong_password_is_explained_and_keeps_the_number(stack, citizen):
    parameters, _ = oidc.request(stack.external)
    browser = Browser()
    page = browser.get(oidc.authorize_url(stack, parameters))
    person = stack.new_citizen()
    page = browser.submit(page, page.form("password"), {"national_id": person["national_id"], "password": "no es esta frase"})
    form = page.form("national_id", "password")
    assert form and page.title.lower().startswith("error"), page
    assert form.fields["national_id"].replace(".", "") == person["national_id"]
    assert not form.fields["password"]


def test_an_unknown_person_reads_the_same_as_a_wrong_password(stack):
    from aval.stack import fresh_run
    texts = []
    for national_id in (stack.new_citizen()["national_id"], fresh_run()):
        parameters, _ = oidc.request(stack.external)
        browser = Browser()
        page = browser.get(oidc.authorize_url(stack, parameters))
        page = browser.submit(page, page.form("password"), {"national_id": national_id, "password": "no es esta frase"})
        texts.append((page.status, page.title, page.text.replace(national_id, "")))
    assert texts[0] == texts[1]


def test_a_wrong_check_digit_is_explained_without_the_right_one(stack):
    parameters, _ = oidc.request(stack.external)
    browser = Browser()
    page = browser.get(oidc.authorize_url(stack, parameters))
    page = browser.submit(page, page.form("password"), {"national_id": "11.111.111-2", "password": "x" * 20})
    assert page.form("national_id", "password") and page.title.lower().startswith("error"), page
    assert "11111111-1" not in page.response.text and "11.111.111-1" not in page.response.text


@pytest.mark.parametrize("typed", ["{body}{digit}", "{dotted}-{digit}", " {body}-{lower} ", "{body}–{digit}"])
def test_a_national_id_is_accepted_as_people_type_it(stack, typed):
    person = stack.new_citizen()
    body, digit = person["national_id"].split("-")
    dotted = f"{int(body):,}".replace(",", ".")
    parameters, _ = oidc.request(stack.external)
    browser = Browser()
    page = browser.get(oidc.authorize_url(stack, parameters))
    written = typed.format(body=body, digit=digit, dotted=dotted, lower=digit.lower())
    page = browser.submit(page, page.form("password"), {"national_id": written, "password": person["password"]})
    assert page.form("code"), page


def test_a_wrong_code_is_explained_and_asked_again(stack):
    person = stack.new_citizen()
    parameters, _ = oidc.request(stack.external)
    browser = Browser()
    page = browser.get(oidc.authorize_url(stack, parameters))
    page = browser.submit(page, page.form("password"), {"national_id": person["national_id"], "password": person["password"]})
    page = browser.submit(page, page.form("code"), {"code": totp(person["totp_secret"], 12345)})
    assert page.form("code") and page.title.lower().startswith("error"), page
    assert browser.log_in(page, person).went_to


def test_a_totp_code_is_good_once(stack):
    person, code = stack.new_citizen(), None
    ends = []
    for _ in range(2):
        browser = Browser()
        parameters, _ = oidc.request(stack.external)
        page = browser.get(oidc.authorize_url(stack, parameters))
        page = browser.submit(page, page.form("password"), {"national_id": person["national_id"], "password": person["password"]})
        code = code or next_code(person)
        ends.append(browser.submit(page, page.form("code"), {"code": code}))
    assert not ends[0].form("code") and ends[1].form("code"), ends


def test_a_page_left_open_and_sent_twice_harms_nothing(stack):
    person = stack.new_citizen()
    parameters, _ = oidc.request(stack.external)
    browser = Browser()
    first = browser.get(oidc.authorize_url(stack, parameters))
    fields = {"national_id": person["national_id"], "password": person["password"]}
    second = browser.submit(first, first.form("password"), fields)
    back = browser.submit(first, first.form("password"), fields)
    assert second.form("code") and back.status < 500, back
    assert browser.log_in(back if back.forms else second, person).went_to


def test_logout_ends_the_session_and_comes_back(stack):
    person, browser = stack.new_citizen(), Browser()
    code, verifier = oidc.code_for(stack, browser, person, stack.external)
    token = oidc.redeem(stack, stack.external, code, verifier).json()["id_token"]
    import urllib.parse
    query = urllib.parse.urlencode({"id_token_hint": token, "post_logout_redirect_uri": "http://localhost:9000/", "state": "s1"})
    page = browser.get(f"{oidc.discovery(stack)['end_session_endpoint']}?{query}")
    if not page.went_to:
        page = browser.submit(page, page.forms[-1])
    assert page.went_to == "http://localhost:9000/?state=s1"
    parameters, _ = oidc.request(stack.external, prompt="none")
    assert oidc.answer(browser.get(oidc.authorize_url(stack, parameters)))["error"] == "login_required"


@slow
def test_refresh_rotates_and_a_stolen_old_token_kills_the_family(stack):
    person, browser = stack.new_citizen(), Browser()
    code, verifier = oidc.code_for(stack, browser, person, stack.external, scope="openid offline_access", prompt="consent")
    tokens = oidc.redeem(stack, stack.external, code, verifier).json()
    assert "refresh_token" in tokens, tokens.keys()
    endpoint, auth = oidc.discovery(stack)["token_endpoint"], (stack.external["client_id"], stack.external["client_secret"])
    refresh = lambda token: requests.post(endpoint, data={"grant_type": "refresh_token", "refresh_token": token}, auth=auth, timeout=10)
    chain = [tokens["refresh_token"]]
    for _ in range(3):
        answer = refresh(chain[-1])
        assert answer.status_code == 200, answer.text
        chain.append(answer.json()["refresh_token"])
        time.sleep(0.1)
    assert len(set(chain)) == len(chain)
    assert refresh(chain[0]).json()["error"] == "invalid_grant"
    assert refresh(chain[-1]).json()["error"] == "invalid_grant"


def test_the_demo_agency_greets_the_citizen(stack):
    person = stack.new_citizen()
    browser = Browser(stops=())
    page = browser.get(f"{stack.agency}/login?return_to=/mi-sitio")
    page = browser.log_in(page, person)
    assert page.url == f"{stack.agency}/mi-sitio" and person["family_name"] in page.text, page
    assert person["national_id"] in page.response.text.replace(".", "")


def test_the_demo_agency_explains_a_callback_nobody_asked_for(stack):
    page = Browser(stops=()).get(f"{stack.agency}/login/callback?code=x&state=y&iss={stack.issuer}")
    assert 400 <= page.status < 500 and page.title, page
