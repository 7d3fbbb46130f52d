package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/transport/spdy"
	clientexec "k8s.io/client-go/util/exec"
)

// streams talks to a container that has printed a line and listens at 8080.
func streams(ctx context.Context, config *rest.Config) error {
	return inNamespace(ctx, config, func(client *kubernetes.Clientset, namespace string) error {
		pods := client.CoreV1().Pods(namespace)
		container := corev1.Container{
			Name: "c", Image: "busybox", Command: []string{"sh", "-c", "echo started; sleep 1000"},
			Ports: []corev1.ContainerPort{{ContainerPort: 8080}},
		}
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "talker"}, Spec: corev1.PodSpec{Containers: []corev1.Container{container}}}
		if _, err := pods.Create(ctx, pod, metav1.CreateOptions{}); err != nil {
			return err
		}
		for pod.Status.Phase != corev1.PodRunning {
			time.Sleep(20 * time.Millisecond)
			var err error
			if pod, err = pods.Get(ctx, "talker", metav1.GetOptions{}); err != nil {
				return err
			}
		}
		log, err := pods.GetLogs("talker", &corev1.PodLogOptions{}).DoRaw(ctx)
		if err != nil || string(log) != "started\n" {
			return fmt.Errorf("log %q: %w", log, err)
		}
		for name, executor := range executors(client, config, namespace) {
			if err := talk(ctx, executor); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return forward(config, client.CoreV1().RESTClient().Post().Namespace(namespace).
			Resource("pods").Name("talker").SubResource("portforward"))
	})
}

func executors(client *kubernetes.Clientset, config *rest.Config, namespace string) map[string]remotecommand.Executor {
	request := client.CoreV1().RESTClient().Post().Namespace(namespace).Resource("pods").Name("talker").SubResource("exec").
		VersionedParams(&corev1.PodExecOptions{
			Command: []string{"sh", "-c", "cat; echo trouble >&2; exit 3"}, Stdin: true, Stdout: true, Stderr: true,
		}, scheme.ParameterCodec)
	overSpdy, _ := remotecommand.NewSPDYExecutor(config, http.MethodPost, request.URL())
	overWebSocket, _ := remotecommand.NewWebSocketExecutor(config, http.MethodGet, request.URL().String())
	return map[string]remotecommand.Executor{"SPDY": overSpdy, "WebSocket": overWebSocket}
}

// talk passes a megabyte through, which no window and no queue holds at once.
func talk(ctx context.Context, executor remotecommand.Executor) error {
	input := strings.Repeat("0123456789abcdef", 64*1024)
	var stdout, stderr bytes.Buffer
	err := executor.StreamWithContext(ctx, remotecommand.StreamOptions{Stdin: strings.NewReader(input), Stdout: &stdout, Stderr: &stderr})
	var exit clientexec.CodeExitError
	if !errors.As(err, &exit) || exit.Code != 3 {
		return fmt.Errorf("ended with %v", err)
	}
	return expect(stdout.String() == input && stderr.String() == "trouble\n", "%d bytes and %q came back", stdout.Len(), stderr.String())
}

func forward(config *rest.Config, request *rest.Request) error {
	transport, upgrader, err := spdy.RoundTripperFor(config)
	if err != nil {
		return err
	}
	dialer := spdy.NewDialer(upgrader, &http.Client{Transport: transport}, http.MethodPost, request.URL())
	stop, ready := make(chan struct{}), make(chan struct{})
	forwarder, err := portforward.New(dialer, []string{"0:8080"}, stop, ready, io.Discard, io.Discard)
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- forwarder.ForwardPorts() }()
	defer close(stop)
	select {
	case <-ready:
	case err := <-ended:
		return err
	}
	ports, err := forwarder.GetPorts()
	if err != nil {
		return err
	}
	answer, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/", ports[0].Local))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return errors.Join(err, expect(strings.Contains(string(text), "container c, port 8080"), "the port says %q", text))
}
