//! A judge of the API server: kube-rs. Reads KUBECONFIG and prints a line a check, as TAP does;
//! exits 1 when one failed.

use futures::{FutureExt, StreamExt, TryStreamExt, future::BoxFuture};
use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{ConfigMap, Namespace, Pod},
};
use kube::{
    Api, Client, Error, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams, PostParams, WatchEvent, WatchParams},
    runtime::{reflector, watcher},
};
use serde_json::{Value, json};
use std::{future::Future, pin::pin, time::Duration};

type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;
type Check = (
    &'static str,
    fn(Client, String) -> BoxFuture<'static, Outcome>,
);

const CHECKS: &[Check] = &[
    ("create, get, replace, list, delete", |c, n| {
        life(c, n).boxed()
    }),
    ("the codes and reasons of errors", |c, n| {
        errors(c, n).boxed()
    }),
    ("merge, strategic and JSON patches", |c, n| {
        patches(c, n).boxed()
    }),
    ("server-side apply and its conflict", |c, n| {
        apply(c, n).boxed()
    }),
    ("a watch sees every change in order", |c, n| {
        watching(c, n).boxed()
    }),
    (
        "a reflector's store, by list and by streaming list",
        |c, n| reflecting(c, n).boxed(),
    ),
    ("a Deployment comes up and scales", |c, n| {
        deployment(c, n).boxed()
    }),
    ("a collection is deleted", |c, n| collection(c, n).boxed()),
];

#[tokio::main]
async fn main() -> Outcome {
    let client = Client::try_default().await?;
    let namespace = format!("judge-rust-{}", std::process::id());
    let namespaces: Api<Namespace> = Api::all(client.clone());
    namespaces
        .create(
            &PostParams::default(),
            &object(json!({"metadata": {"name": namespace}}))?,
        )
        .await?;
    println!("1..{}", CHECKS.len());
    let mut failed = false;
    for (index, (name, check)) in CHECKS.iter().enumerate() {
        let bounded = tokio::time::timeout(
            Duration::from_secs(20),
            check(client.clone(), namespace.clone()),
        );
        match bounded
            .await
            .map_err(Into::into)
            .and_then(|outcome| outcome)
        {
            Ok(()) => println!("ok {} - {name}", index + 1),
            Err(error) => {
                failed = true;
                println!("not ok {} - {name}\n  {error}", index + 1);
            }
        }
    }
    namespaces
        .delete(&namespace, &DeleteParams::default())
        .await?;
    if failed {
        std::process::exit(1)
    }
    Ok(())
}

fn object<T: k8s_openapi::serde::de::DeserializeOwned>(
    value: Value,
) -> Result<T, serde_json::Error> {
    serde_json::from_value(value)
}

fn config_map(name: &str, data: Value) -> Result<ConfigMap, serde_json::Error> {
    object(json!({"metadata": {"name": name, "labels": {"made-by": "judge"}}, "data": data}))
}

fn expect(condition: bool, text: impl FnOnce() -> String) -> Outcome {
    if condition {
        Ok(())
    } else {
        Err(text().into())
    }
}

fn code_of<T>(result: Result<T, Error>) -> u16 {
    match result {
        Ok(_) => 200,
        Err(Error::Api(status)) => status.code,
        Err(_) => 0,
    }
}

async fn until<F: Future<Output = Result<bool, Error>>>(mut done: impl FnMut() -> F) -> Outcome {
    while !done().await? {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

async fn life(client: Client, namespace: String) -> Outcome {
    let api: Api<ConfigMap> = Api::namespaced(client, &namespace);
    let mut made = api
        .create(
            &PostParams::default(),
            &config_map("one", json!({"a": "1"}))?,
        )
        .await?;
    made.data
        .get_or_insert_default()
        .insert("b".into(), "2".into());
    api.replace("one", &PostParams::default(), &made).await?;
    let read = api.get("one").await?;
    expect(
        read.data.as_ref().is_some_and(|data| data.len() == 2),
        || format!("{read:?}"),
    )?;
    let list = api
        .list(&ListParams::default().labels("made-by=judge"))
        .await?;
    expect(
        list.items.len() == 1 && list.items[0].name_any() == "one",
        || format!("{list:?}"),
    )?;
    let metadata = api
        .list_metadata(&ListParams::default().labels("made-by=judge"))
        .await?;
    expect(metadata.items.len() == 1, || format!("{metadata:?}"))?;
    api.delete("one", &DeleteParams::default()).await?;
    expect(api.get_opt("one").await?.is_none(), || {
        "it is still there".into()
    })
}

async fn errors(client: Client, namespace: String) -> Outcome {
    let api: Api<ConfigMap> = Api::namespaced(client, &namespace);
    let parameters = PostParams::default();
    let invalid = code_of(
        api.create(&parameters, &config_map("No Good", json!({}))?)
            .await,
    );
    let mut first = api
        .create(&parameters, &config_map("twice", json!({}))?)
        .await?;
    let twice = code_of(
        api.create(&parameters, &config_map("twice", json!({}))?)
            .await,
    );
    first.metadata.resource_version = Some("1".into());
    let stale = code_of(api.replace("twice", &parameters, &first).await);
    expect((invalid, twice, stale) == (422, 409, 409), || {
        format!("{invalid} {twice} {stale}")
    })
}

async fn patches(client: Client, namespace: String) -> Outcome {
    let api: Api<ConfigMap> = Api::namespaced(client, &namespace);
    api.create(
        &PostParams::default(),
        &config_map("patched", json!({"a": "1"}))?,
    )
    .await?;
    let parameters = PatchParams::default();
    let merge = Patch::Merge(json!({"data": {"b": "2"}}));
    let merged = api.patch("patched", &parameters, &merge).await?;
    let strategic = Patch::Strategic(json!({"data": {"a": null}}));
    let patched = api.patch("patched", &parameters, &strategic).await?;
    let operations = object(json!([{"op": "remove", "path": "/data/b"}]))?;
    let removed = api
        .patch("patched", &parameters, &Patch::Json::<()>(operations))
        .await?;
    let sizes = [merged, patched, removed].map(|map| map.data.map_or(0, |data| data.len()));
    expect(sizes == [2, 1, 0], || format!("{sizes:?}"))
}

async fn apply(client: Client, namespace: String) -> Outcome {
    let api: Api<ConfigMap> = Api::namespaced(client, &namespace);
    let wanted = |value: &str| {
        Patch::Apply(
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "applied"}, "data": {"a": value}}),
        )
    };
    api.patch("applied", &PatchParams::apply("one"), &wanted("1"))
        .await?;
    let conflict = code_of(
        api.patch("applied", &PatchParams::apply("two"), &wanted("2"))
            .await,
    );
    let forced = api
        .patch("applied", &PatchParams::apply("two").force(), &wanted("2"))
        .await?;
    let value = forced.data.and_then(|data| data.get("a").cloned());
    expect(conflict == 409 && value.as_deref() == Some("2"), || {
        format!("{conflict} {value:?}")
    })
}

async fn watching(client: Client, namespace: String) -> Outcome {
    let api: Api<ConfigMap> = Api::namespaced(client, &namespace);
    let version = api
        .list(&ListParams::default())
        .await?
        .metadata
        .resource_version
        .unwrap_or_default();
    let parameters = WatchParams::default()
        .fields("metadata.name=watched")
        .timeout(10);
    let mut events = pin!(api.watch(&parameters, &version).await?);
    api.create(&PostParams::default(), &config_map("watched", json!({}))?)
        .await?;
    api.patch(
        "watched",
        &PatchParams::default(),
        &Patch::Merge(json!({"data": {"a": "1"}})),
    )
    .await?;
    api.delete("watched", &DeleteParams::default()).await?;
    let mut seen = Vec::new();
    while seen.len() < 3 {
        match events.try_next().await? {
            Some(WatchEvent::Added(_)) => seen.push("added"),
            Some(WatchEvent::Modified(_)) => seen.push("modified"),
            Some(WatchEvent::Deleted(_)) => seen.push("deleted"),
            Some(WatchEvent::Bookmark(_)) => {}
            other => return Err(format!("{other:?} after {seen:?}").into()),
        }
    }
    expect(seen == ["added", "modified", "deleted"], || {
        format!("{seen:?}")
    })
}

async fn reflecting(client: Client, namespace: String) -> Outcome {
    let api: Api<ConfigMap> = Api::namespaced(client, &namespace);
    for (index, config) in [
        watcher::Config::default(),
        watcher::Config::default().streaming_lists(),
    ]
    .into_iter()
    .enumerate()
    {
        let (reader, writer) = reflector::store();
        let mut events = pin!(reflector(
            writer,
            watcher(api.clone(), config.labels("made-by=judge"))
        ));
        let name = format!("reflected-{index}");
        api.create(&PostParams::default(), &config_map(&name, json!({}))?)
            .await?;
        while !reader.state().iter().any(|map| map.name_any() == name) {
            events.next().await.ok_or("the watcher ended")??;
        }
    }
    Ok(())
}

async fn deployment(client: Client, namespace: String) -> Outcome {
    let api: Api<Deployment> = Api::namespaced(client.clone(), &namespace);
    let pods: Api<Pod> = Api::namespaced(client, &namespace);
    let web = json!({
        "metadata": {"name": "web"},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "web", "image": "web"}]},
            },
        },
    });
    api.create(&PostParams::default(), &object(web)?).await?;
    until(async || {
        let status = api.get_status("web").await?.status;
        Ok(status.and_then(|status| status.available_replicas) == Some(2))
    })
    .await?;
    api.patch_scale(
        "web",
        &PatchParams::default(),
        &Patch::Merge(json!({"spec": {"replicas": 1}})),
    )
    .await?;
    let selected = ListParams::default().labels("app=web");
    until(async || Ok(pods.list(&selected).await?.items.len() == 1)).await
}

async fn collection(client: Client, namespace: String) -> Outcome {
    let api: Api<ConfigMap> = Api::namespaced(client, &namespace);
    let selected = ListParams::default().labels("made-by=judge");
    api.delete_collection(&DeleteParams::default(), &selected)
        .await?;
    let left = api.list(&selected).await?.items.len();
    expect(left == 0, || format!("{left} are left"))
}
