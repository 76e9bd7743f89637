"""Sign-in by device code with Debian's MSAL, ADAL and az (`az`, or `adfs` beside a Batten); the person is a small browser without scripts."""
import html
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from urllib.parse import urljoin

import adal
import msal
import requests

CLIENT = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
LOGIN = "https://login.microsoftonline.com"
BATCH = "https://batch.core.windows.net/"


class Person:
    """Opens the page that a client names, and fills in its forms."""

    def __init__(self, page):
        self.session = requests.Session()
        self.shown = self.session.get(page)

    def submit(self, **fields):
        action = re.search(r'<form method="post"[^>]* ?action="([^"]*)"', self.shown.text).group(1)
        hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', self.shown.text)
        form = {name: html.unescape(value) for name, value in hidden}
        self.shown = self.session.post(urljoin(self.shown.url, html.unescape(action)), data={**form, **fields})

    def approve(self, code):
        self.submit(otc=code.lower())
        self.submit(connect="1")
        self.submit(loginfmt=os.environ["BATTEN_USERNAME"])
        self.submit(passwd=os.environ["BATTEN_PASSWORD"])
        assert 'id="message"' in self.shown.text, self.shown.text

    def decline(self, code):
        self.submit(otc=code)
        self.submit(connect="0")


def check_msal():
    app = msal.PublicClientApplication(CLIENT, authority=f"{LOGIN}/organizations")
    flow = app.initiate_device_flow([f"{BATCH}/.default"])
    assert flow["user_code"] in flow["message"] and flow["verification_uri"] in flow["message"], flow
    Person(flow["verification_uri"]).approve(flow["user_code"])
    result = app.acquire_token_by_device_flow(flow)
    assert result.get("access_token"), result
    account = app.get_accounts()[0]
    assert account["username"] == os.environ["BATTEN_USERNAME"], account
    renewed = app.acquire_token_silent(["https://management.core.windows.net//.default"], account)
    assert renewed and renewed["access_token"], renewed
    print("ok: MSAL Python signs a person in by device code, and renews silently")
    declined = app.initiate_device_flow([f"{BATCH}/.default"])
    Person(declined["verification_uri"]).decline(declined["user_code"])
    refused = app.acquire_token_by_device_flow(declined)
    assert refused["error"] == "authorization_declined", refused
    print("ok: MSAL Python is told that the person declined")


def check_adal():
    context = adal.AuthenticationContext(f"{LOGIN}/{os.environ['AZURE_TENANT_ID']}", api_version="1.0")
    code = context.acquire_user_code(BATCH, CLIENT, "nl-NL")
    assert code["message"].startswith("Als u zich wilt aanmelden"), code
    Person(code["verification_url"]).approve(code["user_code"])
    token = context.acquire_token_with_device_code(BATCH, code, CLIENT)
    assert token["resource"] == BATCH and token["refreshToken"], token
    print("ok: ADAL signs a person in by device code at the v1 endpoints")
    spent = dict(code)
    try:
        context.acquire_token_with_device_code(BATCH, spent, CLIENT)
        raise AssertionError("a device code was redeemed twice")
    except adal.AdalError as refused:
        assert "54005" in str(refused.error_response), refused
    print("ok: ADAL is refused the same device code")


def register_cloud(environment):
    url = os.environ["BATTEN_URL"]
    endpoints = {
        "activeDirectory": f"{url}/adfs",
        "activeDirectoryResourceId": "https://management.core.windows.net/",
        "activeDirectoryGraphResourceId": "https://graph.windows.net/",
        "microsoftGraphResourceId": f"{url}/",
        "batchResourceId": BATCH,
        "resourceManager": url,
        "management": "https://management.core.windows.net/",
    }
    config = json.dumps({"endpoints": endpoints, "suffixes": {}})
    subprocess.run(["az", "cloud", "register", "--name", "Batten", "--cloud-config", config], env=environment, check=True)
    subprocess.run(["az", "cloud", "set", "--name", "Batten"], env=environment, check=True)


def check_az(has_own_cloud):
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "AZURE_CONFIG_DIR": folder, "AZURE_CORE_COLLECT_TELEMETRY": "no"}
        if has_own_cloud:
            register_cloud(environment)
        login = subprocess.Popen(
            ["az", "login", "--use-device-code", "--output", "none"],
            env=environment, stderr=subprocess.PIPE, text=True,
        )
        said = []
        for line in login.stderr:
            said.append(line)
            told = re.search(r"open the page (\S+) and enter the code (\S+) to authenticate", line)
            if told:
                break
        else:
            raise AssertionError("".join(said))
        threading.Thread(target=lambda: said.extend(login.stderr), daemon=True).start()
        Person(told.group(1)).approve(told.group(2))
        assert login.wait() == 0, "".join(said)
        shown = subprocess.run(
            ["az", "account", "show", "--query", "user.name", "--output", "tsv"],
            env=environment, capture_output=True, text=True, check=True,
        )
        assert shown.stdout.strip() == os.environ["BATTEN_USERNAME"], shown
    print(f"ok: az login --use-device-code signs a person in{' at the adfs form' if has_own_cloud else ''}")


if __name__ == "__main__":
    if "adfs" in sys.argv[1:]:
        check_az(has_own_cloud=True)
    else:
        check_msal()
        check_adal()
        if "az" in sys.argv[1:]:
            check_az(has_own_cloud=False)
