//! A test that runs again in a process of its own without root's rights: for root no file is locked away. Owns how that is done.
//! Must never run a test in the child that begins another one.

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use rustix::process::{Resource, Rlimit, geteuid, getrlimit, setrlimit};

const CHILD: &str = "PRESSROOM_TEST_CHILD";
/// "nobody" on every Linux and macOS that matters here; it need not exist.
const NOBODY: u32 = 65_534;

/// Whether this process is the child.
pub fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

/// Whether no permission holds this process off.
pub fn is_root() -> bool {
    geteuid().is_root()
}

/// Runs one test of this program in a child that has no root's rights and ignores SIGXFSZ, so that a write over
/// [`limit_files`] fails instead of killing it. Panics with its output where it fails, or where no test of that name ran.
pub fn run_again(test: &str) {
    let exe = std::env::current_exe().unwrap_or_default();
    let run = match child(&exe, test) {
        // The program lies in a folder of root's alone.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => child(copied(&exe), test),
        run => run,
    };
    let output = match run {
        Ok(output) => output,
        Err(error) => panic!("{test} could not be run again: {error}"),
    };
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{test} as an ordinary person: {}\n{said}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
}

fn child(exe: &Path, test: &str) -> std::io::Result<Output> {
    // What sh ignores stays ignored in what it becomes.
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]);
    command.arg(exe).args(["--exact", test, "--nocapture"]);
    command.env(CHILD, "1").env("RUST_BACKTRACE", "0");
    if is_root() {
        command.uid(NOBODY).gid(NOBODY).current_dir("/");
        command.env("HOME", std::env::temp_dir());
    }
    let output = command.output()?;
    // sh's own code for "found, and may not be run".
    if output.status.code() == Some(126) {
        return Err(ErrorKind::PermissionDenied.into());
    }
    Ok(output)
}

/// A copy of this program that everybody may run. It lies in the system's folder for temporary files.
fn copied(exe: &Path) -> &'static Path {
    static COPY: OnceLock<PathBuf> = OnceLock::new();
    COPY.get_or_init(|| {
        let name = exe.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let copy = std::env::temp_dir().join(format!("pressroom-{}-{name}", std::process::id()));
        if let Err(error) = std::fs::copy(exe, &copy)
            .and_then(|_| std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o755)))
        {
            panic!("the test program could not be copied: {error}");
        }
        copy
    })
}

/// Lets this process write no file beyond so many bytes, until it is called with `None`: a full disk (EFBIG for ENOSPC).
pub fn limit_files(bytes: Option<u64>) {
    let limits = getrlimit(Resource::Fsize);
    let limits = Rlimit {
        current: bytes.or(limits.maximum),
        maximum: limits.maximum,
    };
    if let Err(error) = setrlimit(Resource::Fsize, limits) {
        panic!("the file-size limit: {error}");
    }
}
