"""Just enough of a relying party to break one thing at a time."""

import base64
import hashlib
import os
import urllib.parse

import requests


def discovery(stack):
    return requests.get(f"{stack.issuer}/.well-known/openid-configuration", timeout=10).json()


def request(client, **changes):
    """A good authorization request and its verifier; `None` removes a parameter."""
    verifier = base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    parameters = {"response_type": "code", "client_id": client["client_id"], "redirect_uri": client["redirect_uris"][0],
                  "scope": "openid profile email national_id", "state": os.urandom(8).hex(), "nonce": os.urandom(8).hex(),
                  "code_challenge": challenge, "code_challenge_method": "S256"}
    parameters.update(changes)
    return {k: v for k, v in parameters.items() if v is not None}, verifier


def authorize_url(stack, parameters):
    return f"{discovery(stack)['authorization_endpoint']}?{urllib.parse.urlencode(parameters)}"


def answer(page):
    """The parameters that the idp sent to the client's redirect address."""
    assert page.went_to, f"the idp sent nobody back: {page}"
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(page.went_to).query))


def code_for(stack, browser, person, client, **changes):
    """Logs a person in; gives the code and the verifier."""
    parameters, verifier = request(client, **changes)
    back = answer(browser.log_in(browser.get(authorize_url(stack, parameters)), person))
    assert "code" in back, back
    assert back["state"] == parameters["state"] and back["iss"] == stack.issuer
    return back["code"], verifier


def redeem(stack, client, code, verifier, **changes):
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": client["redirect_uris"][0],
            "code_verifier": verifier, **changes}
    endpoint = discovery(stack)["token_endpoint"]
    return requests.post(endpoint, data=form, auth=(client["client_id"], client["client_secret"]), timeout=30)
