"""azure-identity and the management libraries of Debian, under `batten run`."""
import os
import uuid

import azure.identity
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.identity import ClientSecretCredential, EnvironmentCredential
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.batch import BatchManagementClient
from azure.mgmt.resource import SubscriptionClient

SUBSCRIPTION = os.environ["AZURE_SUBSCRIPTION_ID"]
GROUP = os.environ["BATTEN_RESOURCE_GROUP"]
ACCOUNT = os.environ["AZURE_BATCH_ACCOUNT"]


def main():
    assert not hasattr(azure.identity, "InteractiveAzureCredentials")
    assert hasattr(azure.identity, "InteractiveBrowserCredential")
    print("ok: the class that the article on batch endpoints imports is in no azure-identity, the one it means is")

    credential = EnvironmentCredential()
    subscriptions = [one.subscription_id for one in SubscriptionClient(credential).subscriptions.list()]
    assert SUBSCRIPTION in subscriptions, subscriptions
    print("ok: azure-identity signs in and lists subscriptions")

    batch = BatchManagementClient(credential, SUBSCRIPTION)
    account = batch.batch_account.get(GROUP, ACCOUNT)
    assert account.name == ACCOUNT
    assert batch.batch_account.get_keys(GROUP, ACCOUNT).primary == os.environ["AZURE_BATCH_ACCESS_KEY"]
    print("ok: azure-mgmt-batch reads the account and its keys")

    made = batch.batch_account.begin_create(
        GROUP, "pythonaccount", {"location": account.location}, polling_interval=0.1
    ).result()
    assert made.provisioning_state == "Succeeded", made.provisioning_state
    batch.batch_account.begin_delete(GROUP, "pythonaccount", polling_interval=0.1).result()
    names = [one.name for one in batch.batch_account.list_by_resource_group(GROUP)]
    assert names == [ACCOUNT], names
    print("ok: azure-mgmt-batch creates an account and deletes it")

    roles = AuthorizationManagementClient(credential, SUBSCRIPTION)
    scope = "/subscriptions/%s" % SUBSCRIPTION
    [reader] = roles.role_definitions.list(scope, filter="roleName eq 'Reader'")
    before = sorted(one.id for one in roles.role_assignments.list_for_subscription())
    try:
        roles.role_assignments.create(scope, str(uuid.uuid4()), {
            "role_definition_id": reader.id,
            "principal_id": str(uuid.uuid4()),
        })
        raise AssertionError("a role was assigned to nobody")
    except HttpResponseError as error:
        assert error.error.code == "PrincipalNotFound", error
    assert sorted(one.id for one in roles.role_assignments.list_for_subscription()) == before
    print("ok: azure-mgmt-authorization is refused an unknown principal, and nothing has changed")

    wrong = ClientSecretCredential(os.environ["AZURE_TENANT_ID"], os.environ["AZURE_CLIENT_ID"], "not-the-secret")
    try:
        wrong.get_token("https://management.azure.com/.default")
        raise AssertionError("a wrong secret was accepted")
    except ClientAuthenticationError as error:
        assert "AADSTS7000215" in str(error), error
    print("ok: a wrong secret is refused with AADSTS7000215")


main()
