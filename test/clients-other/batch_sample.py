from azure.batch import BatchServiceClient
from azure.common.credentials import ServicePrincipalCredentials

TENANT_ID = "<tenant-id>"

RESOURCE = "https://batch.core.windows.net/"

BATCH_ACCOUNT_URL = "https://<myaccount>.<mylocation>.batch.azure.com"

CLIENT_ID = "<application-id>"

SECRET = "<secret-key>"

credentials = ServicePrincipalCredentials(
    client_id=CLIENT_ID,
    secret=SECRET,
    tenant=TENANT_ID,
    resource=RESOURCE
)

batch_client = BatchServiceClient(
    credentials,
    batch_url=BATCH_ACCOUNT_URL
)
