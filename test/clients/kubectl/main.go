// Command kubectl is kubectl as released, from its module: a judge of the conformance tests.
package main

import (
	"k8s.io/component-base/cli"
	"k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"

	// Credential plugins, as in the released program.
	_ "k8s.io/client-go/plugin/pkg/client/auth"
)

func main() {
	// Errors go through kubectl's own CheckErr, which words them and chooses the exit code.
	if err := cli.RunNoErrOutput(cmd.NewDefaultKubectlCommand()); err != nil {
		util.CheckErr(err)
	}
}
