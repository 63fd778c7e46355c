#!/bin/sh
# record.sh ORACLE: has the real kube-scheduler (tests/conformance/oracle/build.sh 1.37 ORACLE) ask the extender, and writes what went over the wire to
# recorded.ndjson. With --check it is compared instead: are the committed requests still the scheduler's? From the top of the tree, after `make go-library`.
set -eu
check=false
if [ "$1" = --check ]; then check=true; shift; fi
oracle=$(realpath "$1")
. tests/go/env.sh
here=$root/go/examples/extender/testdata
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
server=
python3 "$here/case.py" "$work/dump.json" "$work/case.ndjson"
(cd go && "$go" build -tags "$tags" -o "$work/extender" ./examples/extender)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$work/extender" "$work/dump.json" "127.0.0.1:$port" 2>"$work/log" &
server=$!
python3 - "$port" <<'PYTHON'
import socket, sys, time
for _ in range(100):
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[1]))).close()
        break
    except OSError:
        time.sleep(0.1)
else:
    sys.exit("the extender does not listen")
PYTHON
"$oracle" -extender "http://127.0.0.1:$port" <"$work/case.ndjson" >"$work/recorded.ndjson"
if $check; then
    # Nodes and answers have no order.
    for file in "$here/recorded.ndjson" "$work/recorded.ndjson"; do
        python3 -c 'import json, sys
def sort(v):
    if isinstance(v, dict): return {k: sort(v[k]) for k in sorted(v)}
    return sorted(map(sort, v), key=json.dumps) if isinstance(v, list) else v
for line in open(sys.argv[1]): print(json.dumps(sort(json.loads(line))))' "$file" >"$work/sorted-$(echo "$file" | cksum | cut -d' ' -f1)"
    done
    diff -u "$work"/sorted-*
    echo "extender: $(grep -c '"verb"' "$here/recorded.ndjson") requests and answers as kube-scheduler's"
else
    cp "$work/dump.json" "$work/case.ndjson" "$work/recorded.ndjson" "$here/"
fi
