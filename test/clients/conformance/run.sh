#!/usr/bin/env bash
# Kubernetes' own conformance tests (test/e2e, 1.36.3) against a plane of ours: run.sh [FOCUS]
# FOCUS: a regular expression of their names, by default what needs no real containers.
# Needs ../build.sh conformance (Go, many minutes the first time), `npm run build`, and kubectl on PATH.
# A whole run takes half an hour; what fails is listed at its end, and is the exit code.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tests=$here/../bin/conformance
[ -x "$tests" ] || { echo 'build them first: test/clients/build.sh conformance' >&2; exit 1; }

# What other parts of the API are for: custom resources, webhooks, policies and their expressions.
LATER='CustomResource|CRD|[Ww]ebhook|AdmissionPolicy|Aggregator|CEL|cannot create crd|custom resource|invalid CR'
# What only a program in a container, or a packet between two, could answer.
CONTAINERS='mount|volume|Volume|env|DNS|Proxy|session affinity|should serve|basic image|Networking|Probing|probe'
CONTAINERS+='|Guestbook|Update Demo|rolling updates and roll backs|canary updates|predictable order|Burst scaling'
CONTAINERS+='|Sysctls|Security Context|Lifecycle Hook|PreStop|Kubelet when|Container Runtime|locally restarted'
CONTAINERS+='|downward|Downward|ImageVolume|should be able to (change|create a functioning|switch)|HostPort'
CONTAINERS+='|retrieve and filter logs|PodExtended|hostPort|evicted statefulset|backoffLimitPerIndex|Variable Expansion|Projected combined|hosts file|endpoints latency|image defaults'
# Wait for minutes, as for the store's compaction.
SLOW='\[Slow\]|continue listing from the last key|token expires'

folder=$(mktemp -d)
node "$here/../../../packages/miniplane/bin/miniplane.cjs" up --nodes 3 --kubeconfig "$folder/kubeconfig" >"$folder/log" &
plane=$!
stop() {
  kill "$plane" 2>/dev/null || true
  wait "$plane" 2>/dev/null || true
  rm -rf "$folder"
}
trap stop EXIT
for _ in $(seq 100); do
  [ -s "$folder/kubeconfig" ] && break
  sleep 0.2
done
"$tests" --kubeconfig="$folder/kubeconfig" --provider=local --num-nodes=3 --disable-log-dump \
  --ginkgo.no-color --ginkgo.timeout=2h --ginkgo.succinct \
  --ginkgo.focus="${1:-\\[Conformance\\]}" --ginkgo.skip="$LATER|$CONTAINERS|$SLOW"
