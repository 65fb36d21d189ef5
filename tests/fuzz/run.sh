#!/bin/sh
# Fuzzes the readers of handed-over bundles for ten minutes, or SECONDS_TO_RUN. atheris lives in an environment of its
# own, .venv/fuzz, which borrows the libraries of .venv. What it learns stays there for the next run; an input that
# crashes a reader ends the run and is kept as .venv/fuzz/crash-…: run fuzz_bundle.py with that file to see it again.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
fuzz="$root/.venv/fuzz"
libraries='import sysconfig; print(sysconfig.get_path("purelib"))'

[ -x "$fuzz/bin/python" ] || "$root/.venv/bin/python" -m venv "$fuzz"
"$root/.venv/bin/python" -c "$libraries" > "$("$fuzz/bin/python" -c "$libraries")/borrowed.pth"
"$fuzz/bin/python" -c 'import atheris' 2>/dev/null ||
    "$fuzz/bin/python" -m pip install --quiet --disable-pip-version-check 'atheris==3.0.0'

mkdir -p "$fuzz/learnt"
cd "$fuzz"
PYTHONPATH="$root" exec nice "$fuzz/bin/python" "$here/fuzz_bundle.py" learnt "$here/corpus" \
    "-max_total_time=${SECONDS_TO_RUN:-600}" -rss_limit_mb=512 -timeout=60 -max_len=16384 -print_final_stats=1
