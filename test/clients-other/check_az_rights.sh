#!/usr/bin/env bash
# az of Debian as an administrator, as a user and as applications with and without permissions of Graph, under `batten run`.
. "$(dirname "$0")/az.sh"
# az leaves new certificates in the home folder.
export HOME=$AZURE_CONFIG_DIR

GRAPH=https://graph.microsoft.com/v1.0
DENIED='Insufficient privileges to complete the operation.'
domain=${BATTEN_USERNAME#*@}

# as NAME COMMAND... runs the command as someone else who signed in.
as() {
  local who=$1
  shift
  AZURE_CONFIG_DIR="$AZURE_CONFIG_DIR/$who" "$@"
}

az login -u "$BATTEN_USERNAME" -p "$BATTEN_PASSWORD" --output none

# application NAME ROLE... makes an application with app roles of Graph and signs in as it.
application() {
  local name=$1 made id role
  shift
  made=$(az ad sp create-for-rbac --name "az-$name" --skip-assignment --query '[appId,password]' -o tsv --only-show-errors)
  { read -r appId && read -r secret; } <<<"$made"
  id=$(az ad sp show --id "$appId" --query id -o tsv)
  for role in "$@"; do
    az rest --method post --url "$GRAPH/servicePrincipals/$id/appRoleAssignments" --output none \
      --body "{\"principalId\":\"$id\",\"resourceId\":\"$resource\",\"appRoleId\":\"$role\"}"
  done
  as "$name" az login --service-principal -u "$appId" -p "$secret" --tenant "$AZURE_TENANT_ID" \
    --allow-no-subscriptions --output none
}

resource=$(az ad sp show --id 00000003-0000-0000-c000-000000000000 --query id -o tsv)
other=$(az ad app create --display-name az-other --query appId -o tsv)
group=$(az ad group create --display-name az-group --mail-nickname az-group --query id -o tsv)
member=$(az ad user create --display-name 'Max Member' --user-principal-name "max@$domain" \
  --password 'Tango4Two' --query id -o tsv)
az ad group member add --group "$group" --member-id "$member"
as max az login -u "max@$domain" -p Tango4Two --allow-no-subscriptions --output none

mine=$(as max az ad app create --display-name az-mine --query appId -o tsv)
as max az ad app credential reset --id "$mine" --output none --only-show-errors
as max az ad sp create --id "$mine" --output none
[ "$(as max az ad app owner list --id "$mine" --query '[].id' -o tsv)" = "$member" ] || fail "max does not own az-mine"
refused "$DENIED" as max az ad app update --id "$other" --set notes=x
refused "$DENIED" as max az ad app credential reset --id "$other" --append
refused "$DENIED" as max az ad sp create --id "$other"
refused "$DENIED" as max az ad app permission grant --id "$mine" --api 00000003-0000-0000-c000-000000000000 --scope User.Read
refused "$DENIED" as max az ad group member add --group "$group" --member-id "$member"
as max az ad app delete --id "$mine"
echo "ok: a user manages the application that she registered, and no other"

application bare
bare=$appId
refused '/me request is only valid with delegated authentication flow.' as bare az ad signed-in-user show
refused "$DENIED" as bare az ad app list --all
refused "$DENIED" as bare az ad user list
[ "$(as bare az rest --url "$GRAPH/servicePrincipals(appId='$bare')" --query appId -o tsv)" = "$bare" ] ||
  fail "an application does not see itself"
echo "ok: an application without permissions reads itself and nothing else"

application owned 18a4783c-866b-4cc7-a460-3d5e5662c884
[ "$(as owned az ad app list --display-name az-other --query '[].appId' -o tsv)" = "$other" ] || fail "az-other is not listed"
own=$(as owned az ad app create --display-name az-own --query appId -o tsv)
as owned az ad app update --id "$own" --set notes=x
as owned az ad sp create --id "$own" --output none
refused "$DENIED" as owned az ad app update --id "$other" --set notes=x
refused "$DENIED" as owned az ad user list
echo "ok: an application with OwnedBy lists all applications, and changes its own"

application reader 98830695-27a2-44f7-8c18-0c3ebc9698f6
[ "$(as reader az ad group member list --group "$group" --query '[0].[id,displayName]' -o tsv)" = "$(printf '%s\nNone' "$member")" ] ||
  fail "a member is shown whole"
refused "$DENIED" as reader az ad user show --id "$member"
refused "$DENIED" as reader az ad user get-member-groups --id "$member"
[ "$(az ad group member list --group "$group" --query '[0].displayName' -o tsv)" = 'Max Member' ] || fail "a member is not shown"
echo "ok: who reads members and no users is shown ids without names"

az ad app credential reset --id "$other" --create-cert --output none --only-show-errors
az ad app credential reset --id "$other" --create-cert --append --output none --only-show-errors
keys=$(az ad app credential list --id "$other" --cert --query '[].keyId' -o tsv)
[ "$(wc -l <<<"$keys")" = 2 ] || fail "there are not two certificates"
az ad app credential delete --id "$other" --key-id "$(head -1 <<<"$keys")" --cert
[ "$(az ad app credential list --id "$other" --cert --query '[].keyId' -o tsv)" = "$(tail -1 <<<"$keys")" ] ||
  fail "the wrong certificate is left"
refused 'Key credential end date is invalid.' az ad app credential reset --id "$other" --append --end-date 2020-01-01
refused 'New password credentials must be generated using service actions.' \
  az ad app update --id "$other" --set 'passwordCredentials=[{"displayName":"x"}]'
certified=$(az ad sp create-for-rbac --name az-certified --create-cert --query '[appId,fileWithCertAndPrivateKey]' \
  -o tsv --only-show-errors)
as certified az login --service-principal -u "$(head -1 <<<"$certified")" -p "$(tail -1 <<<"$certified")" \
  --tenant "$AZURE_TENANT_ID" --allow-no-subscriptions --output none
echo "ok: az rolls certificates one by one, and signs in with one that it made"

upsert() {
  az rest --method patch --url "$GRAPH/applications(uniqueName='az-unique')" --body '{"displayName":"az-unique"}' "$@"
}
refused 'does not exist' upsert
made=$(upsert --headers Prefer=create-if-missing --query id -o tsv)
[ -z "$(upsert --headers Prefer=create-if-missing)" ] || fail "az-unique is made twice"
[ "$(az ad app show --id "$made" --query uniqueName -o tsv)" = az-unique ] || fail "az-unique has no name"
echo "ok: az makes what is missing under its name, once"
