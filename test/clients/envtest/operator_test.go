package envtest

import (
	"context"
	"testing"
	"time"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	metrics "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

func TestExposeReconciler(t *testing.T) {
	environment := &envtest.Environment{}
	config, err := environment.Start()
	if err != nil {
		t.Fatalf("the environment does not start: %v", err)
	}
	t.Cleanup(func() {
		if err := environment.Stop(); err != nil {
			t.Errorf("the environment does not stop: %v", err)
		}
	})
	startOperator(t, config)
	admin, err := client.New(config, client.Options{Scheme: scheme.Scheme})
	must(t, err)

	t.Run("a Deployment that asks for it gets a Service", func(t *testing.T) {
		must(t, admin.Create(t.Context(), deployment("web", "8080")))
		service := eventually(t, admin, "web")
		if service.Spec.ClusterIP == "" || service.Spec.Ports[0].TargetPort.IntVal != 8080 {
			t.Errorf("got %+v", service.Spec)
		}
		if !meta.IsControlledBy(service, get[*apps.Deployment](t, admin, &apps.Deployment{}, "web")) {
			t.Errorf("it is controlled by %+v", service.OwnerReferences)
		}
	})

	t.Run("a Service that somebody deletes comes back", func(t *testing.T) {
		before := eventually(t, admin, "web")
		must(t, admin.Delete(t.Context(), before))
		poll(t, func(ctx context.Context) bool {
			var now core.Service
			return admin.Get(ctx, key("web"), &now) == nil && now.UID != before.UID
		})
	})

	t.Run("it goes when it is not asked for any more", func(t *testing.T) {
		patch := client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"annotations":null}}`))
		must(t, admin.Patch(t.Context(), deployment("web", ""), patch))
		poll(t, func(ctx context.Context) bool {
			return apierrors.IsNotFound(admin.Get(ctx, key("web"), &core.Service{}))
		})
	})

	t.Run("another user has the rights that RBAC gives him", func(t *testing.T) {
		user, err := environment.AddUser(envtest.User{Name: "alice", Groups: []string{"devs"}}, nil)
		must(t, err)
		alice, err := client.New(user.Config(), client.Options{Scheme: scheme.Scheme})
		must(t, err)
		if err := alice.List(t.Context(), &core.SecretList{}); !apierrors.IsForbidden(err) {
			t.Errorf("listing Secrets gives %v", err)
		}
	})
}

func startOperator(t *testing.T, config *rest.Config) {
	manager, err := ctrl.NewManager(config, ctrl.Options{
		Scheme:  scheme.Scheme,
		Metrics: metrics.Options{BindAddress: "0"},
	})
	must(t, err)
	must(t, (&ExposeReconciler{Client: manager.GetClient()}).SetupWithManager(manager))
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- manager.Start(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the manager ended with %v", err)
		}
	})
}

func deployment(name, port string) *apps.Deployment {
	labels := map[string]string{"app": name}
	annotations := map[string]string{}
	if port != "" {
		annotations[exposeAnnotation] = port
	}
	return &apps.Deployment{
		ObjectMeta: meta.ObjectMeta{Name: name, Namespace: "default", Annotations: annotations},
		Spec: apps.DeploymentSpec{
			Selector: &meta.LabelSelector{MatchLabels: labels},
			Template: core.PodTemplateSpec{
				ObjectMeta: meta.ObjectMeta{Labels: labels},
				Spec:       core.PodSpec{Containers: []core.Container{{Name: "web", Image: "nginx:1.27"}}},
			},
		},
	}
}

func key(name string) client.ObjectKey { return client.ObjectKey{Namespace: "default", Name: name} }

func get[T client.Object](t *testing.T, c client.Client, into T, name string) T {
	must(t, c.Get(t.Context(), key(name), into))
	return into
}

func eventually(t *testing.T, c client.Client, name string) *core.Service {
	service := &core.Service{}
	poll(t, func(ctx context.Context) bool { return c.Get(ctx, key(name), service) == nil })
	return service
}

func poll(t *testing.T, condition func(context.Context) bool) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), 20*time.Millisecond, 15*time.Second, true,
		func(ctx context.Context) (bool, error) { return condition(ctx), nil })
	must(t, err)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
