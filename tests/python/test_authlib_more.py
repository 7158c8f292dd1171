"""What else Authlib does, one feature for each test: clients with keys, tokens without a citizen, introspection."""

import uuid

from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import ClientSecretJWT, PrivateKeyJWT
from joserfc.jwk import RSAKey
import pytest

from aval import oidc
from aval.browser import Browser


@pytest.fixture(scope="module")
def server(stack):
    return oidc.discovery(stack)


def logged_in(stack, session, client):
    parameters, verifier = oidc.request(client)
    browser = Browser()
    back = oidc.answer(browser.log_in(browser.get(oidc.authorize_url(stack, parameters)), stack.new_citizen()))
    return session.fetch_token(oidc.discovery(stack)["token_endpoint"], code=back["code"], redirect_uri=client["redirect_uris"][0], code_verifier=verifier)


def test_authlib_proves_itself_with_a_key(stack, server):
    # Authlib's assertions are by RSA keys only
    key = RSAKey.generate_key(2048, {"kid": uuid.uuid4().hex, "use": "sig", "alg": "PS256"})
    client = stack.new_client(token_endpoint_auth_method="private_key_jwt", token_endpoint_auth_signing_alg="PS256",
                              client_secret=None, jwks={"keys": [key.as_dict(private=False)]})
    session = OAuth2Session(client["client_id"], key.as_pem(private=True), token_endpoint_auth_method="private_key_jwt")
    session.register_client_auth_method(PrivateKeyJWT(server["issuer"], alg="PS256", headers={"kid": key.kid}))
    assert logged_in(stack, session, client)["id_token"]


def test_authlib_proves_itself_with_an_hmac(stack, server):
    client = stack.new_client(token_endpoint_auth_method="client_secret_jwt")
    session = OAuth2Session(client["client_id"], client["client_secret"], token_endpoint_auth_method="client_secret_jwt")
    session.register_client_auth_method(ClientSecretJWT(server["issuer"]))
    assert logged_in(stack, session, client)["id_token"]


def test_authlib_takes_and_gives_back_a_token_without_a_citizen(stack, server):
    client = stack.new_client(grant_types=["client_credentials"], redirect_uris=[], post_logout_redirect_uris=[], scope=None)
    session = OAuth2Session(client["client_id"], client["client_secret"])
    token = session.fetch_token(server["token_endpoint"], grant_type="client_credentials")
    told = session.introspect_token(server["introspection_endpoint"], token["access_token"]).json()
    assert told["active"] is True and told["client_id"] == client["client_id"]
    assert session.revoke_token(server["revocation_endpoint"], token["access_token"]).status_code == 200
    assert session.introspect_token(server["introspection_endpoint"], token["access_token"]).json() == {"active": False}


def test_authlib_refreshes(stack, server):
    client = stack.new_client()
    session = OAuth2Session(client["client_id"], client["client_secret"])
    token = logged_in(stack, session, client)
    again = session.refresh_token(server["token_endpoint"], token["refresh_token"])
    assert again["access_token"] != token["access_token"]
