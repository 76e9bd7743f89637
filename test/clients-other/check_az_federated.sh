#!/usr/bin/env bash
# az without a secret: an application takes a managed identity's token instead. Run three times beside one Batten:
# `make FOLDER` under `batten run`, `token FOLDER` under `batten run --identity`, `login FOLDER` under `batten run`.
. "$(dirname "$0")/az.sh"

step=$1
folder=$2

make() {
  az login --service-principal -u "$AZURE_CLIENT_ID" -p "$AZURE_CLIENT_SECRET" --tenant "$AZURE_TENANT_ID" --output none
  principal=$(az identity create --name federated --resource-group "$BATTEN_RESOURCE_GROUP" --location westeurope \
    --query principalId -o tsv)
  app=$(az ad app create --display-name 'az without a secret' --query appId -o tsv)
  az ad sp create --id "$app" --output none
  credential() {
    printf '{"name": "%s", "issuer": "https://login.microsoftonline.com/%s/v2.0", "subject": "%s", "audiences": ["%s"]}' \
      "$1" "$AZURE_TENANT_ID" "$2" api://AzureADTokenExchange
  }
  az ad app federated-credential create --id "$app" --parameters "$(credential wrong "$AZURE_CLIENT_ID")" --output none
  az ad app federated-credential delete --id "$app" --federated-credential-id wrong --only-show-errors
  az ad app federated-credential create --id "$app" --parameters "$(credential identity "$principal")" --output none
  [ "$(az ad app federated-credential list --id "$app" --query '[].name' -o tsv)" = identity ] || fail "the list is another"
  [ "$(az ad app federated-credential show --id "$app" --federated-credential-id identity --query subject -o tsv)" = "$principal" ] ||
    fail "the credential is another"
  if refusal=$(az ad app federated-credential create --id "$app" --parameters "$(credential identity other)" 2>&1); then
    fail "a name was taken twice"
  fi
  grep -q 'FederatedIdentityCredential with name identity already exists' <<<"$refusal" || fail "$refusal"
  echo "ok: az gives an application a federated credential, and no second one of its name"
  az identity federated-credential create --name pod --identity-name federated --resource-group "$BATTEN_RESOURCE_GROUP" \
    --issuer https://kubernetes.example --subject system:serviceaccount:a:b --audiences api://AzureADTokenExchange --output none
  [ "$(az identity federated-credential list --identity-name federated --resource-group "$BATTEN_RESOURCE_GROUP" \
    --query '[].name' -o tsv)" = pod ] || fail "the identity has other credentials"
  az identity federated-credential delete --name pod --identity-name federated --resource-group "$BATTEN_RESOURCE_GROUP" --yes
  echo "ok: az gives a managed identity a federated credential and takes it back"
  echo "$app" >"$folder/app"
}

token() {
  curl --silent --fail -H "X-IDENTITY-HEADER: $IDENTITY_HEADER" \
    "$IDENTITY_ENDPOINT?api-version=2019-08-01&resource=api://AzureADTokenExchange" |
    sed 's/.*"access_token":"\([^"]*\)".*/\1/' >"$folder/token"
}

login() {
  app=$(cat "$folder/app")
  az login --service-principal -u "$app" --tenant "$AZURE_TENANT_ID" --federated-token "$(cat "$folder/token")" \
    --allow-no-subscriptions --output none
  az account get-access-token --resource https://batch.core.windows.net/ --output none
  echo "ok: az signs in with the token of a managed identity"
  if refusal=$(az login --service-principal -u "$AZURE_CLIENT_ID" --tenant "$AZURE_TENANT_ID" \
    --federated-token "$(cat "$folder/token")" 2>&1); then
    fail "an application that does not federate took the token"
  fi
  grep -q AADSTS70025 <<<"$refusal" || fail "$refusal"
  echo "ok: an application without a federated credential is refused with AADSTS70025"
}

"$step"
