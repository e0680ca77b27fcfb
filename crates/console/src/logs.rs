//! The log: a file for each day in the data directory's `logs`, at most seven. Owns the filter and the files.
//! Must never be handed a secret; a test with a canary checks that (security.md 58). Must never leave a file
//! that other users may read (security.md 63).

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use time::{Date, OffsetDateTime};
use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{Builder, RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::writer::MakeWriterExt as _;
use vault::{access, atomic, folder};

use crate::notices::Notices;
use crate::wire::DiskThing;

const PREFIX: &str = "pressroom";
const SUFFIX: &str = "log";

/// A checked log filter in the syntax of `PRESSROOM_LOG`, for example `debug` or `ezeep_api=trace`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(String);

impl Default for LogFilter {
    fn default() -> Self {
        Self("info".to_owned())
    }
}

impl FromStr for LogFilter {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        EnvFilter::try_new(text)?;
        Ok(Self(text.to_owned()))
    }
}

/// Starts logging to `data_dir/logs`, and warnings to standard error too. Keep the guard: dropping it flushes
/// the buffer. Returns `None` if the files can't be made; a notice is added, and the app works without a log.
/// Lines are lost while the disk is full.
pub fn start(data_dir: &Path, filter: &LogFilter, notices: &Notices) -> Option<WorkerGuard> {
    let filter = EnvFilter::new(&filter.0);
    let warnings = std::io::stderr.with_max_level(tracing::Level::WARN);
    let folder = data_dir.join("logs");
    let files = files(&folder)
        .inspect_err(|error| notices.not_written(DiskThing::Log, &folder, error))
        .ok();
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_target(true);
    match files {
        Some(files) => {
            let (files, guard) = tracing_appender::non_blocking(files);
            // A subscriber may be set already, in tests: that must not prevent a start.
            let _ = builder.with_writer(files.and(warnings)).try_init();
            Some(guard)
        }
        None => {
            let _ = builder.with_writer(warnings).try_init();
            None
        }
    }
}

fn files(folder: &Path) -> io::Result<ClosedFiles> {
    access::make_folder(folder)?;
    let today = OffsetDateTime::now_utc().date();
    // Created here, before the library creates it, so that the cause of a failure is known. The library's
    // days are UTC.
    let path = folder.join(format!("{PREFIX}.{today}.{SUFFIX}"));
    atomic::open_to_write(&path, access::options().create(true).append(true))?;
    access::restrict(&path)?;
    let files = Builder::new()
        .rotation(Rotation::DAILY)
        .filename_prefix(PREFIX)
        .filename_suffix(SUFFIX)
        .max_log_files(7)
        .build(folder)
        .map_err(io::Error::other)?;
    Ok(ClosedFiles {
        files,
        folder: folder.to_owned(),
        day: today,
    })
}

/// The log files, made accessible to their owner only: the library makes a new one each day with the
/// process's umask.
struct ClosedFiles {
    files: RollingFileAppender,
    folder: PathBuf,
    day: Date,
}

impl Write for ClosedFiles {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.files.write(bytes)?;
        let today = OffsetDateTime::now_utc().date();
        if self.day != today {
            self.day = today;
            for path in folder::files_below(&self.folder).unwrap_or_default() {
                access::restrict(&path)?;
            }
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.files.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::DiskProblem;

    /// Log files are accessible to their owner only (security.md 63).
    #[cfg(unix)]
    #[test]
    fn todays_file_and_its_folder_are_closed_to_others_also_where_they_were_open() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("logs");
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        for _ in 0..2 {
            let mut log = files(&folder).unwrap();
            log.write_all(b"a line").unwrap();
            let found = folder::files_below(&folder).unwrap();
            assert_eq!(found.len(), 1);
            assert_eq!((mode(&found[0]), mode(&folder)), (0o600, 0o700));
            std::fs::set_permissions(&found[0], std::fs::Permissions::from_mode(0o644)).unwrap();
            std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    /// Whatever today's file contains, and even if another process has locked it.
    #[test]
    fn lines_are_appended_to_what_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("logs");
        drop(files(&folder).unwrap());
        let path = folder::files_below(&folder).unwrap().remove(0);
        let mut wanted = Vec::new();
        for before in [&b""[..], b"a whole line\n", b"half a li", b"\xff\0"] {
            wanted.extend(before);
            std::fs::write(&path, &wanted).unwrap();
            let held = std::fs::File::open(&path).unwrap();
            held.lock().unwrap();
            files(&folder).unwrap().write_all(b"new\n").unwrap();
            wanted.extend(b"new\n");
            assert_eq!(std::fs::read(&path).unwrap(), wanted);
        }
    }

    #[test]
    fn a_log_that_can_not_be_made_is_told() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("logs"), "a file where the folder should be").unwrap();
        let notices = Notices::new(|| {});
        assert!(start(dir.path(), &LogFilter::default(), &notices).is_none());
        let told = notices.open();
        assert_eq!(
            (told[0].what, told[0].problem),
            (DiskThing::Log, DiskProblem::NotWritten)
        );
    }
}
