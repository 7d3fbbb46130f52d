"""A judge of the API server: Python's kubernetes client, typed and dynamic.

Reads KUBECONFIG and prints a line a check, as TAP does; exits 1 when one failed.
"""

import os
import sys
import threading
import time

from kubernetes import client, config, dynamic, watch
from kubernetes.client.exceptions import ApiException
from kubernetes.stream import stream

NAMESPACE = f"judge-python-{os.getpid()}"
config.load_kube_config()
core = client.CoreV1Api()
apps = client.AppsV1Api()


def config_map(name, data=None):
    metadata = client.V1ObjectMeta(name=name, labels={"made-by": "judge"})
    return client.V1ConfigMap(metadata=metadata, data=data)


def code_of(call, *arguments, **options):
    try:
        call(*arguments, **options)
    except ApiException as error:
        return error.status
    return 200


def until(is_done):
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if is_done():
            return
        time.sleep(0.02)
    raise AssertionError("did not happen in 10 s")


def life():
    made = core.create_namespaced_config_map(NAMESPACE, config_map("one", {"a": "1"}))
    assert made.metadata.uid
    made.data["b"] = "2"
    core.replace_namespaced_config_map("one", NAMESPACE, made)
    read = core.read_namespaced_config_map("one", NAMESPACE)
    assert read.data == {"a": "1", "b": "2"}, read.data
    found = core.list_namespaced_config_map(NAMESPACE, label_selector="made-by=judge")
    assert [item.metadata.name for item in found.items] == ["one"]
    core.delete_namespaced_config_map("one", NAMESPACE)
    assert code_of(core.read_namespaced_config_map, "one", NAMESPACE) == 404


def errors():
    create = core.create_namespaced_config_map
    assert code_of(create, NAMESPACE, config_map("No Good")) == 422
    create(NAMESPACE, config_map("twice"))
    assert code_of(create, NAMESPACE, config_map("twice")) == 409


def patches():
    core.create_namespaced_config_map(NAMESPACE, config_map("patched", {"a": "1"}))
    patched = core.patch_namespaced_config_map("patched", NAMESPACE, {"data": {"b": "2"}})
    assert patched.data == {"a": "1", "b": "2"}, patched.data
    operations = [{"op": "remove", "path": "/data/a"}]
    patched = core.patch_namespaced_config_map("patched", NAMESPACE, operations)
    assert patched.data == {"b": "2"}, patched.data


def apply():
    maps = dynamic.DynamicClient(client.ApiClient()).resources.get(api_version="v1", kind="ConfigMap")

    def apply_as(manager, value, **options):
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "applied"}, "data": {"a": value}}
        return maps.server_side_apply(body=body, namespace=NAMESPACE, field_manager=manager, **options)

    apply_as("one", "1")
    assert code_of(apply_as, "two", "2") == 409
    assert apply_as("two", "2", force_conflicts=True).data.a == "2"


def watching():
    version = core.list_namespaced_config_map(NAMESPACE).metadata.resource_version

    def change():
        core.create_namespaced_config_map(NAMESPACE, config_map("watched"))
        core.patch_namespaced_config_map("watched", NAMESPACE, {"data": {"a": "1"}})
        core.delete_namespaced_config_map("watched", NAMESPACE)

    worker = threading.Thread(target=change)
    worker.start()
    stream = watch.Watch()
    seen = []
    for event in stream.stream(
        core.list_namespaced_config_map, NAMESPACE, resource_version=version, timeout_seconds=10
    ):
        if event["object"].metadata.name == "watched":
            seen.append(event["type"])
        if len(seen) == 3:
            stream.stop()
    worker.join()
    assert seen == ["ADDED", "MODIFIED", "DELETED"], seen


def deployment():
    labels = {"app": "web"}
    container = client.V1Container(name="web", image="web")
    template = client.V1PodTemplateSpec(
        metadata=client.V1ObjectMeta(labels=labels), spec=client.V1PodSpec(containers=[container])
    )
    spec = client.V1DeploymentSpec(
        replicas=2, selector=client.V1LabelSelector(match_labels=labels), template=template
    )
    body = client.V1Deployment(metadata=client.V1ObjectMeta(name="web"), spec=spec)
    apps.create_namespaced_deployment(NAMESPACE, body)
    until(lambda: apps.read_namespaced_deployment("web", NAMESPACE).status.available_replicas == 2)
    apps.patch_namespaced_deployment_scale("web", NAMESPACE, {"spec": {"replicas": 1}})
    until(lambda: len(core.list_namespaced_pod(NAMESPACE, label_selector="app=web").items) == 1)


def commands():
    container = client.V1Container(name="c", image="busybox", command=["sh", "-c", "echo started; sleep 1000"])
    pod = client.V1Pod(metadata=client.V1ObjectMeta(name="talker"), spec=client.V1PodSpec(containers=[container]))
    core.create_namespaced_pod(NAMESPACE, pod)
    until(lambda: core.read_namespaced_pod("talker", NAMESPACE).status.phase == "Running")
    # Read by this client as text, it would be the text of Python's bytes.
    log = core.read_namespaced_pod_log("talker", NAMESPACE, _preload_content=False).data
    assert log == b"started\n", log
    connect = core.connect_get_namespaced_pod_exec
    wanted = {"stdout": True, "stderr": True, "stdin": False, "tty": False}
    said = stream(connect, "talker", NAMESPACE, command=["echo", "hi"], **wanted)
    assert said == "hi\n", said
    talk = stream(
        connect, "talker", NAMESPACE, command=["sh"], **{**wanted, "stdin": True}, _preload_content=False
    )
    talk.write_stdin("echo one; exit 3\n")
    talk.run_forever(timeout=10)
    ended = (talk.read_stdout(), talk.returncode)
    assert ended == ("one\n", 3), ended


def collection():
    core.delete_collection_namespaced_config_map(NAMESPACE, label_selector="made-by=judge")
    assert core.list_namespaced_config_map(NAMESPACE, label_selector="made-by=judge").items == []


CHECKS = {
    "create, get, replace, list, delete": life,
    "the codes of errors": errors,
    "merge and JSON patches": patches,
    "server-side apply and its conflict": apply,
    "a watch sees every change in order": watching,
    "a Deployment comes up and scales": deployment,
    "commands, their input and output, and logs": commands,
    "a collection is deleted": collection,
}


def main():
    core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=NAMESPACE)))
    print(f"1..{len(CHECKS)}")
    failed = False
    for number, (name, check) in enumerate(CHECKS.items(), 1):
        try:
            check()
            print(f"ok {number} - {name}")
        except Exception as error:  # Whatever a check dies of is its result.
            failed = True
            print(f"not ok {number} - {name}\n  {type(error).__name__}: {str(error)[:2000]}")
    core.delete_namespace(NAMESPACE)
    sys.exit(1 if failed else 0)


main()
