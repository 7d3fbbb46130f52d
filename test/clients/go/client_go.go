package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	appsv1apply "k8s.io/client-go/applyconfigurations/apps/v1"
	corev1apply "k8s.io/client-go/applyconfigurations/core/v1"
	metav1apply "k8s.io/client-go/applyconfigurations/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/tools/pager"
	"k8s.io/client-go/util/retry"
)

func clientGoChecks() []check {
	return []check{
		{"a ConfigMap is created, read, changed, listed and deleted in protobuf", configMapLife},
		{"errors are the types that client-go knows", errorTypes},
		{"strategic, merge and JSON patches", patches},
		{"server-side apply: two managers, a conflict, force", serverSideApply},
		{"a Deployment comes up, scales and goes", deploymentLife},
		{"a watch sees every change in order", watchOrder},
		{"an informer's cache equals the list", informerCache},
		{"the pager's chunks are the whole list", pagedList},
		{"the dynamic client and the metadata client", dynamicAndMetadata},
		{"discovery lists what is served", discovery},
		{"leader election on a Lease", leaderElection},
		{"tokens, reviews, evictions", tokensAndReviews},
		{"commands over WebSocket and SPDY, ports, logs", streams},
	}
}

func clientset(config *rest.Config) (*kubernetes.Clientset, error) {
	return kubernetes.NewForConfig(inProtobuf(config))
}

// inNamespace runs work in a namespace of its own and takes that away again.
func inNamespace(ctx context.Context, config *rest.Config, work func(*kubernetes.Clientset, string) error) error {
	client, err := clientset(config)
	if err != nil {
		return err
	}
	namespace, err := client.CoreV1().Namespaces().Create(ctx,
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "judge-"}}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	worked := work(client, namespace.Name)
	removed := client.CoreV1().Namespaces().Delete(ctx, namespace.Name, metav1.DeleteOptions{})
	return errors.Join(worked, removed)
}

func configMap(name string, data map[string]string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"made-by": "judge"}}, Data: data}
}

func configMapLife(ctx context.Context, config *rest.Config) error {
	return inNamespace(ctx, config, func(client *kubernetes.Clientset, namespace string) error {
		api := client.CoreV1().ConfigMaps(namespace)
		data := map[string]string{"a": "1", "b": "ß"}
		created, err := api.Create(ctx, configMap("one", data), metav1.CreateOptions{})
		if err != nil {
			return err
		}
		if err := expect(created.UID != "" && created.ResourceVersion != "" && len(created.ManagedFields) == 1 &&
			created.ManagedFields[0].Manager == "judge", "created: %+v", created.ObjectMeta); err != nil {
			return err
		}
		created.BinaryData = map[string][]byte{"bytes": {0, 255}}
		updated, err := api.Update(ctx, created, metav1.UpdateOptions{})
		if err != nil {
			return err
		}
		read, err := api.Get(ctx, "one", metav1.GetOptions{})
		if err != nil {
			return err
		}
		if err := expect(maps.Equal(read.Data, data) && read.ResourceVersion == updated.ResourceVersion &&
			slices.Equal(read.BinaryData["bytes"], []byte{0, 255}), "read: %+v", read); err != nil {
			return err
		}
		list, err := api.List(ctx, metav1.ListOptions{LabelSelector: "made-by=judge"})
		if err != nil {
			return err
		}
		if err := expect(len(list.Items) == 1 && list.Items[0].Name == "one" && list.ResourceVersion != "", "list: %+v", list); err != nil {
			return err
		}
		if err := api.Delete(ctx, "one", metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions(string(read.UID))}); err != nil {
			return err
		}
		_, err = api.Get(ctx, "one", metav1.GetOptions{})
		return expect(apierrors.IsNotFound(err), "after the deletion: %v", err)
	})
}

func errorTypes(ctx context.Context, config *rest.Config) error {
	return inNamespace(ctx, config, func(client *kubernetes.Clientset, namespace string) error {
		api := client.CoreV1().ConfigMaps(namespace)
		first, err := api.Create(ctx, configMap("one", nil), metav1.CreateOptions{})
		if err != nil {
			return err
		}
		_, exists := api.Create(ctx, configMap("one", nil), metav1.CreateOptions{})
		stale := first.DeepCopy()
		first.Data = map[string]string{"a": "1"}
		if _, err := api.Update(ctx, first, metav1.UpdateOptions{}); err != nil {
			return err
		}
		stale.Data = map[string]string{"a": "2"}
		_, conflict := api.Update(ctx, stale, metav1.UpdateOptions{})
		_, invalid := api.Create(ctx, configMap("No Good", nil), metav1.CreateOptions{})
		_, expired := client.CoreV1().ConfigMaps(namespace).List(ctx, metav1.ListOptions{Continue: "nonsense"})
		var status *apierrors.StatusError
		return errors.Join(
			expect(apierrors.IsAlreadyExists(exists), "twice: %v", exists),
			expect(apierrors.IsConflict(conflict), "stale: %v", conflict),
			expect(apierrors.IsInvalid(invalid), "invalid: %v", invalid),
			expect(errors.As(invalid, &status) && status.ErrStatus.Details.Causes[0].Field == "metadata.name", "causes: %v", invalid),
			expect(apierrors.IsBadRequest(expired) || apierrors.IsResourceExpired(expired), "continue: %v", expired),
			retry.RetryOnConflict(retry.DefaultRetry, func() error {
				latest, err := api.Get(ctx, "one", metav1.GetOptions{})
				if err != nil {
					return err
				}
				latest.Data["b"] = "2"
				_, err = api.Update(ctx, latest, metav1.UpdateOptions{})
				return err
			}),
		)
	})
}

func patches(ctx context.Context, config *rest.Config) error {
	return inNamespace(ctx, config, func(client *kubernetes.Clientset, namespace string) error {
		api := client.AppsV1().Deployments(namespace)
		if _, err := api.Create(ctx, deployment("web", 0), metav1.CreateOptions{}); err != nil {
			return err
		}
		strategic := `{"spec":{"template":{"spec":{"containers":[{"name":"sidecar","image":"sidecar"}]}}}}`
		patched, err := api.Patch(ctx, "web", types.StrategicMergePatchType, []byte(strategic), metav1.PatchOptions{})
		if err != nil {
			return err
		}
		merged, err := api.Patch(ctx, "web", types.MergePatchType, []byte(`{"metadata":{"annotations":{"a":"b"}}}`), metav1.PatchOptions{})
		if err != nil {
			return err
		}
		replaced, err := api.Patch(ctx, "web", types.JSONPatchType,
			[]byte(`[{"op":"test","path":"/metadata/annotations/a","value":"b"},{"op":"remove","path":"/metadata/annotations/a"}]`), metav1.PatchOptions{})
		if err != nil {
			return err
		}
		return errors.Join(
			expect(len(patched.Spec.Template.Spec.Containers) == 2, "strategic: %+v", patched.Spec.Template.Spec.Containers),
			expect(merged.Annotations["a"] == "b", "merge: %v", merged.Annotations),
			expect(replaced.Annotations["a"] == "", "json: %v", replaced.Annotations),
		)
	})
}

func serverSideApply(ctx context.Context, config *rest.Config) error {
	return inNamespace(ctx, config, func(client *kubernetes.Clientset, namespace string) error {
		api := client.AppsV1().Deployments(namespace)
		wanted := func(replicas int32, image string) *appsv1apply.DeploymentApplyConfiguration {
			pod := corev1apply.PodSpec().WithContainers(corev1apply.Container().WithName("web").WithImage(image))
			return appsv1apply.Deployment("web", namespace).WithSpec(appsv1apply.DeploymentSpec().
				WithReplicas(replicas).
				WithSelector(metav1apply.LabelSelector().WithMatchLabels(map[string]string{"app": "web"})).
				WithTemplate(corev1apply.PodTemplateSpec().WithLabels(map[string]string{"app": "web"}).WithSpec(pod)))
		}
		created, err := api.Apply(ctx, wanted(0, "web:1"), metav1.ApplyOptions{FieldManager: "one"})
		if err != nil {
			return err
		}
		again, err := api.Apply(ctx, wanted(0, "web:1"), metav1.ApplyOptions{FieldManager: "one"})
		if err != nil {
			return err
		}
		_, conflict := api.Apply(ctx, wanted(0, "web:2"), metav1.ApplyOptions{FieldManager: "two"})
		forced, err := api.Apply(ctx, wanted(0, "web:2"), metav1.ApplyOptions{FieldManager: "two", Force: true})
		if err != nil {
			return err
		}
		extracted, err := appsv1apply.ExtractDeployment(forced, "one")
		if err != nil {
			return err
		}
		var status *apierrors.StatusError
		return errors.Join(
			expect(created.Generation == 1 && again.Generation == 1 && ownedSince(again, "one").Equal(ownedSince(created, "one")), "twice: %+v, %+v", created.ObjectMeta, again.ObjectMeta),
			expect(apierrors.IsConflict(conflict) && errors.As(conflict, &status) &&
				status.ErrStatus.Details.Causes[0].Field == `.spec.template.spec.containers[name="web"].image`, "conflict: %v", conflict),
			expect(forced.Spec.Template.Spec.Containers[0].Image == "web:2", "forced: %+v", forced.Spec.Template.Spec.Containers),
			expect(extracted.Spec.Template.Spec.Containers[0].Image == nil, "one still owns the image: %+v", extracted.Spec.Template.Spec.Containers[0]),
		)
	})
}

// ownedSince is when the manager's applied fields changed last.
func ownedSince(object metav1.Object, manager string) *metav1.Time {
	for _, entry := range object.GetManagedFields() {
		if entry.Manager == manager && entry.Operation == metav1.ManagedFieldsOperationApply {
			return entry.Time
		}
	}
	return nil
}

func deployment(name string, replicas int32) *appsv1.Deployment {
	labels := map[string]string{"app": name}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: "web:1"}}},
			},
		},
	}
}

func deploymentLife(ctx context.Context, config *rest.Config) error {
	return inNamespace(ctx, config, func(client *kubernetes.Clientset, namespace string) error {
		api := client.AppsV1().Deployments(namespace)
		if _, err := api.Create(ctx, deployment("web", 2), metav1.CreateOptions{}); err != nil {
			return err
		}
		if err := untilAvailable(ctx, client, namespace, 2); err != nil {
			return err
		}
		scale, err := api.GetScale(ctx, "web", metav1.GetOptions{})
		if err != nil {
			return err
		}
		scale.Spec.Replicas = 3
		if _, err := api.UpdateScale(ctx, "web", scale, metav1.UpdateOptions{}); err != nil {
			return err
		}
		if err := untilAvailable(ctx, client, namespace, 3); err != nil {
			return err
		}
		foreground := metav1.DeletePropagationForeground
		if err := api.Delete(ctx, "web", metav1.DeleteOptions{PropagationPolicy: &foreground}); err != nil {
			return err
		}
		return until(ctx, func() (bool, error) {
			_, err := api.Get(ctx, "web", metav1.GetOptions{})
			if !apierrors.IsNotFound(err) {
				return false, err
			}
			pods, err := client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
			return err == nil && len(pods.Items) == 0, err
		})
	})
}

func untilAvailable(ctx context.Context, client *kubernetes.Clientset, namespace string, replicas int32) error {
	return until(ctx, func() (bool, error) {
		web, err := client.AppsV1().Deployments(namespace).Get(ctx, "web", metav1.GetOptions{})
		return err == nil && web.Status.AvailableReplicas == replicas, err
	})
}

func until(ctx context.Context, done func() (bool, error)) error {
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func watchOrder(ctx context.Context, config *rest.Config) error {
	return inNamespace(ctx, config, func(client *kubernetes.Clientset, namespace string) error {
		api := client.CoreV1().ConfigMaps(namespace)
		list, err := api.List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		events, err := api.Watch(ctx, metav1.ListOptions{ResourceVersion: list.ResourceVersion, AllowWatchBookmarks: true})
		if err != nil {
			return err
		}
		defer events.Stop()
		if _, err := api.Create(ctx, configMap("one", nil), metav1.CreateOptions{}); err != nil {
			return err
		}
		if _, err := api.Patch(ctx, "one", types.MergePatchType, []byte(`{"data":{"a":"1"}}`), metav1.PatchOptions{}); err != nil {
			return err
		}
		if err := api.Delete(ctx, "one", metav1.DeleteOptions{}); err != nil {
			return err
		}
		for _, wanted := range []watch.EventType{watch.Added, watch.Modified, watch.Deleted} {
			event, open := <-events.ResultChan()
			for open && (event.Type == watch.Bookmark || event.Object.(*corev1.ConfigMap).Name != "one") {
				event, open = <-events.ResultChan()
			}
			if err := expect(open && event.Type == wanted, "%v instead of %v", event, wanted); err != nil {
				return err
			}
		}
		return nil
	})
}

func informerCache(ctx context.Context, config *rest.Config) error {
	return inNamespace(ctx, config, func(client *kubernetes.Clientset, namespace string) error {
		factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace(namespace))
		lister := factory.Core().V1().ConfigMaps().Lister()
		running, stop := context.WithCancel(ctx)
		factory.Start(running.Done())
		defer func() {
			stop()
			factory.Shutdown()
		}()
		for kind, ok := range factory.WaitForCacheSync(ctx.Done()) {
			if !ok {
				return fmt.Errorf("%v did not sync", kind)
			}
		}
		api := client.CoreV1().ConfigMaps(namespace)
		for i := range 20 {
			if _, err := api.Create(ctx, configMap(fmt.Sprint("one-", i), nil), metav1.CreateOptions{}); err != nil {
				return err
			}
		}
		if err := api.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "made-by=judge"}); err != nil {
			return err
		}
		last, err := api.Create(ctx, configMap("last", nil), metav1.CreateOptions{})
		if err != nil {
			return err
		}
		return until(ctx, func() (bool, error) {
			cached, err := lister.ConfigMaps(namespace).List(labels.SelectorFromSet(labels.Set{"made-by": "judge"}))
			return len(cached) == 1 && cached[0].ResourceVersion == last.ResourceVersion, err
		})
	})
}

func pagedList(ctx context.Context, config *rest.Config) error {
	return inNamespace(ctx, config, func(client *kubernetes.Clientset, namespace string) error {
		api := client.CoreV1().ConfigMaps(namespace)
		for i := range 25 {
			if _, err := api.Create(ctx, configMap(fmt.Sprint("one-", i), nil), metav1.CreateOptions{}); err != nil {
				return err
			}
		}
		list := pager.New(pager.SimplePageFunc(func(options metav1.ListOptions) (object runtimeObject, err error) {
			return api.List(ctx, options)
		}))
		list.PageSize = 7
		seen := 0
		err := list.EachListItem(ctx, metav1.ListOptions{LabelSelector: "made-by=judge"}, func(runtimeObject) error {
			seen++
			return nil
		})
		return errors.Join(err, expect(seen == 25, "%d items", seen))
	})
}

func dynamicAndMetadata(ctx context.Context, config *rest.Config) error {
	return inNamespace(ctx, config, func(client *kubernetes.Clientset, namespace string) error {
		resource := schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
		inJSON := rest.CopyConfig(config)
		inJSON.ContentType, inJSON.AcceptContentTypes = "application/json", "application/json"
		objects, err := dynamic.NewForConfig(inJSON)
		if err != nil {
			return err
		}
		made, err := objects.Resource(resource).Namespace(namespace).Create(ctx, &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "v1", "kind": "ConfigMap",
			"metadata": map[string]any{"name": "one", "labels": map[string]any{"a": "b"}},
		}}, metav1.CreateOptions{})
		if err != nil {
			return err
		}
		partial, err := metadata.NewForConfig(config)
		if err != nil {
			return err
		}
		read, err := partial.Resource(resource).Namespace(namespace).Get(ctx, "one", metav1.GetOptions{})
		if err != nil {
			return err
		}
		list, err := partial.Resource(resource).Namespace(namespace).List(ctx, metav1.ListOptions{LabelSelector: "a=b"})
		if err != nil {
			return err
		}
		return errors.Join(
			expect(read.UID == made.GetUID() && read.Labels["a"] == "b", "metadata: %+v", read),
			expect(len(list.Items) == 1, "metadata list: %+v", list.Items),
		)
	})
}

func discovery(ctx context.Context, config *rest.Config) error {
	client, err := clientset(config)
	if err != nil {
		return err
	}
	version, err := client.Discovery().ServerVersion()
	if err != nil {
		return err
	}
	lists, err := client.Discovery().ServerPreferredResources()
	if err != nil {
		return err
	}
	document, err := client.Discovery().OpenAPISchema()
	if err != nil {
		return err
	}
	paths, err := client.Discovery().OpenAPIV3().Paths()
	if err != nil {
		return err
	}
	pods := false
	for _, list := range lists {
		for _, resource := range list.APIResources {
			pods = pods || (list.GroupVersion == "v1" && resource.Name == "pods" && slices.Contains(resource.Verbs, "watch"))
		}
	}
	return errors.Join(
		expect(version.Minor == "36", "version: %+v", version),
		expect(pods, "no pods in %d lists", len(lists)),
		expect(len(document.GetDefinitions().GetAdditionalProperties()) > 500, "OpenAPI v2 is small"),
		expect(paths["apis/apps/v1"] != nil, "OpenAPI v3 has no apps/v1"),
	)
}

func leaderElection(ctx context.Context, config *rest.Config) error {
	return inNamespace(ctx, config, func(client *kubernetes.Clientset, namespace string) error {
		running, cancel := context.WithCancel(ctx)
		defer cancel()
		led := false
		leaderelection.RunOrDie(running, leaderelection.LeaderElectionConfig{
			Lock: &resourcelock.LeaseLock{
				LeaseMeta:  metav1.ObjectMeta{Name: "judge", Namespace: namespace},
				Client:     client.CoordinationV1(),
				LockConfig: resourcelock.ResourceLockConfig{Identity: "one"},
			},
			LeaseDuration: 3 * time.Second, RenewDeadline: 2 * time.Second, RetryPeriod: 200 * time.Millisecond,
			ReleaseOnCancel: true,
			Callbacks: leaderelection.LeaderCallbacks{
				OnStartedLeading: func(context.Context) {
					led = true
					time.Sleep(600 * time.Millisecond)
					cancel()
				},
				OnStoppedLeading: func() {},
			},
		})
		lease, err := client.CoordinationV1().Leases(namespace).Get(ctx, "judge", metav1.GetOptions{})
		if err != nil {
			return err
		}
		return expect(led && *lease.Spec.HolderIdentity == "", "led: %v, lease: %+v", led, lease.Spec)
	})
}

func tokensAndReviews(ctx context.Context, config *rest.Config) error {
	return inNamespace(ctx, config, func(client *kubernetes.Clientset, namespace string) error {
		accounts := client.CoreV1().ServiceAccounts(namespace)
		if _, err := accounts.Create(ctx, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "one"}}, metav1.CreateOptions{}); err != nil {
			return err
		}
		token, err := accounts.CreateToken(ctx, "one", &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
		if err != nil {
			return err
		}
		reviewed, err := client.AuthenticationV1().TokenReviews().Create(ctx,
			&authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: token.Status.Token}}, metav1.CreateOptions{})
		if err != nil {
			return err
		}
		access, err := client.AuthorizationV1().SubjectAccessReviews().Create(ctx, &authorizationv1.SubjectAccessReview{
			Spec: authorizationv1.SubjectAccessReviewSpec{User: reviewed.Status.User.Username, ResourceAttributes: &authorizationv1.ResourceAttributes{
				Namespace: namespace, Verb: "list", Resource: "secrets"}}}, metav1.CreateOptions{})
		if err != nil {
			return err
		}
		pods := client.CoreV1().Pods(namespace)
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "one"}, Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "a", Image: "a"}}}}
		if err := until(ctx, func() (bool, error) {
			_, err := pods.Create(ctx, pod, metav1.CreateOptions{})
			// The default service account comes a moment after its namespace.
			return err == nil, ignore(err, apierrors.IsForbidden)
		}); err != nil {
			return err
		}
		evicted := pods.EvictV1(ctx, &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: "one"}})
		encoded, err := json.Marshal(reviewed.Status)
		return errors.Join(err, evicted,
			expect(reviewed.Status.Authenticated && reviewed.Status.User.Username == "system:serviceaccount:"+namespace+":one", "review: %s", encoded),
			expect(!access.Status.Allowed, "a new service account may list secrets: %+v", access.Status))
	})
}

func ignore(err error, of func(error) bool) error {
	if of(err) {
		return nil
	}
	return err
}
