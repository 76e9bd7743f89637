#!/usr/bin/env bash
# az of Debian signs in and works with Batch, under `batten run`.
set -euo pipefail

AZURE_CONFIG_DIR=$(mktemp -d)
export AZURE_CONFIG_DIR
trap 'rm -rf "$AZURE_CONFIG_DIR"' EXIT
export AZURE_CORE_COLLECT_TELEMETRY=no

fail() {
  echo "failed: $1" >&2
  exit 1
}

if [ "${1-}" = china ]; then
  az cloud set --name AzureChinaCloud
fi

if refusal=$(az login --service-principal -u "$AZURE_CLIENT_ID" -p not-the-secret \
  --tenant "$AZURE_TENANT_ID" 2>&1); then
  fail "a wrong secret was accepted"
fi
grep -q AADSTS7000215 <<<"$refusal" || fail "$refusal"
echo "ok: az is refused a wrong secret with AADSTS7000215"

az login --service-principal -u "$AZURE_CLIENT_ID" -p "$AZURE_CLIENT_SECRET" \
  --tenant "$AZURE_TENANT_ID" --output none
[ "$(az account show --query id -o tsv)" = "$AZURE_SUBSCRIPTION_ID" ] || fail "the subscription is another"
echo "ok: az signs in as a service principal"

az batch account login --name "$AZURE_BATCH_ACCOUNT" --resource-group "$BATTEN_RESOURCE_GROUP" --output none
jobs=$(az batch job list --query 'length(@)' -o tsv)
[ "$jobs" = 0 ] || fail "az batch job list answered $jobs"
echo "ok: az lists jobs with a token"

az batch job list --account-name "$AZURE_BATCH_ACCOUNT" --account-endpoint "$AZURE_BATCH_ENDPOINT" \
  --account-key "$AZURE_BATCH_ACCESS_KEY" --output none
echo "ok: az lists jobs with the account key"

if refusal=$(az batch job show --job-id nowhere 2>&1); then
  fail "a job that is not there was shown"
fi
grep -qi 'does not exist' <<<"$refusal" || fail "$refusal"
echo "ok: az reads the service's refusals"
