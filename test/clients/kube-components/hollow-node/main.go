// A real kubelet's code without containers, as a node of our API server.
package main

import (
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kubemark/app"
)

func main() { os.Exit(cli.Run(app.NewHollowNodeCommand())) }
