//! Opens a page in the desktop's browser, and tells which program failed and how. Must never put the page's
//! URL into an error: it contains the state of a sign-in.

use std::io;

use console::host::OpenError;
use tauri::Url;

/// Opens the page with the first of the desktop's programs that can. A program that has not failed within a
/// moment counts as having opened it: some run as long as the browser does.
#[cfg(target_os = "linux")]
pub fn open(page: &Url) -> Result<(), OpenError> {
    linux::first_of(open::commands(page.as_str()), linux::MOMENT)
}

/// Opens the page as the system does.
#[cfg(not(target_os = "linux"))]
pub fn open(page: &Url) -> Result<(), OpenError> {
    open::that_detached(page.as_str()).map_err(|error| OpenError::Other(words(&error)))
}

/// The system's message without the library's own, which repeats the whole command line.
fn words(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code).to_string(),
        None => error.kind().to_string(),
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io::{self, ErrorKind};
    use std::os::unix::process::CommandExt as _;
    use std::process::{Command, ExitStatus, Stdio};
    use std::sync::mpsc;
    use std::time::Duration;

    use super::{OpenError, words};

    /// How long a program may take to fail. The next one is tried only after it.
    pub const MOMENT: Duration = Duration::from_secs(1);

    /// Runs one after the other until one does not fail. Otherwise returns the first failure of a program
    /// that ran; if none is installed, the first missing one.
    pub fn first_of(commands: Vec<Command>, moment: Duration) -> Result<(), OpenError> {
        let (mut failed, mut missing) = (None, None);
        for mut command in commands {
            let program = command.get_program().to_string_lossy().into_owned();
            let error = match run(&mut command, moment) {
                Ok(None) => return Ok(()),
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => match status.code() {
                    Some(status) => OpenError::Failed { program, status },
                    None => OpenError::Other(format!("{program}: {status}")),
                },
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    missing.get_or_insert(OpenError::Missing { program });
                    continue;
                }
                Err(error) => OpenError::Other(format!("{program}: {}", words(&error))),
            };
            failed.get_or_insert(error);
        }
        let none = || OpenError::Other("this system has no program that opens pages".into());
        Err(failed.or(missing).unwrap_or_else(none))
    }

    /// How it ended, if it did within the moment.
    fn run(command: &mut Command, moment: Duration) -> io::Result<Option<ExitStatus>> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl+C in the app's terminal is not meant for the browser.
            .process_group(0)
            .spawn()?;
        let (sender, ended) = mpsc::channel();
        let waiting = std::thread::Builder::new()
            .name("browser-opener".into())
            .spawn(move || sender.send(child.wait()));
        match waiting.ok().and_then(|_| ended.recv_timeout(moment).ok()) {
            Some(status) => status.map(Some),
            // It runs, or its state can't be read.
            None => Ok(None),
        }
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use super::linux::first_of;

    /// Far longer than anything here takes; it only limits a hang.
    const PATIENCE: Duration = Duration::from_secs(30);

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh", "https://account.example/?state=canary"]);
        command
    }

    fn missing(program: &str) -> Command {
        let mut command = Command::new(program);
        command.arg("https://account.example/?state=canary");
        command
    }

    fn told(commands: Vec<Command>) -> String {
        format!("{}", first_of(commands, PATIENCE).unwrap_err())
    }

    #[test]
    fn a_program_that_works_or_goes_on_running_ends_the_search() {
        let works = vec![
            missing("no-such-opener"),
            shell("exit 4"),
            shell("exit 0"),
            shell("exit 9"),
        ];
        assert!(first_of(works, PATIENCE).is_ok());
        assert!(first_of(vec![shell("exec sleep 2"), shell("exit 9")], Duration::ZERO).is_ok());
    }

    #[test]
    fn the_first_missing_program_is_named_where_none_is_installed() {
        let commands = vec![missing("no-such-opener"), missing("no-other-opener")];
        assert_eq!(told(commands), "no-such-opener was not found");
    }

    /// A missing program after it must not hide why an installed one failed.
    #[test]
    fn the_first_failure_is_told_with_its_status_and_without_the_address() {
        let commands = vec![
            missing("no-such-opener"),
            shell("exit 4"),
            missing("no-other-opener"),
        ];
        assert_eq!(told(commands), "sh ended with status 4");
        assert!(!told(vec![shell("kill -9 $$")]).contains("canary"));
    }

    #[test]
    fn the_librarys_words_with_the_command_line_are_dropped() {
        let library = std::io::Error::other("Launcher \"open\" \"https://x/?state=canary\" failed");
        assert!(!super::words(&library).contains("canary"));
    }
}
