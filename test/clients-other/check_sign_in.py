"""Debian's MSAL signs a user in to a web application by code, on the pages of a small browser without scripts, under `batten run`."""
import html
import os
import re
from urllib.parse import parse_qsl, urljoin, urlsplit

import msal
import requests

HOST = "https://login.microsoftonline.com"
GRAPH = "https://graph.microsoft.com"
BATCH = "https://batch.core.windows.net//user_impersonation"
TENANT = os.environ["AZURE_TENANT_ID"]
BACK = "http://localhost:5555/back"


class Person:
    """Signs in, agrees to what is asked and does not stay signed in; `answer` is what the application gets."""

    def __init__(self, page):
        self.session = requests.Session()
        self.asked = []
        self.answer = None
        self.go("GET", page)
        fields = [("loginfmt", os.environ["BATTEN_USERNAME"]), ("passwd", os.environ["BATTEN_PASSWORD"])]
        for name, value in [*fields, ("consent", "accept"), ("stay", "0")]:
            if self.answer is None and f'name="{name}"' in self.shown.text:
                self.submit(**{name: value})

    def submit(self, **fields):
        action = re.search(r'<form method="post"[^>]* ?action="([^"]*)"', self.shown.text).group(1)
        hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', self.shown.text)
        form = {name: html.unescape(value) for name, value in hidden}
        self.go("POST", urljoin(self.shown.url, html.unescape(action)), {**form, **fields})

    def go(self, method, address, form=None):
        self.shown = self.session.request(method, address, data=form, allow_redirects=False)
        self.asked += re.findall(r"\(([\w.]+)\)", self.shown.text)
        target = urljoin(address, self.shown.headers.get("Location", ""))
        if target.startswith(BACK):
            self.answer = dict(parse_qsl(urlsplit(target).query))
        elif target != address:
            self.go("GET", target)


def graph(method, path, body=None):
    """Graph as the ready service principal."""
    owner = msal.ConfidentialClientApplication(
        os.environ["AZURE_CLIENT_ID"], client_credential=os.environ["AZURE_CLIENT_SECRET"], authority=f"{HOST}/{TENANT}"
    )
    token = owner.acquire_token_for_client([f"{GRAPH}/.default"])["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.request(method, f"{GRAPH}/v1.0/{path}", json=body, headers=headers)
    assert answer.ok, answer.text
    return answer.json() if answer.text else None


def open_web():
    """Registers a web application; gives MSAL for it, which asks for consent to Graph beside Batch."""
    made = graph("POST", "applications", {"displayName": "web", "web": {"redirectUris": [BACK]}})
    graph("POST", "servicePrincipals", {"appId": made["appId"]})
    secret = graph("POST", f"applications/{made['id']}/addPassword", {})["secretText"]
    return msal.ConfidentialClientApplication(made["appId"], client_credential=secret, authority=f"{HOST}/{TENANT}")


def begin(app, redirect_uri=BACK, **more):
    return app.initiate_auth_code_flow([BATCH, f"{GRAPH}/User.Read"], redirect_uri=redirect_uri, **more)


def redeem(app, flow, answer, **change):
    return app.acquire_token_by_auth_code_flow({**flow, **change}, answer, scopes=[BATCH])


def main():
    app = open_web()
    asked = begin(app, prompt="none")
    refused = app.acquire_token_by_auth_code_flow(asked, Person(asked["auth_uri"]).answer)
    assert refused["error"] == "login_required", refused
    wrong = Person(begin(app, redirect_uri="http://localhost:5555/other")["auth_uri"])
    assert wrong.answer is None and "AADSTS50011" in wrong.shown.text, wrong.shown.text
    flow = begin(app)
    person = Person(flow["auth_uri"])
    assert {"user_impersonation", "User.Read"} <= set(person.asked), person.asked
    refused = redeem(app, flow, person.answer, code_verifier="v" * 43)
    assert refused["error"] == "invalid_grant" and "AADSTS501481" in refused["error_description"], refused
    result = redeem(app, flow, person.answer)
    assert result.get("access_token"), result
    assert result["id_token_claims"]["preferred_username"] == os.environ["BATTEN_USERNAME"], result
    again = redeem(app, flow, person.answer)
    assert again["error"] == "invalid_grant" and "AADSTS54005" in again["error_description"], again
    print("ok: MSAL redeems a code once, by its verifier; prompt=none and another redirect address are refused")

    flow = begin(app)
    assert redeem(app, flow, Person(flow["auth_uri"]).answer).get("access_token")
    account = app.get_accounts()[0]
    other = app.acquire_token_silent([f"{GRAPH}/User.Read"], account)
    assert other and other["access_token"], other
    missing = app.acquire_token_silent_with_error([f"{GRAPH}/Application.Read.All"], account)
    assert missing["suberror"] == "consent_required" and "AADSTS65001" in missing["error_description"], missing
    graph("POST", f"users/{os.environ['BATTEN_USERNAME']}/revokeSignInSessions")
    revoked = app.acquire_token_silent_with_error([BATCH], account, force_refresh=True)
    assert revoked["suberror"] == "bad_token" and "AADSTS50173" in revoked["error_description"], revoked
    print("ok: MSAL renews for what was agreed to at once, is refused the rest, and everything once sessions are revoked")


main()
