#!/usr/bin/env bash
# Holds the simulated cloud to docs/contract/openapi.yaml with schemathesis.
#
#   bash crates/ezeep-sim/contract/check.sh PATH_TO_EZEEP_SIM VENV_DIR
#
# VENV_DIR is made where it is missing, and holds the versions in requirements.txt. Exits non-zero where the two disagree.
set -euo pipefail

if [ $# -ne 2 ]; then
  echo "usage: check.sh PATH_TO_EZEEP_SIM VENV_DIR" >&2
  exit 2
fi
sim=$1
venv=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

if ! cmp -s "$here/requirements.txt" "$venv/installed-requirements.txt"; then
  echo "contract: installing schemathesis into $venv"
  python3 -m venv --clear "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
  cp "$here/requirements.txt" "$venv/installed-requirements.txt"
fi
exec "$venv/bin/python" "$here/check.py" "$sim" "$here/../../../docs/contract/openapi.yaml"
