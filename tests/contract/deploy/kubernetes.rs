//! `deploy/kubernetes`.

use std::collections::BTreeSet;
use std::time::Duration;

use ephemint::policy::Policy;
use serde_json::{Value, json};

use super::{Setting, texts, yaml};
use crate::compare::expect_same;
use crate::openapi;
use crate::repository;

const FOLDER: &str = "deploy/kubernetes";
const DEPLOYMENT: &str = "deploy/kubernetes/deployment.yaml";
const KUSTOMIZATION: &str = "deploy/kubernetes/kustomization.yaml";

fn document(name: &str) -> Value {
    yaml(&format!("{FOLDER}/{name}.yaml")).remove(0)
}

fn pod() -> Value {
    document("deployment")["spec"]["template"]["spec"].take()
}

fn container() -> Value {
    pod()["containers"][0].take()
}

pub(super) fn settings() -> Vec<Setting> {
    let (container, kustomization) = (container(), document("kustomization"));
    let variables = container["env"].as_array().unwrap().iter().map(|variable| {
        let text = |key: &str| variable[key].as_str().unwrap_or_else(|| panic!("{DEPLOYMENT}: {variable}"));
        (text("name").to_owned(), text("value").to_owned())
    });
    let maps = kustomization["configMapGenerator"].as_array().unwrap().iter();
    let literals = maps.flat_map(|map| texts(&map["literals"]));
    let literals = literals.map(|literal| literal.split_once('=').expect("NAME=value"));
    let from_map = literals.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let setting = |place: &'static str| move |(name, value)| Setting { place, name, value };
    variables.map(setting(DEPLOYMENT)).chain(from_map.map(setting(KUSTOMIZATION))).collect()
}

/// After the time in which the kubelet only waits.
pub(super) fn stops_in() -> (&'static str, Duration) {
    let whole = pod()["terminationGracePeriodSeconds"].as_u64().expect("terminationGracePeriodSeconds");
    let waiting = container()["lifecycle"]["preStop"]["sleep"]["seconds"].as_u64().expect("preStop.sleep");
    (DEPLOYMENT, Duration::from_secs(whole.checked_sub(waiting).expect("it is killed while it waits")))
}

pub(super) fn images() -> Vec<(&'static str, String)> {
    let kustomization = document("kustomization");
    let ours = &kustomization["images"][0];
    assert_eq!(ours["name"], container()["image"], "{KUSTOMIZATION} names another image than the deployment");
    let tag = ours["newTag"].as_str().expect("newTag");
    vec![(KUSTOMIZATION, format!("{}/ephemint:{tag}", ours["newName"].as_str().expect("newName")))]
}

pub(super) fn port() -> u16 {
    let container = container();
    let port = &container["ports"][0];
    for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
        assert_eq!(container[probe]["httpGet"]["port"], port["name"], "{DEPLOYMENT}: {probe}");
    }
    assert_eq!(document("service")["spec"]["ports"][0]["targetPort"], port["name"], "{FOLDER}/service.yaml");
    assert_eq!(
        document("network-policy")["spec"]["ingress"][0]["ports"][0]["port"],
        port["name"],
        "{FOLDER}"
    );
    port["containerPort"].as_u64().and_then(|port| u16::try_from(port).ok()).expect("containerPort")
}

pub(super) fn user() -> String {
    pod()["securityContext"]["runAsUser"].to_string()
}

#[test]
fn the_kustomization_has_every_manifest() {
    let kustomization = document("kustomization");
    let named: BTreeSet<_> =
        texts(&kustomization["resources"]).into_iter().map(|name| format!("{FOLDER}/{name}")).collect();
    let mut there: BTreeSet<_> = repository::files(FOLDER, ".yaml").into_iter().collect();
    there.remove(KUSTOMIZATION);
    expect_same((KUSTOMIZATION, &named), (FOLDER, &there), "name each manifest once:");
}

#[test]
fn everything_means_the_same_pods() {
    let labels = json!({ "app.kubernetes.io/name": "ephemint" });
    let deployment = document("deployment");
    assert_eq!(deployment["spec"]["template"]["metadata"]["labels"], labels);
    assert_eq!(deployment["spec"]["selector"]["matchLabels"], labels);
    assert_eq!(document("service")["spec"]["selector"], labels);
    assert_eq!(document("disruption-budget")["spec"]["selector"]["matchLabels"], labels);
    assert_eq!(document("network-policy")["spec"]["podSelector"]["matchLabels"], labels);
    for spread in pod()["topologySpreadConstraints"].as_array().unwrap() {
        assert_eq!(spread["labelSelector"]["matchLabels"], labels);
    }
}

#[test]
fn probes_ask_what_the_service_answers() {
    let (container, paths) = (container(), openapi::methods(&openapi::document()));
    for (probe, path) in
        [("startupProbe", "/healthz"), ("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")]
    {
        assert_eq!(container[probe]["httpGet"]["path"], path, "{DEPLOYMENT}: {probe}");
        assert!(paths[path].contains("GET"), "{DEPLOYMENT}: {probe}");
    }
}

/// The `restricted` level of the Pod Security Standards, and a root file system that nobody writes to.
#[test]
fn the_pod_is_restricted() {
    let (pod, container) = (pod(), container());
    assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
    assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
    let wanted = json!({
        "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": { "drop": ["ALL"] },
    });
    assert_eq!(container["securityContext"], wanted, "{DEPLOYMENT}");
    assert_eq!(
        pod["automountServiceAccountToken"], false,
        "{DEPLOYMENT}: the service never asks the cluster"
    );
    let kinds = ["configMap", "secret", "emptyDir"];
    for volume in pod["volumes"].as_array().unwrap() {
        assert!(kinds.iter().any(|kind| !volume[*kind].is_null()), "{DEPLOYMENT}: {volume}");
    }
}

#[test]
fn each_secret_is_a_key_of_the_one_secret() {
    let guide = repository::read("deploy/README.md");
    let container = container();
    let mounts = container["volumeMounts"].as_array().unwrap();
    let folder =
        mounts.iter().find(|mount| mount["name"] == "secrets").expect("secrets")["mountPath"].clone();
    let mut found = 0;
    for setting in settings()
        .into_iter()
        .filter(|setting| setting.name.ends_with("_FILE") && setting.name != "POLICY_FILE")
    {
        let key = setting
            .value
            .strip_prefix(&format!("{}/", folder.as_str().unwrap()))
            .expect(&setting.name)
            .to_owned();
        assert!(
            guide.contains(&format!("--from-file={key}=")),
            "deploy/README.md: put {key} into the secret"
        );
        found += 1;
    }
    assert!(found >= 3, "several replicas need DATABASE_URL_FILE, JWT_SECRET_FILE and OPENAI_API_KEY_FILE");
}

#[test]
fn the_policy_is_one() {
    let text = repository::read("deploy/kubernetes/policy.toml");
    let mistakes = Policy::load(&text).err();
    assert_eq!(mistakes, None);
}
