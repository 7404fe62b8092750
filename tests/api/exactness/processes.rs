//! Real processes.

use ephemint_test_support::ServiceProcess;

/// Starts so many, all at once.
pub(super) async fn start(count: usize, settings: &[(&'static str, String)]) -> Vec<ServiceProcess> {
    let start = |_| {
        let settings = settings.to_vec();
        tokio::task::spawn_blocking(move || ServiceProcess::start(env!("CARGO_BIN_EXE_ephemint"), &settings))
    };
    let starting: Vec<_> = (0..count).map(start).collect();
    let mut started = Vec::new();
    for one in starting {
        started.push(one.await.unwrap());
    }
    started
}

/// Stops them, in order.
pub(super) fn stop(processes: Vec<ServiceProcess>) {
    for process in processes {
        let (status, output) = process.stop();
        assert!(status.success(), "{output}");
    }
}
