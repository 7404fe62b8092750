//! Error codes: `kernel/code.rs` with its table on one side, `docs/errors.md` and `openapi.yaml` on the other.

use std::collections::BTreeSet;

use ephemint::http::table::row;
use ephemint::kernel::code::Code;
use ephemint_test_support::{MINT, OLDER};
use serde_json::Value;

use crate::compare::{expect_none, expect_same};
use crate::{openapi, repository};

const PROBLEM: &str = "application/problem+json";
const TABLE: &str = "src/http/table.rs";

fn find(code: &str) -> Option<Code> {
    Code::ALL.into_iter().find(|known| known.as_str() == code)
}

fn line(code: impl std::fmt::Display, status: impl std::fmt::Display) -> String {
    format!("{code} {status}")
}

/// Every code with its status.
fn table() -> BTreeSet<String> {
    Code::ALL.into_iter().map(|code| line(code.as_str(), row(code).status.as_u16())).collect()
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

#[test]
fn the_page_of_errors_has_every_code() {
    let page = repository::read("docs/errors.md");
    let cells = |line: &str| -> Option<String> {
        let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
        let code = cells.next()?.strip_prefix('`')?.strip_suffix('`')?.to_owned();
        let status: u16 = cells.next()?.parse().ok()?;
        Some(self::line(code, status))
    };
    let documented: BTreeSet<_> = page.lines().filter_map(cells).collect();
    let mend = "write a row `| `code` | status | when | what to do |` for each code in docs/errors.md";
    expect_same((TABLE, &table()), ("docs/errors.md", &documented), mend);
}

#[test]
fn the_contract_has_every_code() {
    let document = openapi::document();
    let listed: BTreeSet<_> = texts(&document["components"]["schemas"]["Code"]["enum"]).collect();
    let codes: BTreeSet<_> = Code::ALL.into_iter().map(Code::as_str).collect();
    let mend = "mend components.schemas.Code.enum in openapi.yaml";
    expect_same(("src/kernel/code.rs", &codes), ("openapi.yaml", &listed), mend);

    let kinds: BTreeSet<_> = Code::ALL.into_iter().map(|code| row(code).kind).collect();
    let pointer = "/components/schemas/Problem/properties/error/properties/type/enum";
    let listed: BTreeSet<_> = texts(document.pointer(pointer).unwrap()).collect();
    let mend = "mend the kinds of errors in components.schemas.Problem, error.type, in openapi.yaml";
    expect_same((TABLE, &kinds), ("openapi.yaml", &listed), mend);
}

#[test]
fn the_answers_of_the_contract_have_the_statuses_of_the_table() {
    let document = openapi::document();
    let mut documented = BTreeSet::new();
    for (name, response) in openapi::members(&document["components"]["responses"]) {
        let own = &response["content"][PROBLEM]["schema"]["allOf"][1]["properties"];
        let status = own["status"]["const"].as_u64();
        let status = status.unwrap_or_else(|| panic!("openapi.yaml, {name}: say the status as a const"));
        documented.extend(texts(&own["code"]["enum"]).map(|code| line(code, status)));
    }
    let mend = "mend the status or the codes of that answer under components.responses in openapi.yaml";
    expect_same((TABLE, &table()), ("openapi.yaml", &documented), mend);
}

#[test]
fn every_failure_of_an_operation_is_one_of_the_shared_answers() {
    let document = openapi::document();
    let mut wrong = Vec::new();
    for (operation, said) in openapi::operations(&document) {
        for (status, response) in openapi::members(&said["responses"]) {
            let status: u64 = status.parse().expect("openapi.yaml: name each status by its number");
            let shared = openapi::resolve(&document, response);
            if is_older(shared) {
                continue;
            }
            let own =
                shared["content"][PROBLEM]["schema"]["allOf"][1]["properties"]["status"]["const"].as_u64();
            if status >= 400 && own != Some(status) {
                wrong.push(format!("{operation} says {status}, and the answer it names says {own:?}"));
            }
        }
    }
    expect_none(&wrong, "name the answer of that status (components.responses) in openapi.yaml:");
}

/// Whether this is an answer in the form for older front ends.
fn is_older(response: &Value) -> bool {
    response["content"]["application/json"]["schema"]["$ref"] == "#/components/schemas/OlderError"
}

#[test]
fn the_older_address_fails_with_the_statuses_and_headers_of_the_newer() {
    let document = openapi::document();
    let failures = |path: &str| -> BTreeSet<String> {
        let said = openapi::members(&document["paths"][path]["post"]["responses"]);
        let failures = said.filter(|(status, _)| status.as_str() >= "400");
        let headers = |response| openapi::members(&openapi::resolve(&document, response)["headers"]);
        let line = |(status, response)| {
            let names: BTreeSet<_> = headers(response).map(|(name, _)| name.as_str()).collect();
            format!("{status} {}", names.into_iter().collect::<Vec<_>>().join(", "))
        };
        failures.map(line).collect()
    };
    let (newer, older) = (failures(MINT), failures(OLDER));
    expect_same((MINT, &newer), (OLDER, &older), "mend the answers of one of the two in openapi.yaml");
    let said = openapi::members(&document["paths"][OLDER]["post"]["responses"]);
    let strange = said.filter(|(status, response)| status.as_str() >= "400" && !is_older(response));
    let strange: Vec<String> = strange.map(|(status, _)| status.clone()).collect();
    expect_none(&strange, "give these answers of the older address the schema OlderError in openapi.yaml:");
}

#[test]
fn sample_errors_are_as_the_service_writes_them() {
    let document = openapi::document();
    let responses = openapi::members(&document["components"]["responses"]);
    let mut samples: Vec<Value> =
        responses.filter_map(|(_, response)| response["content"][PROBLEM].get("example").cloned()).collect();
    let page = repository::read("docs/errors.md");
    let (_, json) =
        page.split_once("```json").expect("docs/errors.md: show a sample body in a block of json");
    samples.push(
        serde_json::from_str(json.split("```").next().unwrap())
            .expect("docs/errors.md: the sample is no JSON"),
    );
    for sample in samples {
        let code =
            find(sample["code"].as_str().unwrap()).unwrap_or_else(|| panic!("unknown code in {sample}"));
        let row = row(code);
        let said =
            (&sample["status"], &sample["title"], &sample["error"]["type"], &sample["error"]["message"]);
        let true_ones = (&row.status.as_u16().into(), &row.title.into(), &row.kind.into(), &sample["detail"]);
        assert_eq!(said, true_ones, "mend the sample of {} in openapi.yaml or docs/errors.md", code.as_str());
    }
}
