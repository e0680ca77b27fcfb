//! The description of the computer: its processor, its memory and its system. Must never contain a host name,
//! a user or a path.

/// A line for the report.
pub fn describe() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let memory = field("/proc/meminfo", "MemTotal")
        .and_then(|text| text.trim_end_matches(" kB").parse::<f64>().ok())
        .map_or_else(String::new, |kilobytes| {
            format!(", {:.0} GB of memory", kilobytes * 1_024.0 / 1e9)
        });
    let system = field_of("/etc/os-release", "PRETTY_NAME", '=').map_or_else(
        || std::env::consts::OS.to_owned(),
        |name| name.trim_matches('"').to_owned(),
    );
    let plural = if cores == 1 { "core" } else { "cores" };
    format!("{cores} {plural} of {processor}{memory}, {system}")
}

fn field(file: &str, name: &str) -> Option<String> {
    field_of(file, name, ':')
}

fn field_of(file: &str, name: &str, mark: char) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    text.lines().find_map(|line| {
        let (found, value) = line.split_once(mark)?;
        (found.trim() == name).then(|| value.trim().to_owned())
    })
}
