"""Authlib, another implementation, logs a citizen in from discovery alone."""

import os

from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet
import pytest
import requests

from aval import oidc
from aval.browser import Browser


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "EdDSA"])
def test_authlib_logs_in(stack, method, algorithm):
    client = stack.new_client(token_endpoint_auth_method=method, id_token_signed_response_alg=algorithm)
    server = oidc.discovery(stack)
    session = OAuth2Session(client["client_id"], client["client_secret"], scope="openid profile email national_id",
                            redirect_uri=client["redirect_uris"][0], token_endpoint_auth_method=method, code_challenge_method="S256")
    nonce, verifier = os.urandom(12).hex(), os.urandom(32).hex()
    url, state = session.create_authorization_url(server["authorization_endpoint"], nonce=nonce, code_verifier=verifier)
    person, browser = stack.new_citizen(), Browser()
    end = browser.log_in(browser.get(url), person)
    oidc.answer(end)
    token = session.fetch_token(server["token_endpoint"], authorization_response=end.went_to, code_verifier=verifier, state=state)
    keys = KeySet.import_key_set(requests.get(server["jwks_uri"], timeout=10).json())
    decoded = jwt.decode(token["id_token"], keys, algorithms=[algorithm])
    assert decoded.header["alg"] == algorithm
    rules = jwt.JWTClaimsRegistry(iss={"essential": True, "value": stack.issuer}, nonce={"essential": True, "value": nonce},
                                  exp={"essential": True}, sub={"essential": True})
    rules.validate(decoded.claims)
    told = session.get(server["userinfo_endpoint"]).json()
    assert told["sub"] == decoded.claims["sub"] and told["national_id"] == person["national_id"]
