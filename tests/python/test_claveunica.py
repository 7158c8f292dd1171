"""Three ways in which agencies integrated Clave Única, over HTTP against the running service: only the host changes."""

import os
import re
import urllib.parse

from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet
import pytest
import requests

from aval import oidc
from aval.browser import Browser

CALLBACK = "http://localhost:9000/callback"
GOODBYE = "http://localhost:9000/salir"


@pytest.fixture
def client(stack):
    return stack.new_client(profile="claveunica", scope="openid run name email", post_logout_redirect_uris=[GOODBYE],
                            token_endpoint_auth_method="client_secret_post", grant_types=["authorization_code"])


def person_of(stack):
    return stack.new_citizen(given_name="María Carmen", family_name="Del Río González")


def leave(stack, browser, **parameters):
    return browser.get(f"{stack.issuer}/api/v1/accounts/app/logout?{urllib.parse.urlencode(parameters)}")


def is_signed_in(stack, browser, client):
    page = browser.get(f"{stack.issuer}/openid/authorize?" + urllib.parse.urlencode(
        {"client_id": client["client_id"], "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid", "prompt": "none"}))
    return "code" in oidc.answer(page)


def test_written_by_hand_from_the_manual(stack, client):
    person, browser, state = person_of(stack), Browser(), os.urandom(16).hex()
    url = (f"{stack.issuer}/openid/authorize/?client_id={client['client_id']}&response_type=code&scope=openid run name"
           f"&redirect_uri={urllib.parse.quote(CALLBACK, safe='')}&state={state}")
    back = oidc.answer(browser.log_in(browser.get(url.replace(" ", "%20")), person))
    assert back["state"] == state and re.fullmatch("[0-9a-f]{32}", back["code"])
    body = (f"client_id={client['client_id']}&client_secret={client['client_secret']}&redirect_uri={urllib.parse.quote(CALLBACK, safe='')}"
            f"&grant_type=authorization_code&code={back['code']}&state={state}")
    token = requests.post(f"{stack.issuer}/openid/token/", data=body, timeout=10,
                          headers={"content-type": "application/x-www-form-urlencoded; charset=UTF-8"})
    assert token.status_code == 200, token.text
    told = token.json()
    assert told["token_type"] == "bearer" and re.fullmatch("[0-9a-f]{32}", told["access_token"]) and told["id_token"]
    info = requests.post(f"{stack.issuer}/openid/userinfo/", headers={"authorization": f"Bearer {told['access_token']}"}, timeout=10).json()
    number, digit = person["national_id"].split("-")
    assert info["RolUnico"] == {"numero": int(number), "DV": digit, "tipo": "RUN"}
    assert info["name"] == {"nombres": ["María", "Carmen"], "apellidos": ["Del Río", "González"]}
    assert "email" not in info and info["sub"] != number
    page = leave(stack, browser, redirect=f"{GOODBYE}?fin=1")
    assert page.went_to == f"{GOODBYE}?fin=1"
    assert not is_signed_in(stack, browser, client)


def test_a_socialite_driver(stack, client):
    person, browser, state = person_of(stack), Browser(), os.urandom(20).hex()
    query = {"client_id": client["client_id"], "redirect_uri": CALLBACK, "scope": "openid run name email", "response_type": "code", "state": state}
    back = oidc.answer(browser.log_in(browser.get(f"{stack.issuer}/openid/authorize?{urllib.parse.urlencode(query)}"), person))
    token = requests.post(f"{stack.issuer}/openid/token", timeout=10, headers={"accept": "application/json"}, data={
        "grant_type": "authorization_code", "client_id": client["client_id"], "client_secret": client["client_secret"],
        "code": back["code"], "redirect_uri": CALLBACK}).json()
    # An empty body that calls itself JSON, as some HTTP clients send it.
    user = requests.post(f"{stack.issuer}/openid/userinfo", timeout=10, headers={
        "authorization": f"Bearer {token['access_token']}", "content-type": "application/json"}).json()
    assert f"{user['RolUnico']['numero']}-{user['RolUnico']['DV']}" == person["national_id"]
    assert " ".join(user["name"]["apellidos"]) == person["family_name"] and user["email"] == person["email"]
    page = leave(stack, browser)
    assert page.status == 200 and not page.went_to and page.title, page
    assert not is_signed_in(stack, browser, client)


def test_a_library_that_reads_the_metadata_and_checks_everything(stack, client):
    metadata = requests.get(f"{stack.issuer}/openid/.well-known/openid-configuration", timeout=10).json()
    assert metadata["issuer"] == f"{stack.issuer}/openid"
    session = OAuth2Session(client["client_id"], client["client_secret"], scope="openid run name email", redirect_uri=CALLBACK,
                            token_endpoint_auth_method="client_secret_post", code_challenge_method="S256")
    nonce, verifier = os.urandom(12).hex(), os.urandom(32).hex()
    url, state = session.create_authorization_url(metadata["authorization_endpoint"], nonce=nonce, code_verifier=verifier)
    person, browser = person_of(stack), Browser()
    end = browser.log_in(browser.get(url), person)
    assert oidc.answer(end)["iss"] == metadata["issuer"]
    token = session.fetch_token(metadata["token_endpoint"], authorization_response=end.went_to, code_verifier=verifier, state=state)
    keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=10).json())
    decoded = jwt.decode(token["id_token"], keys, algorithms=["RS256"])
    jwt.JWTClaimsRegistry(iss={"essential": True, "value": metadata["issuer"]}, nonce={"essential": True, "value": nonce},
                          exp={"essential": True}, aud={"essential": True, "value": client["client_id"]}).validate(decoded.claims)
    user = session.get(metadata["userinfo_endpoint"]).json()
    assert user["sub"] == decoded.claims["sub"] and user["name"]["nombres"] == ["María", "Carmen"]
    page = browser.get(f"{metadata['end_session_endpoint']}?" + urllib.parse.urlencode(
        {"id_token_hint": token["id_token"], "post_logout_redirect_uri": GOODBYE}))
    assert page.went_to == GOODBYE


def test_a_wrong_address_and_a_wrong_secret_are_told_apart(stack, client):
    query = {"client_id": client["client_id"], "redirect_uri": "http://localhost:9000/otro", "scope": "openid run", "response_type": "code"}
    page = Browser().get(f"{stack.issuer}/openid/authorize/?{urllib.parse.urlencode(query)}")
    assert page.status == 400 and "dirección" in page.title.lower(), page
    answer = requests.post(f"{stack.issuer}/openid/token/", timeout=10, data={
        "grant_type": "authorization_code", "client_id": client["client_id"], "client_secret": "otro", "code": "0" * 32, "redirect_uri": CALLBACK})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
