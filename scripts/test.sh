#!/usr/bin/env bash
# Runs every test, in two processes side by side: those in a browser, which mostly wait, and the
# others, which mostly compute. What the first say is shown whole once the others have ended.
#
#   scripts/test.sh [OPTION OF PYTEST…]     for instance: scripts/test.sh -x --durations=20
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

said=$(mktemp)
browser=
stop() {
    [ -z "$browser" ] || { kill -INT "$browser" && wait "$browser"; } 2>/dev/null || true
    rm -f "$said"
}
trap stop EXIT
trap 'exit 143' TERM

colour=$([ -t 1 ] && echo yes || echo no)
set -m # a process group of its own: without it, it would not hear the signal that ends it
# Each of the two has its own note of what failed last.
.venv/bin/pytest --color="$colour" -o cache_dir=.pytest_cache/browser tests/e2e "$@" \
    >"$said" 2>&1 &
browser=$!
set +m

failed=0
# Where both want the processor the browser goes first: a page has a time to answer in.
nice -n 5 .venv/bin/pytest --ignore=tests/e2e "$@" || failed=$?
[ "$failed" != 2 ] || exit 2 # interrupted
[ -z "$(jobs -r)" ] || echo "the tests in a browser go on…"
wait "$browser" || failed=$?
browser=
cat "$said"
exit "$failed"
