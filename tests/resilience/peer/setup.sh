#!/usr/bin/env bash
# Makes the Python environment of the account server that is not ours (tests/resilience/peer), with the versions in requirements.txt,
# and its empty tables.
#
#   bash tests/resilience/peer/setup.sh VENV_DIR
#
# Does nothing where it is there already. The test looks for it in the target folder: target/peer-venv.
set -euo pipefail

if [ $# -ne 1 ]; then
  echo "usage: setup.sh VENV_DIR" >&2
  exit 2
fi
venv=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

made_of() { cat "$here/requirements.txt" "$here/server.py"; }
if made_of | cmp -s - "$venv/made-of"; then
  exit 0
fi
echo "peer: installing django-oauth-toolkit into $venv"
python3 -m venv --clear "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
"$venv/bin/python" "$here/server.py" --make-tables
made_of >"$venv/made-of"
