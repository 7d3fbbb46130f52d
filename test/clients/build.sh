#!/usr/bin/env bash
# Builds the clients that judge us into test/clients/bin. Without arguments those that CI runs:
# kubectl 1.36, the judges in Go and Node, what Go's own modules say of our protobuf, of who owns
# which field and of the hash of a Pod template, and an operator's test; or the ones named: kubectl go
# node protobuf ownership hash envtest etcd kube-apiserver components conformance python rust java.
# The first build of the Go ones takes a few minutes; later ones come from Go's build cache.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
bin=$PWD/bin
mkdir -p "$bin"

needs() { # PROGRAM WHERE
  command -v "$1" >/dev/null || { echo "$1 is needed: see $2" >&2; exit 1; }
}

# A program of the judge's name that needs no arguments.
launcher() { # NAME COMMAND
  printf '#!/bin/sh\nexec %s "$@"\n' "$2" >"$bin/judge-$1"
  chmod +x "$bin/judge-$1"
}

# What the release build stamps; `kubectl version`, /version and the user agent say it.
version=k8s.io/component-base/version
stamp="-X $version.gitVersion=v1.36.3 -X $version.gitMajor=1 -X $version.gitMinor=36 -X $version.gitTreeState=clean"

build_kubectl() {
  needs go https://go.dev/dl/
  (cd kubectl && go build -trimpath -ldflags "-s -w $stamp" -o "$bin/kubectl" .)
  echo "built test/clients/bin/kubectl: $("$bin/kubectl" version --client | head -n 1)"
}

build_go() {
  needs go https://go.dev/dl/
  (cd go && go build -trimpath -ldflags '-s -w' -o "$bin/judge-go" .)
}

# They judge parts of packages/: the go-judge.test.ts beside those parts runs them.
build_protobuf() {
  needs go https://go.dev/dl/
  (cd protobuf && go build -trimpath -ldflags '-s -w' -o "$bin/protobuf" .)
}

build_ownership() {
  needs go https://go.dev/dl/
  (cd ownership && go build -trimpath -ldflags '-s -w' -o "$bin/ownership" .)
}

build_hash() {
  needs go https://go.dev/dl/
  (cd hash && go build -trimpath -ldflags '-s -w' -o "$bin/hash" .)
}

# An operator with its author's test, for test/clients/envtest.test.ts.
build_envtest() {
  needs go https://go.dev/dl/
  (cd envtest && go test -c -trimpath -ldflags '-s -w' -o "$bin/envtest" .)
}

# etcd 3.6 and its etcdctl: newer than what Debian has, and near enough to share a cluster with us.
build_etcd() {
  needs go https://go.dev/dl/
  (cd etcd && go build -trimpath -ldflags '-s -w' -o "$bin/" ./...)
}

# For kube-apiserver/record.sh.
build_kube-apiserver() {
  needs go https://go.dev/dl/
  (cd kube-apiserver && CGO_ENABLED=0 go build -trimpath -ldflags "-s -w $stamp" -o "$bin/kube-apiserver" .)
}

# The real controllers, the real scheduler and a kubelet without containers, as clients of our API server.
build_components() {
  needs go https://go.dev/dl/
  local name
  for name in kube-controller-manager kube-scheduler hollow-node; do
    (cd kube-components && CGO_ENABLED=0 go build -trimpath -ldflags "-s -w $stamp" -o "$bin/$name" "./$name")
  done
}

# Kubernetes' own conformance tests, for conformance/run.sh.
build_conformance() {
  needs go https://go.dev/dl/
  (cd conformance && CGO_ENABLED=0 go test -c -trimpath -ldflags '-s -w' -o "$bin/conformance" .)
}

build_node() {
  (cd node && npm ci --loglevel=error)
  launcher node "node '$PWD/node/judge.mjs'"
}

build_python() {
  needs python3 https://www.python.org/downloads/
  python3 -m venv "$bin/python"
  "$bin/python/bin/pip" install --quiet --requirement python/requirements.txt
  launcher python "'$bin/python/bin/python' '$PWD/python/judge.py'"
}

build_rust() {
  needs cargo https://rustup.rs
  (cd rust && cargo build --quiet --target-dir "$bin/rust")
  launcher rust "'$bin/rust/debug/miniplane-judge-rust'"
}

build_java() {
  needs mvn https://maven.apache.org/install.html
  (cd java && mvn --quiet --batch-mode compile dependency:build-classpath -Dmdep.outputFile=target/classpath)
  launcher java "java -cp '$PWD/java/target/classes:$(cat java/target/classpath)' Judge"
}

for client in "${@:-kubectl go node protobuf ownership hash envtest}"; do
  for name in $client; do
    declare -F "build_$name" >/dev/null || { echo "no client is called $name: kubectl go node protobuf ownership hash envtest etcd kube-apiserver components conformance python rust java" >&2; exit 1; }
    "build_$name"
  done
done
