//! The program itself, as an operator runs it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use serde_json::Value;

use super::run::{self, Place};

/// `ephemint serve` in a process of its own, with nothing in its environment but what it is given.
#[derive(Debug)]
pub struct ServiceProcess {
    child: Child,
    base: String,
    output: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
    _directory: EmptyDirectory,
}

/// A command of the program, in an empty folder and with nothing in its environment but these settings.
pub fn command(program: &str, arguments: &[&str], settings: &[(&str, String)]) -> (Command, EmptyDirectory) {
    run::note_settings(settings);
    let directory = EmptyDirectory::create();
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(settings.iter().map(|(name, value)| (name, value)));
    command.current_dir(&directory.0).stdin(Stdio::null());
    (command, directory)
}

impl ServiceProcess {
    /// Starts `program serve` with these settings; they have to leave the log at `info`, in JSON. Where the run is kept,
    /// it logs everything.
    pub fn start(program: &str, settings: &[(&str, String)]) -> Self {
        let (mut command, directory) = command(program, &["serve"], settings);
        if run::is_kept() && !settings.iter().any(|(name, _)| *name == "RUST_LOG") {
            command.env("RUST_LOG", "trace");
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let output = Arc::default();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let stderr = child.stderr.take().unwrap();
        let errors = follow(stderr, &output);
        let Some(base) = address(&mut stdout, &output) else {
            let _ = child.wait();
            let _ = errors.join();
            panic!("the service did not start: {}", output.lock().unwrap());
        };
        let readers = vec![follow(stdout, &output), errors];
        Self { child, base, output, readers, _directory: directory }
    }

    /// Where it listens, such as `http://127.0.0.1:40123`.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal, such as `HUP`.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    /// The log lines so far that have this message.
    pub fn logged(&self, message: &str) -> Vec<Value> {
        let output = self.output.lock().unwrap();
        let lines = output.lines().map(|line| serde_json::from_str::<Value>(line).unwrap_or_default());
        lines.filter(|line| line["message"] == message).collect()
    }

    /// Waits until so many log lines have this message, and gives them. Fails when it takes ten seconds.
    pub async fn expect_logged(&self, message: &str, count: usize) -> Vec<Value> {
        for _ in 0..400 {
            if self.logged(message).len() >= count {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        let lines = self.logged(message);
        assert_eq!(lines.len(), count, "{message:?}: {}", self.output.lock().unwrap());
        lines
    }

    /// Asks it to stop, by SIGTERM, and tells how it ended and everything that it wrote.
    pub fn stop(mut self) -> (ExitStatus, String) {
        self.signal("TERM");
        let status = self.child.wait().unwrap();
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
        (status, self.output.lock().unwrap().clone())
    }
}

impl Drop for ServiceProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
        run::heard(Place::Log, &self.output.lock().unwrap());
    }
}

/// Reads lines until the one that says where it listens. None where the output ends before.
fn address(stdout: &mut impl BufRead, output: &Arc<Mutex<String>>) -> Option<String> {
    loop {
        let mut line = String::new();
        if stdout.read_line(&mut line).unwrap() == 0 {
            return None;
        }
        output.lock().unwrap().push_str(&line);
        let said: Value = serde_json::from_str(&line).unwrap_or_default();
        if said["message"] == "serving" {
            return Some(format!("http://{}", said["address"].as_str()?));
        }
    }
}

fn follow(mut pipe: impl Read + Send + 'static, output: &Arc<Mutex<String>>) -> JoinHandle<()> {
    let output = output.clone();
    std::thread::spawn(move || {
        let mut reader = BufReader::new(&mut pipe);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            output.lock().unwrap().push_str(&String::from_utf8_lossy(&line));
            line.clear();
        }
    })
}

/// A folder of its own, so that no `.env` of somebody else's is read.
#[derive(Debug)]
pub struct EmptyDirectory(pub std::path::PathBuf);

impl EmptyDirectory {
    /// Makes one.
    pub fn create() -> Self {
        let path = std::env::temp_dir().join(format!("ephemint_run_{}", uuid::Uuid::now_v7().simple()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for EmptyDirectory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
