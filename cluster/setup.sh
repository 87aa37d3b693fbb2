#!/usr/bin/env bash
# Makes a node able to run trials: an environment in ~/venv with the versions in constraints.txt, and this project in it.
# Runs on every node after the files have arrived, and again after every change of them; quick where nothing is missing.
#
#   STUDY_PYTHON=3.11       which Python; fetched where the image has another one
#   STUDY_EXTRA=aws|gcp     what the autoscaler on the head needs for its cloud; empty for machines of your own
set -euo pipefail

python="${STUDY_PYTHON:-3.11}"
extra="${STUDY_EXTRA:-}"
project="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
venv="$HOME/venv"

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

# Non-interactive logins (`ray exec`, `ray down`) find `ray` and `study` by this; first line, before .bashrc may return.
for file in "$HOME/.bashrc" "$HOME/.profile"; do
    grep -qs 'venv/bin' "$file" || printf '%s\n%s' 'export PATH="$HOME/venv/bin:$PATH"' "$(cat "$file" 2>/dev/null)" > "$file.new"
    [ ! -e "$file.new" ] || mv "$file.new" "$file"
done

cd "$project"
"$venv/bin/pip" install --quiet --no-input --retries 10 -c constraints.txt "ray[default,tune]" ${extra:+$(
    case "$extra" in
        aws) echo boto3 ;;
        gcp) echo google-api-python-client google-auth cryptography ;;
        *) echo "STUDY_EXTRA: got '$extra'; expected aws, gcp or nothing" >&2; exit 2 ;;
    esac)}
"$venv/bin/pip" install --quiet --no-input --retries 10 -c constraints.txt --editable .
"$venv/bin/python" -c 'import ray, study, torch, trainables; print("ready: Ray", ray.__version__, "torch", torch.__version__)'
