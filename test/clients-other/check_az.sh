#!/usr/bin/env bash
# az of Debian signs in and works with Batch, under `batten run`.
. "$(dirname "$0")/az.sh"

HERE=$(cd "$(dirname "$0")" && pwd)
ARM=https://management.azure.com
if [ "${1-}" = china ]; then
  az cloud set --name AzureChinaCloud --only-show-errors
  ARM=https://management.chinacloudapi.cn
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

# The custom role of the article, as it is printed there; `az role` of this version is broken by itself.
role="$ARM/subscriptions/$AZURE_SUBSCRIPTION_ID/providers/Microsoft.Authorization/roleDefinitions"
name=$(cat /proc/sys/kernel/random/uuid)
[ "$(az rest --method put --url "$role/$name?api-version=2022-04-01" --body "@$HERE/../../src/app/job-submitter-role.json" \
  --query properties.roleName -o tsv)" = "Azure Batch Custom Job Submitter" ] || fail "the custom role was not made"
if refusal=$(az rest --method put --url "$role/$name-x?api-version=2022-04-01" \
  --body "@$HERE/../../src/app/job-submitter-role.json" 2>&1); then
  fail "a role definition whose name is no GUID was made"
fi
grep -q 'InvalidRoleDefinitionId' <<<"$refusal" || fail "$refusal"
echo "ok: az makes the article's custom role, and is refused a bad name"

az batch pool create --id az-pool --vm-size standard_d2s_v3 --target-dedicated-nodes 1 \
  --image canonical:0001-com-ubuntu-server-jammy:22_04-lts --node-agent-sku-id 'batch.node.ubuntu 22.04'
az batch job create --id az-job --pool-id az-pool
az batch task create --job-id az-job --task-id t --command-line "/bin/sh -c 'echo from az'" --output none
for _ in $(seq 60); do
  state=$(az batch task show --job-id az-job --task-id t --query state -o tsv)
  [ "$state" = completed ] && break
done
[ "$state" = completed ] || fail "the task is $state"
az batch task file download --job-id az-job --task-id t --file-path stdout.txt \
  --destination "$AZURE_CONFIG_DIR/stdout.txt" --output none
[ "$(cat "$AZURE_CONFIG_DIR/stdout.txt")" = 'from az' ] || fail "the task wrote something else"
az batch job delete --job-id az-job --yes
az batch pool delete --pool-id az-pool --yes
echo "ok: az runs a task and downloads what it wrote"

if refusal=$(az batch job show --job-id nowhere 2>&1); then
  fail "a job that is not there was shown"
fi
grep -qi 'does not exist' <<<"$refusal" || fail "$refusal"
echo "ok: az reads the service's refusals"

if refusal=$(az login -u "$BATTEN_USERNAME" -p not-the-password 2>&1); then
  fail "a wrong password was accepted"
fi
grep -q AADSTS50126 <<<"$refusal" || fail "$refusal"
az login -u "$BATTEN_USERNAME" -p "$BATTEN_PASSWORD" --output none
[ "$(az account show --query user.name -o tsv)" = "$BATTEN_USERNAME" ] || fail "another user signed in"
[ "$(az ad signed-in-user show --query userPrincipalName -o tsv)" = "$BATTEN_USERNAME" ] || fail "/me is another"
echo "ok: az signs a user in with her password, and is refused a wrong one with AADSTS50126"
