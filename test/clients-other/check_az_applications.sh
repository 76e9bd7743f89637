#!/usr/bin/env bash
# az of Debian registers applications, gives them secrets and takes them away, under `batten run`.
. "$(dirname "$0")/az.sh"

GRAPH=https://graph.microsoft.com/v1.0

az login --service-principal -u "$AZURE_CLIENT_ID" -p "$AZURE_CLIENT_SECRET" \
  --tenant "$AZURE_TENANT_ID" --output none

app=$(az ad app create --display-name az-jobs --identifier-uris api://az-jobs \
  --web-redirect-uris https://jobs.example/back http://localhost:3000/back --query appId -o tsv)
[ "$(az ad app list --display-name az-jo --query '[].appId' -o tsv)" = "$app" ] || fail "not found by name"
[ "$(az ad app list --identifier-uri api://az-jobs --query '[].appId' -o tsv)" = "$app" ] || fail "not found by URI"
[ "$(az ad app show --id "$app" --query displayName -o tsv)" = az-jobs ] || fail "not shown"
echo "ok: az registers an application and finds it by name, by URI and by appId"

refused 'Invalid value specified' az ad app update --id "$app" --web-redirect-uris http://jobs.example/back
refused 'verified domain' az ad app update --id "$app" --identifier-uris https://evil.example/jobs
refused 'same value' az ad app create --display-name other --identifier-uris api://az-jobs
refused 'does not exist' az ad app show --id 00000000-0000-4000-8000-000000000000
[ "$(az ad app show --id "$app" --query 'length(web.redirectUris)' -o tsv)" = 2 ] || fail "a refusal changed something"
echo "ok: az is refused a bad address, a foreign name, a name that is taken, and what is not there"

first=$(az ad app credential reset --id "$app" --display-name first --query password -o tsv --only-show-errors)
second=$(az ad app credential reset --id "$app" --display-name second --append --query password -o tsv --only-show-errors)
[ "$(az ad app credential list --id "$app" --query 'length(@)' -o tsv)" = 2 ] || fail "there are not two secrets"
az ad sp create --id "$app" --output none
[ "$(az ad sp list --display-name az-jobs --query '[].appId' -o tsv)" = "$app" ] || fail "the principal is not found"
[ "$(az ad sp show --id api://az-jobs --query appId -o tsv)" = "$app" ] || fail "the principal is not found by its name"
for secret in "$first" "$second"; do
  AZURE_CONFIG_DIR="$AZURE_CONFIG_DIR/as-app" az login --service-principal -u "$app" -p "$secret" \
    --tenant "$AZURE_TENANT_ID" --allow-no-subscriptions --output none
done
echo "ok: az gives an application two secrets, and signs in with either"

key=$(az ad app credential list --id "$app" --query "[?displayName=='first'].keyId" -o tsv)
az ad app credential delete --id "$app" --key-id "$key"
refused AADSTS7000215 env AZURE_CONFIG_DIR="$AZURE_CONFIG_DIR/as-app" az login --service-principal -u "$app" \
  -p "$first" --tenant "$AZURE_TENANT_ID" --allow-no-subscriptions
echo "ok: az takes one secret away, and it is refused"

owner=$(az ad user show --id admin@contoso.onmicrosoft.com --query id -o tsv)
az ad app owner add --id "$app" --owner-object-id "$owner"
[ "$(az ad app owner list --id "$app" --query '[].id' -o tsv)" = "$owner" ] || fail "the owner is not listed"
resource=$(az rest --url "$GRAPH/servicePrincipals?\$filter=displayName eq 'Microsoft Graph'" --query 'value[0].appId' -o tsv)
az ad app permission add --id "$app" --api "$resource" \
  --api-permissions 1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9=Role --only-show-errors
[ "$(az ad app permission list --id "$app" --query 'length(@)' -o tsv)" = 1 ] || fail "the permission is not listed"
echo "ok: az adds an owner and asks for a permission"

as_user() {
  AZURE_CONFIG_DIR="$AZURE_CONFIG_DIR/as-$user" "$@"
}
grants() {
  az rest --url "$GRAPH/servicePrincipals/$(az ad sp show --id "$app" --query id -o tsv)/appRoleAssignments" \
    --query 'length(value)' -o tsv
}
plain="plain@${BATTEN_USERNAME#*@}"
az ad user create --display-name Plain --user-principal-name "$plain" --password Tango4Two --output none
user=plain as_user az login -u "$plain" -p Tango4Two --allow-no-subscriptions --output none
refused AADSTS50058 az ad app permission admin-consent --id "$app"
user=plain refused 'performed by an administrator' as_user az ad app permission admin-consent --id "$app"
[ "$(grants)" = 0 ] || fail "a refused consent granted something"
user=admin as_user az login -u "$BATTEN_USERNAME" -p "$BATTEN_PASSWORD" --output none
user=admin as_user az ad app permission admin-consent --id "$app"
[ "$(grants)" = 1 ] || fail "the consent granted nothing"
echo "ok: az consents for the whole tenant as an administrator, and for nobody else"

[ "$(az rest --url "$GRAPH/applications?\$expand=owners&\$filter=appId eq '$app'" \
  --query 'value[0].owners[0].id' -o tsv)" = "$owner" ] || fail "the owner is not shown within"
refused 'ConsistencyLevel: eventual' az rest --url "$GRAPH/applications?\$search=\"displayName:jobs\""
[ "$(az rest --url "$GRAPH/applications?\$search=\"displayName:jobs\"" --headers ConsistencyLevel=eventual \
  --query 'value[0].appId' -o tsv)" = "$app" ] || fail "the word is not found"
echo "ok: az searches with the header, and is refused without"

az ad app delete --id "$app"
refused 'does not exist' az ad app show --id "$app"
[ "$(az rest --url "$GRAPH/auditLogs/directoryAudits?\$filter=activityDisplayName eq 'Delete application'" \
  --query 'length(value)' -o tsv)" = 1 ] || fail "the log does not name the deletion"
[ "$(az rest --url "$GRAPH/auditLogs/signIns?\$filter=status/errorCode eq 7000215 and appId eq '$app'" \
  --query 'length(value)' -o tsv)" = 1 ] || fail "the log does not name the refused sign-in"
echo "ok: az deletes the application, and reads both logs"
