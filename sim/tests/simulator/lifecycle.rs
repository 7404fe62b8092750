//! Starting and stopping, in every kind of runtime.

use std::time::Duration;

use ephemint_sim::{Settings, Simulator};
use reqwest::StatusCode;
use tokio::{net::TcpStream, time::sleep};

use crate::support::{answer, good, start};

/// Starts three at once, uses each, stops two and drops one.
async fn several() {
    let (one, two, three) = (start().await, start().await, start().await);
    for (simulator, times) in [(&one, 1), (&two, 2), (&three, 3)] {
        for _ in 0..times {
            assert_eq!(answer(good(simulator)).await.status, StatusCode::OK);
        }
    }
    assert_eq!([one.minted(), two.minted(), three.minted()], [1, 2, 3]);

    let (address_one, address_three) = (one.address(), three.address());
    one.stop().await;
    assert!(TcpStream::connect(address_one).await.is_err());
    assert_eq!(answer(good(&two)).await.status, StatusCode::OK);

    drop(three);
    let gone = async {
        while TcpStream::connect(address_three).await.is_ok() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), gone).await.unwrap();
    assert_eq!(answer(good(&two)).await.status, StatusCode::OK);
    two.stop().await;
}

#[tokio::test]
async fn several_run_in_a_single_threaded_runtime() {
    several().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_run_in_a_multi_threaded_runtime() {
    several().await;
}

#[test]
fn several_run_in_an_actix_system() {
    actix_web::rt::System::new().block_on(several());
}

#[test]
fn several_run_one_after_another_in_one_process() {
    for _ in 0..3 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let simulator = start().await;
            assert_eq!(answer(good(&simulator)).await.status, StatusCode::OK);
            // Neither stopped nor dropped before its runtime ends.
            simulator
        });
    }
}

#[tokio::test]
async fn a_stopped_simulator_gives_its_port_back() {
    let first = start().await;
    let bind = first.address();
    assert_eq!(answer(good(&first)).await.status, StatusCode::OK);
    first.stop().await;

    let second = Simulator::start(Settings { bind, ..Settings::default() }).await.unwrap();
    assert_eq!(second.address(), bind);
    assert_eq!(answer(good(&second)).await.status, StatusCode::OK);
    assert_eq!(second.minted(), 1);
}

#[tokio::test]
async fn a_simulator_can_be_stopped_as_soon_as_it_has_started() {
    for _ in 0..5 {
        start().await.stop().await;
    }
}

#[tokio::test]
async fn a_port_in_use_is_an_error() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let bind = taken.local_addr().unwrap();
    let error = Simulator::start(Settings { bind, ..Settings::default() }).await.unwrap_err();

    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
}

#[tokio::test]
async fn the_base_url_is_what_clients_are_given() {
    let simulator = start().await;

    assert_eq!(simulator.base_url(), format!("http://127.0.0.1:{}/v1", simulator.address().port()));
}

#[tokio::test]
async fn nothing_that_is_printed_shows_the_key() {
    let settings = Settings { api_key: "sk-sim-canary".into(), ..Settings::default() };
    let printed = format!("{settings:?}");
    let simulator = Simulator::start(settings).await.unwrap();

    for text in [printed, format!("{simulator:?}")] {
        assert!(!text.contains("canary"), "{text}");
    }
}
