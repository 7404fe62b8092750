//! The process itself, under the names that Prometheus' own clients give these. Where there is no `/proc`, only its start.

use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;

const PROC: &str = "/proc/self";

/// Looks at the process when somebody asks.
#[derive(Debug, Default)]
pub(super) struct Process {
    /// In seconds since 1970; 0 where nobody has said.
    pub(super) started_at: AtomicU64,
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let folder = Path::new(PROC);
        let started_at = self.started_at.load(Ordering::Relaxed);
        let values = [
            ("process_start_time", "When the process started", Some(Unit::Seconds), Some(started_at)),
            ("process_resident_memory", "Memory in use", Some(Unit::Bytes), resident_bytes(folder)),
            ("process_open_fds", "Open file descriptors", None, open_descriptors(folder)),
            ("process_max_fds", "File descriptors that may be open", None, most_descriptors(folder)),
        ];
        for (name, help, unit, value) in values {
            let Some(value) = value.filter(|value| *value > 0) else { continue };
            encoder.encode_descriptor(name, help, unit.as_ref(), MetricType::Gauge)?.encode_gauge(&value)?;
        }
        Ok(())
    }
}

fn resident_bytes(folder: &Path) -> Option<u64> {
    let status = std::fs::read_to_string(folder.join("status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

fn open_descriptors(folder: &Path) -> Option<u64> {
    // One of them is for the looking.
    let open = std::fs::read_dir(folder.join("fd")).ok()?.count().saturating_sub(1);
    u64::try_from(open).ok()
}

/// The limit that counts, the soft one; none where there is no limit.
fn most_descriptors(folder: &Path) -> Option<u64> {
    let limits = std::fs::read_to_string(folder.join("limits")).ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn the_process_is_looked_at() {
        let folder = Path::new(PROC);
        let before = open_descriptors(folder).unwrap();
        let files: Vec<_> = (0..50).map(|_| std::fs::File::open("/proc/self/status").unwrap()).collect();
        // Other tests open and close some meanwhile.
        assert!(open_descriptors(folder).unwrap() >= before + 25, "{before}");
        drop(files);
        assert!(most_descriptors(folder).unwrap() > before);
        assert!((1 << 20..1 << 34).contains(&resident_bytes(folder).unwrap()));
    }

    #[test]
    fn where_there_is_nothing_to_look_at_nothing_is_said() {
        let nowhere = Path::new("/nowhere");
        assert_eq!(resident_bytes(nowhere).or(open_descriptors(nowhere)).or(most_descriptors(nowhere)), None);
    }
}
