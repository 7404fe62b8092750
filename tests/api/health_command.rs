//! `ephemint health`, as a container runs it.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Output;

use ephemint_test_support::{JWT_SECRET, ServiceProcess, StoreKind, TestDatabase, command};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ephemint");

fn health(arguments: &[&str], bind: &str) -> Output {
    let arguments: Vec<_> = ["health"].iter().chain(arguments).copied().collect();
    let (mut command, _directory) = command(PROGRAM, &arguments, &[("BIND_ADDR", bind.to_owned())]);
    command.output().unwrap()
}

fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Somebody who answers one request with this, and says what was asked.
fn answering(text: &'static str) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let answered = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = [0; 1024];
        let length = stream.read(&mut asked).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        String::from_utf8_lossy(&asked[..length]).into_owned()
    });
    (address, answered)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_healthy_while_it_runs() {
    let database = TestDatabase::create(StoreKind::Sqlite).await;
    let (name, place) = database.setting();
    let settings =
        [("BIND_ADDR", "0.0.0.0:0".to_owned()), ("JWT_SECRET", JWT_SECRET.to_owned()), (name, place)];
    let service = ServiceProcess::start(PROGRAM, &settings);
    let bind = service.base().trim_start_matches("http://").to_owned();
    assert!(bind.starts_with("0.0.0.0:"), "{bind}");

    let output = health(&[], &bind);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && said.contains("127.0.0.1") && said.contains("/readyz: 200"), "{said}");
    let alive = format!("{}/healthz", service.base());
    assert!(health(&["--url", &alive], "127.0.0.1:1").status.success());
    assert!(refused(&health(&["--url", &format!("{alive}x")], &bind)).contains("404"));

    let (status, output) = service.stop();
    assert!(status.success(), "{output}");
    assert!(refused(&health(&[], &bind)).contains("refused"));
}

#[test]
fn what_is_not_ready_is_not_healthy() {
    let (address, asked) = answering("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n");
    assert!(refused(&health(&[], &address)).contains("503"));
    assert!(asked.join().unwrap().starts_with("GET /readyz HTTP/1.0\r\n"));
    let (address, asked) = answering("SSH-2.0-OpenSSH_9.2\r\n");
    assert!(refused(&health(&["--url", &format!("http://{address}/a?b=c")], "x")).contains("not HTTP"));
    assert!(asked.join().unwrap().starts_with("GET /a?b=c HTTP/1.0\r\n"));
}

#[test]
fn who_never_answers_is_not_waited_for_for_ever() {
    // Connections come about without anybody accepting them.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    assert!(refused(&health(&[], &listener.local_addr().unwrap().to_string())).contains("no answer"));
}

#[test]
fn settings_that_do_not_lead_to_a_service_are_told() {
    assert!(refused(&health(&[], "localhost")).contains("BIND_ADDR"));
    assert!(refused(&health(&["--url", "https://example.com/readyz"], "x")).contains("http://"));
}
