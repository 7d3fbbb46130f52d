package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	corev1apply "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

type runtimeObject = runtime.Object

func controllerRuntimeChecks() []check {
	return []check{
		{"controller-runtime's client: create, patch, apply, list, delete", runtimeClient},
		{"a controller reconciles, owns, and finalizes", runtimeController},
	}
}

func runtimeClient(ctx context.Context, config *rest.Config) error {
	return inNamespace(ctx, rest.CopyConfig(config), func(_ *kubernetes.Clientset, namespace string) error {
		api, err := client.New(config, client.Options{})
		if err != nil {
			return err
		}
		made := configMap("one", map[string]string{"a": "1"})
		made.Namespace = namespace
		if err := api.Create(ctx, made); err != nil {
			return err
		}
		before := made.DeepCopy()
		made.Data["b"] = "2"
		if err := api.Patch(ctx, made, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); err != nil {
			return err
		}
		applied := corev1apply.ConfigMap("one", namespace).WithData(map[string]string{"c": "3"})
		if err := api.Apply(ctx, applied, client.FieldOwner("judge-apply")); err != nil {
			return err
		}
		var list corev1.ConfigMapList
		if err := api.List(ctx, &list, client.InNamespace(namespace), client.MatchingLabels{"made-by": "judge"}, client.Limit(1)); err != nil {
			return err
		}
		if err := expect(len(list.Items) == 1 && len(list.Items[0].Data) == 3, "list: %+v", list.Items); err != nil {
			return err
		}
		created, err := controllerutil.CreateOrUpdate(ctx, api, made, func() error { return nil })
		if err := errors.Join(err, expect(created == controllerutil.OperationResultNone, "created or updated: %v", created)); err != nil {
			return err
		}
		return api.DeleteAllOf(ctx, &corev1.ConfigMap{}, client.InNamespace(namespace), client.MatchingLabels{"made-by": "judge"})
	})
}

const finalizer = "miniplane.test/judge"

// reconciler keeps a Secret for every ConfigMap that is labelled, until that goes.
type reconciler struct{ client.Client }

func (r reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var source corev1.ConfigMap
	if err := r.Get(ctx, request.NamespacedName, &source); err != nil || source.Labels["made-by"] != "judge" {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !source.DeletionTimestamp.IsZero() {
		controllerutil.RemoveFinalizer(&source, finalizer)
		return ctrl.Result{}, r.Update(ctx, &source)
	}
	if controllerutil.AddFinalizer(&source, finalizer) {
		return ctrl.Result{}, r.Update(ctx, &source)
	}
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: source.Namespace, Name: source.Name}}
	_, err := controllerutil.CreateOrUpdate(ctx, r.Client, secret, func() error {
		secret.StringData = source.Data
		return controllerutil.SetControllerReference(&source, secret, r.Scheme())
	})
	return ctrl.Result{}, err
}

func runtimeController(ctx context.Context, config *rest.Config) error {
	return inNamespace(ctx, rest.CopyConfig(config), func(clients *kubernetes.Clientset, namespace string) error {
		log.SetLogger(logr.Discard())
		manager, err := ctrl.NewManager(config, ctrl.Options{
			Metrics:        server.Options{BindAddress: "0"},
			Cache:          cache.Options{DefaultNamespaces: map[string]cache.Config{namespace: {}}},
			LeaderElection: true, LeaderElectionID: "judge", LeaderElectionNamespace: namespace,
			LeaderElectionReleaseOnCancel: true,
		})
		if err != nil {
			return err
		}
		if err := ctrl.NewControllerManagedBy(manager).For(&corev1.ConfigMap{}).Owns(&corev1.Secret{}).
			Complete(reconciler{manager.GetClient()}); err != nil {
			return err
		}
		running, stop := context.WithCancel(ctx)
		stopped := make(chan error, 1)
		go func() { stopped <- manager.Start(running) }()
		worked := controllerWork(ctx, clients, namespace)
		stop()
		return errors.Join(worked, <-stopped)
	})
}

func controllerWork(ctx context.Context, clients *kubernetes.Clientset, namespace string) error {
	maps, secrets := clients.CoreV1().ConfigMaps(namespace), clients.CoreV1().Secrets(namespace)
	if _, err := maps.Create(ctx, configMap("one", map[string]string{"a": "1"}), metav1.CreateOptions{}); err != nil {
		return err
	}
	holds := func() (bool, error) {
		secret, err := secrets.Get(ctx, "one", metav1.GetOptions{})
		return err == nil && string(secret.Data["a"]) == "1" && len(secret.OwnerReferences) == 1, ignore(err, apierrors.IsNotFound)
	}
	if err := until(ctx, holds); err != nil {
		return fmt.Errorf("no secret: %w", err)
	}
	if err := secrets.Delete(ctx, "one", metav1.DeleteOptions{}); err != nil {
		return err
	}
	if err := until(ctx, holds); err != nil {
		return fmt.Errorf("the secret did not come back: %w", err)
	}
	if err := maps.Delete(ctx, "one", metav1.DeleteOptions{}); err != nil {
		return err
	}
	return until(ctx, func() (bool, error) {
		_, err := maps.Get(ctx, "one", metav1.GetOptions{})
		return apierrors.IsNotFound(err), ignore(err, apierrors.IsNotFound)
	})
}
