//! `openapi.yaml`, read.

use std::collections::{BTreeMap, BTreeSet};

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value};

use crate::repository;

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The document as JSON.
pub(crate) fn document() -> Value {
    let text = repository::read("openapi.yaml");
    let documents = Yaml::load_from_str(&text).unwrap_or_else(|error| panic!("openapi.yaml: {error}"));
    json(documents.first().expect("openapi.yaml is empty: write the contract"))
}

/// The methods of each path, in capitals.
pub(crate) fn methods(document: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let methods = |item: &Value| {
        METHODS
            .iter()
            .filter(|method| item.get(method).is_some())
            .map(|method| method.to_uppercase())
            .collect()
    };
    members(&document["paths"]).map(|(path, item)| (path.clone(), methods(item))).collect()
}

/// Every operation, with its path and method.
pub(crate) fn operations(document: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    for (path, item) in members(&document["paths"]) {
        for (method, operation) in members(item).filter(|(key, _)| METHODS.contains(&key.as_str())) {
            found.push((format!("{} {path}", method.to_uppercase()), operation));
        }
    }
    found
}

/// The members of an object.
pub(crate) fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().expect("openapi.yaml: an object is missing").iter()
}

/// What a `$ref` leads to, or the value itself.
pub(crate) fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let Some(reference) = value["$ref"].as_str() else {
        return value;
    };
    let pointer = reference.trim_start_matches('#');
    document.pointer(pointer).unwrap_or_else(|| panic!("openapi.yaml: {reference} leads nowhere"))
}

/// YAML as JSON.
pub(crate) fn json(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => (*value).into(),
        Yaml::Value(Scalar::Integer(value)) => (*value).into(),
        Yaml::Value(Scalar::FloatingPoint(value)) => value.into_inner().into(),
        Yaml::Value(Scalar::String(value)) => value.as_ref().into(),
        Yaml::Sequence(items) => items.iter().map(json).collect(),
        Yaml::Mapping(pairs) => {
            let pair = |(key, value): (&Yaml<'_>, &Yaml<'_>)| {
                (
                    key.as_str().expect("openapi.yaml: a key is no text: put it in quotes").to_owned(),
                    json(value),
                )
            };
            Value::Object(pairs.iter().map(pair).collect::<Map<_, _>>())
        }
        other => panic!("openapi.yaml: plain YAML only, without tags and aliases: {other:?}"),
    }
}
