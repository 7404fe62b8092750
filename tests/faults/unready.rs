//! A program that was started and does not serve yet.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Ends with this value, whatever becomes of the test.
pub(crate) struct Unready(Child);

impl Unready {
    /// Starts it.
    pub(crate) fn start(mut command: Command) -> Self {
        Self(command.stdout(Stdio::null()).spawn().unwrap())
    }

    /// Asks it to stop, by SIGTERM. It has five seconds to end well.
    pub(crate) async fn expect_stop(mut self) {
        assert!(Command::new("kill").arg(self.0.id().to_string()).status().unwrap().success());
        for _ in 0..200 {
            if let Some(status) = self.0.try_wait().unwrap() {
                return assert_eq!(status.code(), Some(0));
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("it did not stop while it was starting");
    }
}

impl Drop for Unready {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
