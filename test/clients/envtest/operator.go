// Package envtest holds a small operator and the test that its author would write, to see that our
// programs do under controller-runtime's envtest.
package envtest

import (
	"context"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
)

const exposeAnnotation = "example.com/expose"

// ExposeReconciler keeps a Service for each Deployment that asks for one.
type ExposeReconciler struct {
	client.Client
}

func (r *ExposeReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var deployment apps.Deployment
	if err := r.Get(ctx, request.NamespacedName, &deployment); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	service := &core.Service{ObjectMeta: meta.ObjectMeta{Name: deployment.Name, Namespace: deployment.Namespace}}
	port := deployment.Annotations[exposeAnnotation]
	if port == "" {
		return ctrl.Result{}, client.IgnoreNotFound(r.Delete(ctx, service))
	}
	_, err := controllerutil.CreateOrUpdate(ctx, r.Client, service, func() error {
		service.Spec.Selector = deployment.Spec.Selector.MatchLabels
		service.Spec.Ports = []core.ServicePort{{Port: 80, TargetPort: intstr.Parse(port)}}
		return controllerutil.SetControllerReference(&deployment, service, r.Scheme())
	})
	return ctrl.Result{}, err
}

// SetupWithManager watches Deployments and the Services made for them.
func (r *ExposeReconciler) SetupWithManager(manager ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(manager).For(&apps.Deployment{}).Owns(&core.Service{}).Complete(r)
}
