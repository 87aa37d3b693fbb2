#!/usr/bin/env bash
# Makes a node able to run trials: an environment in ~/venv with the versions in constraints.txt, and this project in it.
# Runs on every node after the files have arrived, and again after every change of them; quick where nothing is missing.
#
#   STUDY_PYTHON=3.11       which Python; fetched where the image has another one
#   STUDY_EXTRA=aws|gcp     what the autoscaler on the head needs for its cloud; empty for machines of your own
set -euo pipefail

python="${STUDY_PYTHON:-3.11}"
project="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
venv="$HOME/venv"

case "${STUDY_EXTRA:-}" in
    "") extra=() ;;
    aws) extra=(boto3) ;;
    gcp) extra=(google-api-python-client google-auth cryptography) ;;
    *) echo "STUDY_EXTRA: got '$STUDY_EXTRA'; expected aws, gcp or nothing" >&2; exit 2 ;;
esac

umask 077
chmod 600 "$HOME/.ray/auth_token" 2>/dev/null || true

if [ ! -x "$venv/bin/python" ]; then
    if command -v "python$python" >/dev/null && "python$python" -c 'import ensurepip' 2>/dev/null; then
        "python$python" -m venv "$venv"
    else
        # A bare Ubuntu has one Python and not its venv module. uv brings any version, without root.
        curl -LsSf --retry 5 https://astral.sh/uv/install.sh | UV_NO_MODIFY_PATH=1 sh
        "$HOME/.local/bin/uv" venv --seed --python "$python" "$venv"
    fi
fi

# Logins that are not interactive (`ray exec`, `ray down`) find `ray` and `study` by this; first line, since Ubuntu's
# .bashrc returns early for them.
for file in "$HOME/.bashrc" "$HOME/.profile"; do
    touch "$file"
    if ! grep -q 'HOME/venv/bin' "$file"; then
        { echo 'export PATH="$HOME/venv/bin:$PATH"'; cat "$file"; } > "$file.new"
        mv "$file.new" "$file"
    fi
done

cd "$project"
install=("$venv/bin/python" -m pip install --quiet --no-input --disable-pip-version-check --retries 10 -c constraints.txt)
"${install[@]}" "setuptools>=77.0.3" "ray[default,tune]" ${extra[@]+"${extra[@]}"}
"${install[@]}" --no-build-isolation --editable .
"$venv/bin/python" -c 'import ray, study, torch; print("ready: Ray", ray.__version__, "and torch", torch.__version__)'
