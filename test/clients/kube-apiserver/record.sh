#!/usr/bin/env bash
# Records conversations from a real kube-apiserver 1.36 on an etcd of its own, without controllers, as
# test/corpus/machinery and kinds were: record.sh CASES.json ...
# Needs ../build.sh etcd kube-apiserver (Go, and many minutes the first time): on an etcd older than 3.6
# its caches would not work as in a cluster. The cases' form stands at the head of
# test/corpus/play.mjs, which then plays them against ours.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=$here/../bin
[ $# -gt 0 ] || { echo 'usage: record.sh CASES.json ...' >&2; exit 2; }
[ -x "$bin/etcd" ] && [ -x "$bin/kube-apiserver" ] ||
  { echo 'build them first: test/clients/build.sh etcd kube-apiserver' >&2; exit 1; }

folder=$(mktemp -d)
pids=()
# Neither has anything to keep, and the server would wait for the etcd.
stop() {
  for pid in "${pids[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$folder"
}
trap stop EXIT

port=${PORT:-16443}
etcd=http://127.0.0.1:$((port + 1))
peer=http://127.0.0.1:$((port + 2))
"$bin/etcd" --data-dir "$folder/etcd" --unsafe-no-fsync --log-level error --listen-client-urls "$etcd" \
  --advertise-client-urls "$etcd" --listen-peer-urls "$peer" --initial-advertise-peer-urls "$peer" \
  --initial-cluster "default=$peer" >"$folder/etcd.log" 2>&1 &
pids+=($!)

openssl genrsa -out "$folder/sa.key" 2048 2>/dev/null
printf '%s\n' 'admin-token,admin,admin-uid,system:masters' 'user-token,alice,,devs' >"$folder/tokens"
"$bin/kube-apiserver" --etcd-servers "$etcd" --secure-port "$port" --bind-address 127.0.0.1 \
  --cert-dir "$folder/certificates" --token-auth-file "$folder/tokens" --authorization-mode RBAC \
  --service-cluster-ip-range 10.0.0.0/24 --service-account-issuer https://kubernetes.default.svc \
  --service-account-key-file "$folder/sa.key" --service-account-signing-key-file "$folder/sa.key" \
  --disable-admission-plugins ServiceAccount --allow-privileged 2>"$folder/log" &
pids+=($!)

for _ in $(seq 60); do
  curl -fsk "https://127.0.0.1:$port/readyz" >/dev/null 2>&1 && ready=yes && break
  sleep 1
done
[ "${ready:-}" = yes ] || { tail "$folder/log" >&2; echo 'kube-apiserver did not become ready' >&2; exit 1; }
node "$here/../../corpus/play.mjs" --record --server "https://127.0.0.1:$port" --token admin-token "$@"
