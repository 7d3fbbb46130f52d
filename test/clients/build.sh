#!/usr/bin/env bash
# Builds the clients that judge us into test/clients/bin, from their Go modules: kubectl 1.36, and
# a judge of the protobuf format.
# The first build takes a few minutes; later ones come from Go's build cache.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
command -v go >/dev/null || { echo "go is needed to build kubectl; see https://go.dev/dl/" >&2; exit 1; }
# What the release build stamps; `kubectl version` and the user agent say it.
stamp=k8s.io/component-base/version
ldflags="-s -w -X $stamp.gitVersion=v1.36.3 -X $stamp.gitMajor=1 -X $stamp.gitMinor=36 -X $stamp.gitTreeState=clean"
mkdir -p bin
(cd kubectl && go build -trimpath -ldflags "$ldflags" -o ../bin/kubectl .)
echo "built test/clients/bin/kubectl: $(bin/kubectl version --client | head -n 1)"
(cd protobuf && go build -trimpath -ldflags "-s -w" -o ../bin/protobuf .)
echo "built test/clients/bin/protobuf"
