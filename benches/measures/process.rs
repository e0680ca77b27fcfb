//! What the system knows of a process: its processor time and its memory. Reads `/proc` and nothing else.

use std::time::Duration;

use anyhow::{Context, Result};

/// Linux reports processor time in this unit, independent of the kernel's own tick rate (proc(5)).
const TICKS_A_SECOND: f64 = 100.0;

/// The processor time that a process has used so far, its ended threads included.
pub fn cpu(id: u32) -> Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    let (_, rest) = stat.rsplit_once(") ").context("no such line")?;
    let mut fields = rest.split(' ').skip(11);
    let mut ticks = || -> Result<f64> { Ok(fields.next().context("too few fields")?.parse()?) };
    Ok(Duration::from_secs_f64((ticks()? + ticks()?) / TICKS_A_SECOND))
}

/// What a process holds in memory, in megabytes (1,000,000 bytes).
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Now.
    pub resident: f64,
    /// At most so far.
    pub peak: f64,
}

/// The memory of a process.
pub fn memory(id: u32) -> Result<Memory> {
    Ok(Memory {
        resident: kilobytes(id, "smaps_rollup", "Rss:")? / 1_000.0,
        peak: kilobytes(id, "status", "VmHWM:")? / 1_000.0,
    })
}

/// Peak memory of a process, counted from this call on (proc(5), `clear_refs`).
pub fn forget_peak(id: u32) -> Result<Memory> {
    std::fs::write(format!("/proc/{id}/clear_refs"), "5")?;
    memory(id)
}

/// `Rss:   1234 kB`, where a kB is 1,024 bytes.
fn kilobytes(id: u32, file: &str, field: &str) -> Result<f64> {
    let text = std::fs::read_to_string(format!("/proc/{id}/{file}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(field));
    let number = line.context("no such line")?.trim().trim_end_matches(" kB");
    Ok(number.trim().parse::<f64>()? * 1.024)
}
