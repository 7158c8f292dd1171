"""Once means once: many at a time, one winner."""

import concurrent.futures
import threading

import requests

from aval import oidc
from aval.browser import Browser, next_code


def race(count, act):
    """Runs `act(index)` in as many threads, all let go at the same moment."""
    gate = threading.Barrier(count)

    def run(index):
        gate.wait()
        return act(index)

    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_two_hundred_redemptions_of_one_code_have_one_winner(stack):
    person = stack.new_citizen()
    code, verifier = oidc.code_for(stack, Browser(), person, stack.external)
    endpoint = oidc.discovery(stack)["token_endpoint"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": stack.external["redirect_uris"][0], "code_verifier": verifier}
    auth = (stack.external["client_id"], stack.external["client_secret"])
    answers = race(200, lambda _: requests.post(endpoint, data=form, auth=auth, timeout=60))
    told = sorted((a.status_code, a.json().get("error")) for a in answers)
    assert [t for t in told if t[0] == 200] == [(200, None)], told[:5]
    assert all(t == (400, "invalid_grant") for t in told[1:]), told[-5:]
    winner = next(a for a in answers if a.status_code == 200).json()["access_token"]
    userinfo = requests.get(oidc.discovery(stack)["userinfo_endpoint"], headers={"authorization": f"Bearer {winner}"}, timeout=10)
    assert userinfo.status_code == 401, "the code was replayed, so its family is revoked"


def test_fifty_uses_of_one_totp_code_have_one_winner(stack):
    person = stack.new_citizen()
    waiting = []
    for _ in range(50):
        parameters, _ = oidc.request(stack.external)
        browser = Browser()
        page = browser.get(oidc.authorize_url(stack, parameters))
        fields = {"national_id": person["national_id"], "password": person["password"]}
        waiting.append((browser, browser.submit(page, page.form("password"), fields)))
    waiting = [(browser, page) for browser, page in waiting if page.form("code")]
    assert len(waiting) >= 10, "the throttle left too few to race"
    code = next_code(person)
    ends = race(len(waiting), lambda i: waiting[i][0].submit(waiting[i][1], waiting[i][1].form("code"), {"code": code}))
    assert sum(1 for page in ends if page.form("decision") or page.went_to) == 1
