#!/usr/bin/env bash
# az of Debian manages users, groups and owners, and what it deleted comes back, under `batten run`.
. "$(dirname "$0")/az.sh"

GRAPH=https://graph.microsoft.com/v1.0
domain=${BATTEN_USERNAME#*@}

az login -u "$BATTEN_USERNAME" -p "$BATTEN_PASSWORD" --output none

nora=$(az ad user create --display-name 'Nora New' --user-principal-name "nora@$domain" \
  --password 'Tango4Two' --force-change-password-next-sign-in true --query id -o tsv)
odd="\$o'brien#x@$domain"
az ad user create --display-name 'Odd Name' --user-principal-name "$odd" --password 'Tango4Two' --output none
[ "$(az ad user show --id "$odd" --query displayName -o tsv)" = 'Odd Name' ] || fail "$odd is another"
refused 'already exists' az ad user create --display-name x --user-principal-name "NORA@$domain" --password 'Tango4Two'
refused 'password complexity' az ad user create --display-name x --user-principal-name "x@$domain" --password weak
refused 'verified domain names' az ad user create --display-name x --user-principal-name x@elsewhere.example --password 'Tango4Two'
az ad user update --id "$nora" --display-name 'Nora Noble'
[ "$(az ad user list --filter "startswith(displayName,'Nora N')" --query '[].id' -o tsv)" = "$nora" ] || fail "nora is not found"
echo "ok: az makes, finds and changes users, and is refused names and passwords"

refused AADSTS50055 env AZURE_CONFIG_DIR="$AZURE_CONFIG_DIR/nora" \
  az login -u "nora@$domain" -p Tango4Two --allow-no-subscriptions
az ad user update --id "$nora" --password 'Foxtrot5Two' --force-change-password-next-sign-in false
AZURE_CONFIG_DIR="$AZURE_CONFIG_DIR/nora" \
  az login -u "nora@$domain" -p Foxtrot5Two --allow-no-subscriptions --output none
refused 'Insufficient privileges' env AZURE_CONFIG_DIR="$AZURE_CONFIG_DIR/nora" az ad user delete --id "$odd"
echo "ok: a user signs in once her password is not to be changed, and deletes nobody"

outer=$(az ad group create --display-name outer --mail-nickname outer --query id -o tsv)
inner=$(az ad group create --display-name inner --mail-nickname inner --description 'within' --query id -o tsv)
az ad group member add --group outer --member-id "$inner"
az ad group member add --group inner --member-id "$nora"
refused 'already exist' az ad group member add --group inner --member-id "$nora"
[ "$(az ad group member check --group outer --member-id "$nora" --query value -o tsv)" = true ] || fail "nora is not in outer"
[ "$(az ad user get-member-groups --id "$nora" --query 'length(@)' -o tsv)" = 2 ] || fail "nora is not in two groups"
[ "$(az ad group get-member-groups --group inner --query '[0]' -o tsv)" = "$outer" ] || fail "inner is not in outer"
az ad group owner add --group inner --owner-object-id "$nora"
[ "$(az ad group owner list --group inner --query '[0].id' -o tsv)" = "$nora" ] || fail "nora does not own inner"
AZURE_CONFIG_DIR="$AZURE_CONFIG_DIR/nora" az ad group member remove --group inner --member-id "$nora"
refused 'Insufficient privileges' env AZURE_CONFIG_DIR="$AZURE_CONFIG_DIR/nora" az ad group delete --group outer
az ad group member add --group inner --member-id "$nora"
az ad group owner remove --group inner --owner-object-id "$nora"
echo "ok: az nests groups, and an owner changes her own and no other"

az ad user delete --id "nora@$domain"
refused "does not exist" az ad user show --id "$nora"
[ "$(az ad group member check --group outer --member-id "$nora" --query value -o tsv 2>/dev/null || echo false)" = false ] ||
  fail "nora is still in outer"
[ "$(az rest --url "$GRAPH/directory/deletedItems/microsoft.graph.user" --query 'value[0].id' -o tsv)" = "$nora" ] ||
  fail "nora is not among the deleted users"
az rest --method post --url "$GRAPH/directory/deletedItems/$nora/restore" --output none
[ "$(az ad group member check --group outer --member-id "$nora" --query value -o tsv)" = true ] || fail "nora is not back in outer"
az ad group delete --group inner
[ "$(az ad user get-member-groups --id "$nora" --query 'length(@)' -o tsv)" = 0 ] || fail "nora is still in a group"
echo "ok: what az deletes is gone with all that hung on it, and comes back with it"

app=$(az ad app create --display-name to-delete --query id -o tsv)
appId=$(az ad app show --id "$app" --query appId -o tsv)
az ad sp create --id "$appId" --output none
az ad app delete --id "$app"
refused 'does not exist' az ad sp show --id "$appId"
az rest --method post --url "$GRAPH/directory/deletedItems/$app/restore" --output none
[ "$(az ad app show --id "$app" --query appId -o tsv)" = "$appId" ] || fail "the application is not back"
az ad app delete --id "$app"
az rest --method delete --url "$GRAPH/directory/deletedItems/$app"
refused 'does not exist' az rest --method post --url "$GRAPH/directory/deletedItems/$app/restore"
echo "ok: az restores an application, and deletes it for good"

AZURE_CONFIG_DIR="$AZURE_CONFIG_DIR/nora" \
  az login -u "nora@$domain" -p Foxtrot5Two --allow-no-subscriptions --output none
AZURE_CONFIG_DIR="$AZURE_CONFIG_DIR/nora" az account get-access-token --resource https://graph.microsoft.com --output none
az rest --method post --url "$GRAPH/users/$nora/revokeSignInSessions" --output none
refused AADSTS50173 env AZURE_CONFIG_DIR="$AZURE_CONFIG_DIR/nora" az account get-access-token \
  --resource https://batch.core.windows.net/
echo "ok: a user whose sign-ins are revoked has to sign in again"
