import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A judge of the API server: fabric8's client. Reads KUBECONFIG and prints a line a check, as TAP
 * does; exits 1 when one failed.
 */
public final class Judge {
  private interface Check {
    void run() throws Exception;
  }

  private final KubernetesClient client;
  private final String namespace = "judge-java-" + ProcessHandle.current().pid();

  private Judge(KubernetesClient client) {
    this.client = client;
  }

  public static void main(String[] arguments) {
    boolean passed;
    try (KubernetesClient client = new KubernetesClientBuilder().build()) {
      passed = new Judge(client).judge();
    }
    System.exit(passed ? 0 : 1);
  }

  private boolean judge() {
    Map<String, Check> checks = new LinkedHashMap<>();
    checks.put("create, get, replace, list, delete", this::life);
    checks.put("the codes of errors", this::errors);
    checks.put("merge, strategic and JSON patches", this::patches);
    checks.put("server-side apply and its conflict", this::apply);
    checks.put("a watch sees every change in order", this::watch);
    checks.put("an informer's store", this::inform);
    checks.put("a Deployment comes up, scales and has logs", this::deployment);
    checks.put("a collection is deleted", this::collection);
    client.resource(new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build()).create();
    System.out.println("1.." + checks.size());
    boolean passed = true;
    int number = 0;
    for (Map.Entry<String, Check> check : checks.entrySet()) {
      number++;
      try {
        check.getValue().run();
        System.out.println("ok " + number + " - " + check.getKey());
      } catch (Exception | AssertionError failure) {
        passed = false;
        System.out.println("not ok " + number + " - " + check.getKey() + "\n  " + failure);
      }
    }
    client.namespaces().withName(namespace).delete();
    return passed;
  }

  private ConfigMap configMap(String name, Map<String, String> data) {
    return new ConfigMapBuilder().withNewMetadata().withName(name).withNamespace(namespace)
        .addToLabels("made-by", "judge").endMetadata().withData(data).build();
  }

  private ConfigMap read(String name) {
    return client.configMaps().inNamespace(namespace).withName(name).get();
  }

  private void life() {
    ConfigMap made = client.resource(configMap("one", Map.of("a", "1"))).create();
    made.setData(Map.of("a", "1", "b", "2"));
    client.resource(made).update();
    expect(read("one").getData().size() == 2, "read " + read("one"));
    List<ConfigMap> found = client.configMaps().inNamespace(namespace).withLabel("made-by", "judge").list().getItems();
    expect(found.size() == 1, "listed " + found);
    client.configMaps().inNamespace(namespace).withName("one").delete();
    expect(read("one") == null, "it is still there");
  }

  private void errors() {
    expect(codeOf(() -> client.resource(configMap("No Good", Map.of())).create()) == 422, "an invalid name");
    client.resource(configMap("twice", Map.of())).create();
    expect(codeOf(() -> client.resource(configMap("twice", Map.of())).create()) == 409, "twice");
  }

  private void patches() {
    client.resource(configMap("patched", Map.of("a", "1"))).create();
    var patched = client.configMaps().inNamespace(namespace).withName("patched");
    expect(patched.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"data\":{\"b\":\"2\"}}").getData().size() == 2, "merge");
    expect(patched.patch(PatchContext.of(PatchType.STRATEGIC_MERGE), "{\"data\":{\"a\":null}}").getData().size() == 1, "strategic");
    ConfigMap last = patched.patch(PatchContext.of(PatchType.JSON), "[{\"op\":\"remove\",\"path\":\"/data/b\"}]");
    expect(last.getData().isEmpty(), "JSON");
  }

  private void apply() {
    client.resource(configMap("applied", Map.of("a", "1"))).fieldManager("one").serverSideApply();
    expect(codeOf(() -> client.resource(configMap("applied", Map.of("a", "2"))).fieldManager("two").serverSideApply()) == 409, "no conflict");
    ConfigMap forced = client.resource(configMap("applied", Map.of("a", "2"))).fieldManager("two").forceConflicts().serverSideApply();
    expect(forced.getData().get("a").equals("2"), "forced " + forced);
  }

  private void watch() throws Exception {
    List<Watcher.Action> seen = new CopyOnWriteArrayList<>();
    Watcher<ConfigMap> watcher = new Watcher<>() {
      @Override
      public void eventReceived(Action action, ConfigMap map) {
        if (map.getMetadata().getName().equals("watched")) seen.add(action);
      }

      @Override
      public void onClose(WatcherException cause) {
        if (cause != null) System.out.println("# the watch ended: " + cause);
      }
    };
    try (var watch = client.configMaps().inNamespace(namespace).watch(watcher)) {
      client.resource(configMap("watched", Map.of())).create();
      client.resource(configMap("watched", Map.of("a", "1"))).createOr(NonDeletingOperation::update);
      client.resource(configMap("watched", Map.of())).delete();
      until(() -> seen.size() == 3);
    }
    expect(seen.equals(List.of(Watcher.Action.ADDED, Watcher.Action.MODIFIED, Watcher.Action.DELETED)), "saw " + seen);
  }

  private void inform() throws Exception {
    try (var informer = client.configMaps().inNamespace(namespace).withLabel("made-by", "judge").runnableInformer(0)) {
      informer.start().toCompletableFuture().get(10, TimeUnit.SECONDS);
      client.resource(configMap("informed", Map.of())).create();
      until(() -> informer.getStore().list().stream().anyMatch(map -> map.getMetadata().getName().equals("informed")));
    }
  }

  private void deployment() throws Exception {
    Deployment web = new DeploymentBuilder().withNewMetadata().withName("web").withNamespace(namespace).endMetadata()
        .withNewSpec().withReplicas(2).withNewSelector().addToMatchLabels("app", "web").endSelector()
        .withNewTemplate().withNewMetadata().addToLabels("app", "web").endMetadata()
        .withNewSpec().addNewContainer().withName("web").withImage("web").endContainer().endSpec()
        .endTemplate().endSpec().build();
    client.resource(web).create();
    var deployed = client.apps().deployments().inNamespace(namespace).withName("web");
    deployed.waitUntilReady(10, TimeUnit.SECONDS);
    deployed.scale(1);
    var pods = client.pods().inNamespace(namespace).withLabel("app", "web");
    until(() -> pods.list().getItems().size() == 1);
    String name = pods.list().getItems().get(0).getMetadata().getName();
    expect(client.pods().inNamespace(namespace).withName(name).getLog() != null, "no log");
  }

  private void collection() {
    client.configMaps().inNamespace(namespace).withLabel("made-by", "judge").delete();
    List<ConfigMap> left = client.configMaps().inNamespace(namespace).withLabel("made-by", "judge").list().getItems();
    expect(left.isEmpty(), "left " + left);
  }

  private static void expect(boolean holds, String text) {
    if (!holds) throw new AssertionError(text);
  }

  private static int codeOf(Runnable call) {
    try {
      call.run();
      return 200;
    } catch (KubernetesClientException failure) {
      return failure.getCode();
    }
  }

  private static void until(BooleanSupplier isDone) throws InterruptedException {
    for (int attempt = 0; attempt < 500; attempt++) {
      if (isDone.getAsBoolean()) return;
      Thread.sleep(20);
    }
    throw new AssertionError("did not happen in 10 s");
  }
}
