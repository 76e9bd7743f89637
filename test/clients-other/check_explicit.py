"""Python clients that are told Batten's own addresses, without a proxy."""
import copy
import os

import msal
from azure.batch import BatchServiceClient, models
from azure.batch.batch_auth import SharedKeyCredentials
from azure.common.credentials import ServicePrincipalCredentials
from msrestazure.azure_cloud import AZURE_PUBLIC_CLOUD, get_cloud_from_metadata_endpoint

AUTHORITY = os.environ["AZURE_AUTHORITY_HOST"]
BATCH = os.environ["AZURE_BATCH_ENDPOINT"]
TENANT = os.environ["AZURE_TENANT_ID"]
CLIENT = os.environ["AZURE_CLIENT_ID"]
SECRET = os.environ["AZURE_CLIENT_SECRET"]


def by_key(key):
    """A client that signs with a key; the path of the account is under the signature."""
    credentials = SharedKeyCredentials(os.environ["AZURE_BATCH_ACCOUNT"], key)
    return BatchServiceClient(credentials, batch_url=BATCH)


def by_msal(secret):
    """The answer of MSAL to a sign-in, which it must not check with Azure."""
    application = msal.ConfidentialClientApplication(
        CLIENT, client_credential=secret, authority="%s/%s" % (AUTHORITY, TENANT), instance_discovery=False
    )
    return application.acquire_token_for_client(["https://batch.core.windows.net//.default"])


def main():
    assert list(by_key(os.environ["AZURE_BATCH_ACCESS_KEY"]).job.list()) == []
    try:
        list(by_key("A" * 86 + "==").job.list())
        raise AssertionError("another key was accepted")
    except models.BatchErrorException as error:
        assert error.error.code == "AuthenticationFailed", error.error.code
    print("ok: a shared key opens the account at its path, and another does not")

    assert "access_token" in by_msal(SECRET), by_msal(SECRET)
    assert "AADSTS7000215" in by_msal("not-the-secret")["error_description"]
    print("ok: MSAL signs in, and is refused a wrong secret with AADSTS7000215")

    cloud = copy.deepcopy(AZURE_PUBLIC_CLOUD)
    cloud.endpoints.active_directory = "%s/adfs" % AUTHORITY
    credentials = ServicePrincipalCredentials(
        client_id=CLIENT, secret=SECRET, tenant=TENANT,
        resource="https://batch.core.windows.net/", cloud_environment=cloud
    )
    assert list(BatchServiceClient(credentials, batch_url=BATCH).job.list()) == []
    print("ok: msrestazure signs in at the adfs form, which it does not check with Azure")

    found = get_cloud_from_metadata_endpoint(os.environ["BATTEN_ARM_ENDPOINT"])
    assert found.endpoints.active_directory.startswith(AUTHORITY), found.endpoints.active_directory
    print("ok: msrestazure reads the cloud's endpoints")


main()
