// The real controllers, to run on our API server and beside ours.
package main

import (
	"os"
	_ "time/tzdata" // of CronJobs

	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-controller-manager/app"
)

func main() { os.Exit(cli.Run(app.NewControllerManagerCommand())) }
