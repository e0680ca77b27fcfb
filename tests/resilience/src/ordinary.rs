//! Runs a test again in a child process without root's permissions, because root can read every file.
//! Must never run a test in the child that starts another child.

use std::fs::Permissions;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rustix::process::{Resource, Rlimit, geteuid, getrlimit, setrlimit};
use tempfile::TempDir;

const CHILD: &str = "PRESSROOM_TEST_CHILD";
/// "nobody" on every supported Linux and macOS; the account need not exist.
const NOBODY: u32 = 65_534;

/// Whether this process is the child.
pub fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

/// Whether this process is not subject to file permissions.
pub fn is_root() -> bool {
    geteuid().is_root()
}

/// Runs one test of this program in a child without root's permissions that ignores SIGXFSZ, so that a write
/// beyond [`limit_files`] fails instead of killing it. Panics with its output if it fails, or if no test with
/// that name ran.
pub fn run_again(test: &str) {
    let exe = std::env::current_exe().unwrap_or_default();
    let run = match child(&exe, test) {
        // The program is in a folder that only root can enter.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            Copied::of(&exe).and_then(|copied| child(&copied.program(), test))
        }
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
    // A signal that sh ignores stays ignored after exec.
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]);
    command.arg(exe).args(["--exact", test, "--nocapture"]);
    command.env(CHILD, "1").env("RUST_BACKTRACE", "0");
    if is_root() {
        command.uid(NOBODY).gid(NOBODY).current_dir("/");
        command.env("HOME", std::env::temp_dir());
    }
    let output = command.output()?;
    // sh's exit code for "found, but not executable".
    if output.status.code() == Some(126) {
        return Err(ErrorKind::PermissionDenied.into());
    }
    Ok(output)
}

/// A copy of this program that everybody may execute, in the system's temporary folder.
struct Copied {
    folder: TempDir,
}

impl Copied {
    fn of(exe: &Path) -> std::io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let everybody = Permissions::from_mode(0o755);
        std::fs::set_permissions(folder.path(), everybody.clone())?;
        let copied = Self { folder };
        std::fs::copy(exe, copied.program())?;
        std::fs::set_permissions(copied.program(), everybody)?;
        Ok(copied)
    }

    fn program(&self) -> PathBuf {
        self.folder.path().join("program")
    }
}

/// Limits the size of files that this process can write, until called with `None`. It simulates a full disk
/// (EFBIG instead of ENOSPC).
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
