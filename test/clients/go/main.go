// A judge of the API server: what client-go and controller-runtime do all day, in protobuf where
// they would. Reads KUBECONFIG and prints a line a check, as TAP does; exits 1 when one failed.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
)

const checkTimeout = 20 * time.Second

type check struct {
	name string
	run  func(context.Context, *rest.Config) error
}

func main() {
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	config.QPS = -1
	if os.Getenv("JUDGE_LOGS") == "" {
		klog.LogToStderr(false)
		klog.SetOutput(io.Discard)
	}
	config.UserAgent = "judge/1.0"
	checks := append(clientGoChecks(), controllerRuntimeChecks()...)
	fmt.Printf("1..%d\n", len(checks))
	failed := 0
	for i, check := range checks {
		if err := runBounded(check, config); err != nil {
			failed++
			fmt.Printf("not ok %d - %s\n  %v\n", i+1, check.name, err)
			continue
		}
		fmt.Printf("ok %d - %s\n", i+1, check.name)
	}
	if failed > 0 {
		os.Exit(1)
	}
}

func runBounded(check check, config *rest.Config) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), checkTimeout)
	defer cancel()
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	return check.run(ctx, rest.CopyConfig(config))
}

// inProtobuf is how controllers of Kubernetes itself are set up.
func inProtobuf(config *rest.Config) *rest.Config {
	config.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	config.ContentType = "application/vnd.kubernetes.protobuf"
	return config
}

func expect(condition bool, format string, values ...any) error {
	if condition {
		return nil
	}
	return fmt.Errorf(format, values...)
}
