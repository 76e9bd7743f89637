#!/usr/bin/env bash
# az of Debian with a cloud of its own whose addresses are Batten's, without a proxy.
. "$(dirname "$0")/az.sh"
export AZURE_CORE_ONLY_SHOW_ERRORS=yes

az cloud register --name Batten --cloud-config "{
  \"endpoints\": {
    \"activeDirectory\": \"$BATTEN_URL/adfs\",
    \"activeDirectoryResourceId\": \"https://management.core.windows.net/\",
    \"activeDirectoryGraphResourceId\": \"https://graph.windows.net/\",
    \"microsoftGraphResourceId\": \"$BATTEN_URL/\",
    \"batchResourceId\": \"https://batch.core.windows.net/\",
    \"resourceManager\": \"$BATTEN_URL\",
    \"management\": \"https://management.core.windows.net/\"
  },
  \"suffixes\": {}
}"
az cloud set --name Batten
az login --service-principal -u "$AZURE_CLIENT_ID" -p "$AZURE_CLIENT_SECRET" \
  --tenant "$AZURE_TENANT_ID" --output none
az batch account login --name "$AZURE_BATCH_ACCOUNT" --resource-group "$BATTEN_RESOURCE_GROUP" --output none
jobs=$(az batch job list --query 'length(@)' -o tsv)
if [ "$jobs" != 0 ]; then
  echo "failed: az batch job list answered $jobs" >&2
  exit 1
fi
echo "ok: az signs in and lists jobs in a cloud of its own"
