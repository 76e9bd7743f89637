"""Debian's azure-identity as a managed identity: with `make` under `batten run`, then under `batten run --identity`."""
import os
import sys

from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.identity import DefaultAzureCredential, EnvironmentCredential, ManagedIdentityCredential
from azure.mgmt.msi import ManagedServiceIdentityClient
from azure.mgmt.resource import ResourceManagementClient

SUBSCRIPTION = os.environ["AZURE_SUBSCRIPTION_ID"]
GROUP = os.environ["BATTEN_RESOURCE_GROUP"]


def make():
    identities = ManagedServiceIdentityClient(EnvironmentCredential(), SUBSCRIPTION).user_assigned_identities
    made = identities.create_or_update(GROUP, "runner", {"location": "westeurope"})
    assert [one.client_id for one in identities.list_by_resource_group(GROUP)] == [made.client_id]
    print("ok: azure-mgmt-msi makes a managed identity")


def main():
    for credential in (ManagedIdentityCredential(), DefaultAzureCredential()):
        assert credential.get_token("https://management.azure.com/.default").token
    print("ok: azure-identity gets the token of the managed identity")
    try:
        ResourceManagementClient(ManagedIdentityCredential(), SUBSCRIPTION).resource_groups.get(GROUP)
        raise AssertionError("an identity without a role read a group")
    except HttpResponseError as refused:
        assert refused.error.code == "AuthorizationFailed", refused
    print("ok: without a role it is refused")
    other = ManagedIdentityCredential(client_id="00000000-0000-4000-8000-000000000001")
    try:
        other.get_token("https://management.azure.com/.default")
        raise AssertionError("a token for another identity")
    except ClientAuthenticationError as refused:
        assert "No User Assigned or Delegated Managed Identity found" in str(refused), refused
    print("ok: another identity is refused")


if __name__ == "__main__":
    make() if sys.argv[1:] == ["make"] else main()
