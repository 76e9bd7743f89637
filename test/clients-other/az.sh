# For the checks that use az of Debian, which read it first: az keeps its sign-ins in a folder that is thrown away.
set -euo pipefail

AZURE_CONFIG_DIR=$(mktemp -d)
export AZURE_CONFIG_DIR
trap 'rm -rf "$AZURE_CONFIG_DIR"' EXIT
export AZURE_CORE_COLLECT_TELEMETRY=no

fail() {
  echo "failed: $1" >&2
  exit 1
}

# refused TEXT COMMAND... expects the command to fail and to say the text.
refused() {
  local text=$1 said
  shift
  if said=$("$@" 2>&1); then fail "$* was not refused"; fi
  grep -qF "$text" <<<"$said" || fail "$* said: $said"
}
