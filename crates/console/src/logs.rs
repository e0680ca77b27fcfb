//! The log: a file a day in the data directory's `logs`, seven kept. Owns the filter and the files.
//! Must never be handed a secret; that none slips in is tested with a canary (security.md 58).

use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{Builder, Rotation};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::writer::MakeWriterExt as _;

/// Starts logging to `data_dir/logs`, and warnings to standard error too. `filter` is `PRESSROOM_LOG`, "info" where it is
/// not set or can't be read. Keep the guard: dropping it writes out what is buffered. `None` where the files can't be made.
pub fn start(data_dir: &Path, filter: Option<&str>) -> Option<WorkerGuard> {
    let filter = filter
        .and_then(|text| EnvFilter::try_new(text).ok())
        .unwrap_or_else(|| EnvFilter::new("info"));
    let warnings = std::io::stderr.with_max_level(tracing::Level::WARN);
    let files = std::fs::create_dir_all(data_dir.join("logs"))
        .ok()
        .and_then(|()| {
            Builder::new()
                .rotation(Rotation::DAILY)
                .filename_prefix("pressroom")
                .filename_suffix("log")
                .max_log_files(7)
                .build(data_dir.join("logs"))
                .ok()
        });
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_target(true);
    match files {
        Some(files) => {
            let (files, guard) = tracing_appender::non_blocking(files);
            // A second subscriber (a test's) is no reason not to start.
            let _ = builder.with_writer(files.and(warnings)).try_init();
            Some(guard)
        }
        None => {
            let _ = builder.with_writer(warnings).try_init();
            None
        }
    }
}
