"""MSAL, ADAL and azure-identity of Debian with a user's name and password, under `batten run`."""
import os
import sys
import uuid

import adal
import msal
import requests
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential, UsernamePasswordCredential

CHINA = sys.argv[1:] == ["china"]
HOST = "https://login.chinacloudapi.cn" if CHINA else "https://login.microsoftonline.com"
GRAPH = "https://microsoftgraph.chinacloudapi.cn" if CHINA else "https://graph.microsoft.com"
BATCH = "https://batch.chinacloudapi.cn/" if CHINA else "https://batch.core.windows.net/"
BATCH_ID = "ddbf3205-c6bd-46ae-8127-60eb93363864"
AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
TENANT = os.environ["AZURE_TENANT_ID"]
USERNAME = os.environ["BATTEN_USERNAME"]
PASSWORD = os.environ["BATTEN_PASSWORD"]


def by_msal(password, scope, tenancy="organizations"):
    """The answer of MSAL, which asks for the realm of the user first."""
    application = msal.PublicClientApplication(AZURE_CLI, authority="%s/%s" % (HOST, tenancy))
    return application.acquire_token_by_username_password(USERNAME, password, [scope])


def by_adal(password):
    """The answer of ADAL, which goes to the v1 endpoint of common."""
    context = adal.AuthenticationContext("%s/common" % HOST, api_version=None)
    return context.acquire_token_with_username_password(BATCH, USERNAME, password, AZURE_CLI)


def make_api():
    """Registers an application that az may call, and that may call Batch; gives its id, a secret and its scope."""
    owner = ClientSecretCredential(
        TENANT, os.environ["AZURE_CLIENT_ID"], os.environ["AZURE_CLIENT_SECRET"], authority=HOST
    )
    session = requests.Session()
    session.headers["Authorization"] = "Bearer %s" % owner.get_token("%s/.default" % GRAPH).token

    def graph(method, path, body=None):
        answer = session.request(method, "%s/v1.0/%s" % (GRAPH, path), json=body)
        assert answer.ok, answer.text
        return answer.json()

    scope = {
        "id": str(uuid.uuid4()), "value": "call_me", "type": "User", "isEnabled": True,
        "adminConsentDisplayName": "Call", "adminConsentDescription": "Call",
    }
    uri = "api://middle"
    made = graph("POST", "applications", {
        "displayName": "middle", "identifierUris": [uri],
        "api": {
            "oauth2PermissionScopes": [scope],
            "preAuthorizedApplications": [{"appId": AZURE_CLI, "delegatedPermissionIds": [scope["id"]]}],
        },
    })
    principal = graph("POST", "servicePrincipals", {"appId": made["appId"]})
    batch = graph("GET", "servicePrincipals(appId='%s')" % BATCH_ID)
    graph("POST", "oauth2PermissionGrants", {
        "clientId": principal["id"], "resourceId": batch["id"], "consentType": "AllPrincipals",
        "scope": "user_impersonation",
    })
    secret = graph("POST", "applications/%s/addPassword" % made["id"], {})["secretText"]
    return made["appId"], secret, "%s/call_me" % uri


def main():
    scope = "%s/.default" % BATCH
    signed_in = by_msal(PASSWORD, scope)
    assert "access_token" in signed_in, signed_in
    assert signed_in["id_token_claims"]["preferred_username"] == USERNAME
    assert "AADSTS50126" in by_msal("wrong", scope)["error_description"]
    assert "AADSTS9001023" in by_msal(PASSWORD, scope, "common")["error_description"]
    print("ok: MSAL signs a user in, and is refused a wrong password with AADSTS50126")

    assert by_adal(PASSWORD)["userId"] == USERNAME
    try:
        by_adal("wrong")
        raise AssertionError("a wrong password was accepted")
    except adal.AdalError as error:
        assert "AADSTS50126" in str(error), error
    print("ok: ADAL signs a user in at common, and is refused a wrong password")

    def by_identity(password):
        return UsernamePasswordCredential(
            AZURE_CLI, USERNAME, password, tenant_id=TENANT, authority=HOST
        ).get_token(scope)

    assert by_identity(PASSWORD).token
    try:
        by_identity("wrong")
        raise AssertionError("a wrong password was accepted")
    except ClientAuthenticationError as error:
        assert "AADSTS50126" in str(error), error
    print("ok: azure-identity signs a user in, and is refused a wrong password")

    app_id, secret, call_me = make_api()
    called = by_msal(PASSWORD, call_me, TENANT)
    assert "access_token" in called, called
    middle = msal.ConfidentialClientApplication(
        app_id, client_credential=secret, authority="%s/%s" % (HOST, TENANT)
    )
    passed_on = middle.acquire_token_on_behalf_of(called["access_token"], [scope])
    assert "access_token" in passed_on, passed_on
    assert passed_on["id_token_claims"]["preferred_username"] == USERNAME
    refused = middle.acquire_token_on_behalf_of(signed_in["access_token"], [scope])
    assert "AADSTS500131" in refused["error_description"], refused
    print("ok: MSAL passes a user on, and is refused a token for another application with AADSTS500131")


main()
