//! Every fault, as a client meets it.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use ephemint_sim::{Fault, Simulator};
use reqwest::{Response, StatusCode, header};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::sleep,
};

use crate::support::{answer, good, start};

const PATIENCE: Duration = Duration::from_secs(5);

/// A mint as it goes over the wire.
const RAW_MINT: &[u8] = b"POST /v1/realtime/client_secrets HTTP/1.1\r\nHost: simulator\r\n\
    Authorization: Bearer sk-sim-demo\r\nContent-Type: application/json\r\nContent-Length: 31\r\n\r\n\
    {\"session\":{\"type\":\"realtime\"}}";

/// Sends a mint over a bare connection and reads until the connection ends.
async fn raw_mint(simulator: &Simulator) -> (Vec<u8>, std::io::Result<usize>) {
    let mut stream = TcpStream::connect(simulator.address()).await.unwrap();
    stream.write_all(RAW_MINT).await.unwrap();
    let mut received = Vec::new();
    let end = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut received)).await.unwrap();
    (received, end)
}

async fn send(simulator: &Simulator) -> Response {
    good(simulator).send().await.unwrap()
}

/// Waits for what another thread is about to do.
async fn eventually(condition: impl Fn() -> bool) {
    let waited = async {
        while !condition() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waited).await.unwrap();
}

async fn timed<T>(work: impl Future<Output = T>) -> (T, Duration) {
    #[expect(clippy::disallowed_methods, reason = "measures how long a real connection takes")]
    let start = Instant::now();
    (work.await, start.elapsed())
}

#[tokio::test]
async fn statuses_come_in_the_shape_of_the_provider() {
    let simulator = start().await;
    let faults = [
        (Fault::Unauthorized, 401, "invalid_request_error", "invalid_api_key", None),
        (Fault::Forbidden, 403, "invalid_request_error", "insufficient_permissions", None),
        (Fault::RateLimited { retry_after: 7 }, 429, "requests", "rate_limit_exceeded", Some("7")),
        (Fault::InsufficientQuota, 429, "insufficient_quota", "insufficient_quota", None),
        (Fault::ServerError, 500, "server_error", "internal_error", None),
        (Fault::Unavailable, 503, "server_error", "service_unavailable", None),
    ];
    for (fault, status, kind, code, retry_after) in faults {
        simulator.set_fault(fault);
        let answer = answer(good(&simulator)).await;

        assert_eq!(answer.status.as_u16(), status);
        assert_eq!(answer.error("type"), kind);
        assert_eq!(answer.error("code"), code);
        assert_eq!(answer.error("param"), &Value::Null);
        assert!(answer.error("message").is_string());
        assert_eq!(answer.headers.get(header::RETRY_AFTER).map(|it| it.to_str().unwrap()), retry_after);
        assert_eq!(simulator.last_request().unwrap().status, Some(status));
    }
    assert_eq!(simulator.minted(), 0);
}

#[tokio::test]
async fn a_fault_lasts_as_many_requests_as_was_said() {
    let simulator = start().await;
    simulator.fail_next(2, Fault::ServerError);
    let statuses = [send(&simulator).await, send(&simulator).await, send(&simulator).await]
        .map(|it| it.status().as_u16());
    assert_eq!(statuses, [500, 500, 200]);

    simulator.fail_next(0, Fault::ServerError);
    assert_eq!(send(&simulator).await.status(), StatusCode::OK);

    simulator.set_fault(Fault::ServerError);
    for _ in 0..5 {
        assert_eq!(send(&simulator).await.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
    simulator.clear_fault();
    assert_eq!(send(&simulator).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_slow_answer_is_late_but_good() {
    let simulator = start().await;
    simulator.set_fault(Fault::Slow { millis: 300 });
    let (answer, time) = timed(answer(good(&simulator))).await;

    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body["value"].is_string());
    assert!(time >= Duration::from_millis(300), "{time:?}");
}

#[tokio::test]
async fn a_slow_answer_that_nobody_waits_for_was_minted_all_the_same() {
    let simulator = start().await;
    simulator.fail_next(1, Fault::Slow { millis: 400 });
    let error = good(&simulator).timeout(Duration::from_millis(100)).send().await.unwrap_err();

    assert!(error.is_timeout(), "{error:?}");
    eventually(|| simulator.minted() == 1).await;
    // The wait ended with the client: nothing was answered when it would have been over.
    sleep(Duration::from_millis(600)).await;
    assert_eq!(simulator.last_request().unwrap().status, None);
}

#[tokio::test]
async fn a_hanging_request_is_recorded_and_ends_with_the_simulator() {
    let simulator = start().await;
    simulator.set_fault(Fault::Hang);
    let waiting = tokio::spawn(good(&simulator).send());
    eventually(|| simulator.last_request().is_some()).await;
    sleep(Duration::from_millis(200)).await;

    assert!(!waiting.is_finished());
    assert_eq!(simulator.last_request().unwrap().status, None);
    assert_eq!(simulator.minted(), 0);

    let ((), time) = timed(simulator.stop()).await;
    assert!(time < PATIENCE, "{time:?}");
    let error = waiting.await.unwrap().unwrap_err();
    assert!(!error.is_timeout(), "{error:?}");
}

#[tokio::test]
async fn a_hanging_request_does_not_stop_others() {
    let simulator = start().await;
    simulator.fail_next(1, Fault::Hang);
    let waiting = tokio::spawn(good(&simulator).send());
    eventually(|| simulator.last_request().is_some()).await;

    assert_eq!(send(&simulator).await.status(), StatusCode::OK);
    waiting.abort();
}

#[tokio::test]
async fn a_reset_comes_as_rst_and_without_a_byte() {
    let simulator = start().await;
    simulator.set_fault(Fault::Reset);
    let (received, end) = raw_mint(&simulator).await;

    assert_eq!(received, b"");
    assert_eq!(end.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    let recorded = simulator.last_request().unwrap();
    assert_eq!((recorded.status, recorded.fault), (None, Some(Fault::Reset)));
    assert!(recorded.body.is_some());
    assert_eq!(simulator.minted(), 0);

    let error = good(&simulator).send().await.unwrap_err();
    assert!(!error.is_timeout() && !error.is_connect(), "{error:?}");
}

#[tokio::test]
async fn a_connection_that_has_served_before_can_be_reset() {
    let simulator = start().await;
    let mut stream = TcpStream::connect(simulator.address()).await.unwrap();
    stream.write_all(RAW_MINT).await.unwrap();
    let mut first = [0; 15];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK");

    simulator.set_fault(Fault::Reset);
    stream.write_all(RAW_MINT).await.unwrap();
    let mut rest = Vec::new();
    let end = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await.unwrap();
    assert_eq!(end.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_cut_answer_promises_more_than_it_brings() {
    let simulator = start().await;
    simulator.set_fault(Fault::Cut);
    let (received, end) = raw_mint(&simulator).await;

    assert!(end.is_ok(), "{end:?}");
    let text = String::from_utf8(received).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    let promised = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    assert_eq!(body.len(), promised.parse::<usize>().unwrap() / 2);
    assert!(body.starts_with("{\""), "{body}");
    assert_eq!(simulator.minted(), 1);
    assert_eq!(simulator.last_request().unwrap().status, Some(200));

    let response = send(&simulator).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.bytes().await.is_err());
}

#[tokio::test]
async fn garbage_claims_to_be_json() {
    let simulator = start().await;
    simulator.set_fault(Fault::Garbage);
    let response = send(&simulator).await;

    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
    assert!(serde_json::from_slice::<Value>(&response.bytes().await.unwrap()).is_err());
    assert_eq!(simulator.minted(), 0);
}

#[tokio::test]
async fn an_answer_without_value_has_everything_else() {
    let simulator = start().await;
    simulator.set_fault(Fault::NoValue);
    let answer = answer(good(&simulator)).await;

    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json");
    assert_eq!(answer.body.get("value"), None);
    assert!(answer.body["expires_at"].is_i64() && answer.body["session"].is_object(), "{}", answer.body);
    assert_eq!(simulator.minted(), 1);
}

#[tokio::test]
async fn a_redirect_leads_elsewhere() {
    let simulator = start().await;
    simulator.set_fault(Fault::Redirect { location: "http://elsewhere.test/v1".into() });
    let response = send(&simulator).await;

    assert_eq!(response.status(), StatusCode::FOUND);
    assert_eq!(response.headers()[header::LOCATION], "http://elsewhere.test/v1");
    assert_eq!(simulator.minted(), 0);
}

#[tokio::test]
async fn an_oversized_answer_is_good_but_for_its_size() {
    let simulator = start().await;
    simulator.set_fault(Fault::Oversized { bytes: 10_000_000 });
    let response = send(&simulator).await;

    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.content_length().is_some_and(|length| length > 10_000_000));
    let answer: Value = response.json().await.unwrap();
    assert!(answer["value"].as_str().unwrap().starts_with("ek_"));
    assert!(answer["expires_at"].is_i64() && answer["session"].is_object());
    assert_eq!(simulator.minted(), 0);
}
