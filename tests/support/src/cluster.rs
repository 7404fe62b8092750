//! A PostgreSQL server of a test's own, which may be killed.

use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::database::connect;

/// How long a server may take to answer once it was started: after a crash it reads its log first.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server on loopback and a port of its own. It and its files are gone with this value.
#[derive(Debug)]
pub struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    options: Vec<String>,
    server: Option<Child>,
}

impl Cluster {
    /// Makes one, with settings such as `max_connections=20`, and starts it. It answers when this returns.
    pub async fn start(options: &[&str]) -> Self {
        let folder = std::env::temp_dir().join(format!("ephemint_pg_{}", uuid::Uuid::now_v7().simple()));
        std::fs::create_dir(&folder).unwrap();
        if let Some((user, group)) = unprivileged() {
            std::os::unix::fs::chown(&folder, Some(user), Some(group)).unwrap();
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let options = options.iter().map(|&option| option.to_owned()).collect();
        let mut cluster = Self { programs: programs(), folder, port, options, server: None };
        cluster.initialise();
        cluster.restart().await;
        cluster
    }

    fn initialise(&self) {
        let mut initdb = self.program("initdb");
        // Nothing in it outlives the test, so nothing has to reach the disk.
        initdb.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
        let output = initdb.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Kills the server and everything that belongs to it, with SIGKILL.
    pub fn kill(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        let children = children_of(server.id());
        let _ = server.kill();
        // They leave by themselves when their parent is gone, but not at once, and not in the middle of a statement.
        let _ = Command::new("kill").arg("-9").args(&children).stderr(Stdio::null()).status();
        let _ = server.wait();
    }

    /// Starts it again after a kill. It answers when this returns.
    pub async fn restart(&mut self) {
        for _ in 0..600 {
            let running = self.server.as_mut().is_some_and(|server| matches!(server.try_wait(), Ok(None)));
            if !running {
                self.server = Some(self.spawn());
            }
            if connect(&self.url()).await.is_ok() {
                return;
            }
            tokio::time::sleep(PATIENCE / 600).await;
        }
        let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        panic!("PostgreSQL did not start: {log}");
    }

    fn spawn(&self) -> Child {
        let mut server = self.program("postgres");
        let log =
            || std::fs::File::options().create(true).append(true).open(self.folder.join("log")).unwrap();
        server.args(["-p", &self.port.to_string(), "-k", &self.folder.display().to_string()]);
        let always = ["listen_addresses=127.0.0.1", "fsync=off"];
        for option in always.into_iter().chain(self.options.iter().map(String::as_str)) {
            server.args(["-c", option]);
        }
        server.stdout(log()).stderr(log()).spawn().unwrap()
    }

    /// One of its programs, on its data, as somebody whom it doesn't refuse to run as.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.arg("-D").arg(self.folder.join("data")).current_dir(&self.folder).stdin(Stdio::null());
        if let Some((user, group)) = unprivileged() {
            command.uid(user).gid(group);
        }
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The newest installed server's programs.
fn programs() -> PathBuf {
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = installed
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .max()
        .map(|version| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin")));
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let elsewhere = std::env::split_paths(&on_path).find(|folder| folder.join("initdb").exists());
    let usual = ["/usr/local/pgsql/bin", "/opt/homebrew/opt/postgresql/bin"].map(PathBuf::from);
    let mut found =
        newest.into_iter().chain(usual).chain(elsewhere).filter(|path| path.join("initdb").exists());
    found
        .next()
        .unwrap_or_else(|| panic!("no PostgreSQL server is installed here; scripts/test installs one"))
}

/// Whom to run it as where this is root, by user and group: the server refuses root.
fn unprivileged() -> Option<(u32, u32)> {
    if id(&["-u"]) != Some(0) {
        return None;
    }
    let of = |name: &str| Some((id(&["-u", name])?, id(&["-g", name])?));
    of("postgres").or_else(|| of("nobody"))
}

fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

fn children_of(parent: u32) -> Vec<String> {
    let parent = parent.to_string();
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let is_child = |path: &Path| {
        let stat = std::fs::read_to_string(path.join("stat")).ok()?;
        // The name, in brackets, may have anything in it.
        let (_, rest) = stat.rsplit_once(") ")?;
        (rest.split(' ').nth(1)? == parent).then_some(())
    };
    processes
        .filter(|entry| is_child(&entry.path()).is_some())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::database::StoreKind;
    use super::*;

    #[tokio::test]
    async fn what_was_committed_is_there_after_a_kill() {
        if !StoreKind::Postgres.is_wanted() {
            return;
        }
        let mut cluster = Cluster::start(&["max_connections=10"]).await;
        let client = connect(&cluster.url()).await.unwrap();
        client.batch_execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)").await.unwrap();
        cluster.kill();
        assert!(client.simple_query("SELECT 1").await.is_err());
        assert!(connect(&cluster.url()).await.is_err());
        cluster.restart().await;
        let client = connect(&cluster.url()).await.unwrap();
        let row =
            client.query_one("SELECT n, current_setting('max_connections') FROM kept", &[]).await.unwrap();
        assert_eq!((row.get::<_, i32>(0), row.get::<_, String>(1)), (7, "10".to_owned()));
        let folder = cluster.folder.clone();
        drop(cluster);
        assert!(!folder.exists());
    }
}
