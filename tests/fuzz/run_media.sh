#!/bin/sh
# Fuzzes the readers of media for ten minutes, or SECONDS_TO_RUN. With atheris, in the environment of run.sh, where it
# installs; without it by plain mutation, each file through the sandbox. What it learns and what fails stays in
# .venv/fuzz: run fuzz_media.py with a failing file to see it again.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
fuzz="$root/.venv/fuzz"
libraries='import sysconfig; print(sysconfig.get_path("purelib"))'

[ -x "$fuzz/bin/python" ] || "$root/.venv/bin/python" -m venv "$fuzz"
"$root/.venv/bin/python" -c "$libraries" > "$("$fuzz/bin/python" -c "$libraries")/borrowed.pth"
"$fuzz/bin/python" -c 'import atheris' 2>/dev/null ||
    "$fuzz/bin/python" -m pip install --quiet --disable-pip-version-check 'atheris==3.0.0' ||
    echo "atheris does not install here: mutating by chance, without looking at what the readers do" >&2

mkdir -p "$fuzz/learnt_media"
cd "$fuzz"
export PYTHONPATH="$root:$root/tests:$root/tests/media"
"$fuzz/bin/python" "$here/fuzz_media.py" --seeds learnt_media
exec nice "$fuzz/bin/python" "$here/fuzz_media.py" learnt_media "-max_total_time=${SECONDS_TO_RUN:-600}" \
    -rss_limit_mb=1500 -timeout=20 -max_len=262144 -print_final_stats=1
