//! The program, as someone without the library meets it.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, ChildStdout, Command, Stdio},
};

use reqwest::StatusCode;
use serde_json::json;

use crate::support::{answer, client, session};

const KEY: &str = "sk-sim-canary";

/// A running program; ends with the test.
struct Program {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Program {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_ephemint-sim"))
            .args(["--bind", "127.0.0.1:0", "--api-key", KEY])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    fn line(&mut self) -> String {
        self.lines.next().unwrap().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn it_serves_logs_and_ends_when_asked() {
    let mut program = Program::start();
    let ready = program.line();
    let (_, url) = ready.split_once("base_url=\"").unwrap();
    let base_url = url.trim_end_matches('"');

    let secrets = format!("{base_url}/realtime/client_secrets");
    let body = session(json!({ "instructions": "a private lesson" }));
    let minted = answer(client().post(&secrets).bearer_auth(KEY).json(&body)).await;
    assert_eq!(minted.status, StatusCode::OK);
    let refused = answer(client().post(&secrets).bearer_auth("sk-sim-demo").json(&body)).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);

    let lines = [ready.clone(), program.line(), program.line()];
    for (line, status) in [(&lines[1], "status=200"), (&lines[2], "status=401")] {
        for part in ["method=POST", "path=\"/v1/realtime/client_secrets\"", status] {
            assert!(line.contains(part), "{line}");
        }
    }
    let token = minted.body["value"].as_str().unwrap();
    for secret in [KEY, "sk-sim-demo", "private", token] {
        assert!(!lines.iter().any(|line| line.contains(secret)), "{lines:?}");
    }

    terminate(&program.child);
    assert!(program.child.wait().unwrap().success());
}

#[test]
fn a_life_or_an_address_that_makes_no_sense_is_refused_by_name() {
    for (option, value) in [("--session-life", "0"), ("--session-life", "1h"), ("--media-address", "here")] {
        let output = Command::new(env!("CARGO_BIN_EXE_ephemint-sim")).args([option, value]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(option) && said.contains(value), "{said}");
    }
}

fn terminate(child: &Child) {
    let status = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}
