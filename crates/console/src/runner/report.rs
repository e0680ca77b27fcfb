//! The report of a plan: a new CSV file. Must never overwrite a file, nor leave a part of a report under its
//! name.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::plan::Plan;
use crate::error::{AppError, ErrorCode, Result};

/// Most names tried before giving up.
const TRIES: u32 = 100;

/// Writes a plan's outcomes to a new file in `folder`, named after the organization and `day`. Returns its
/// path.
///
/// # Errors
/// [`ErrorCode::FileNotWritten`].
pub fn save(folder: &Path, day: &str, plan: &Plan) -> Result<PathBuf> {
    let name = format!("Pressroom {} {day}", plain(&plan.view().organization.name));
    let stopped = plan.stopped_because();
    let outcome = |change| plan.outcome(change);
    write_new(folder, &name, |file| {
        changes::report::write(file, plan.set(), outcome, reason, stopped.as_ref())
    })
    .map_err(|error| {
        AppError::new(ErrorCode::FileNotWritten {
            folder: folder.display().to_string(),
        })
        .with_detail(error.to_string())
    })
}

/// Writes a new file by `fill`. The file gets its name only when it is complete.
fn write_new(
    folder: &Path,
    name: &str,
    fill: impl FnOnce(&mut NamedTempFile) -> io::Result<()>,
) -> io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new()
        .prefix(".pressroom-")
        .suffix(".csv")
        .tempfile_in(folder)?;
    fill(&mut file)?;
    file.as_file().sync_all()?;
    persist(file, folder, name)
}

fn persist(mut file: NamedTempFile, folder: &Path, name: &str) -> io::Result<PathBuf> {
    let mut tries = 1;
    loop {
        let path = folder.join(if tries == 1 {
            format!("{name}.csv")
        } else {
            format!("{name} ({tries}).csv")
        });
        match file.persist_noclobber(&path) {
            Ok(_) => return Ok(path),
            Err(taken) if taken.error.kind() == ErrorKind::AlreadyExists && tries < TRIES => {
                file = taken.file;
                tries += 1;
            }
            Err(failed) => return Err(failed.error),
        }
    }
}

/// A name that all file systems accept: letters, digits, spaces and hyphens, at most 60 characters and 180
/// bytes.
fn plain(name: &str) -> String {
    let kept: String = name
        .chars()
        .map(|c| if c.is_alphanumeric() || c == '-' { c } else { ' ' })
        .take(60)
        .scan(0, |bytes, c| {
            *bytes += c.len_utf8();
            (*bytes <= 180).then_some(c)
        })
        .collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The name of an error's code, with the server's message if there is one.
fn reason(error: &AppError) -> String {
    let code = serde_json::to_value(&error.code).ok();
    let code = code
        .as_ref()
        .and_then(|code| code["code"].as_str())
        .unwrap_or("internal");
    match &error.detail {
        Some(detail) => format!("{code}: {detail}"),
        None => code.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::sync::Arc;

    use changes::{Outcome, Outcomes};

    use super::{plain, save, write_new};
    use crate::runner::plan::Plan;
    use crate::runner::sample::{id, organization, set};

    fn plan() -> Plan {
        plan_of("Nordhafen / Schulen")
    }

    fn plan_of(organization_name: &str) -> Plan {
        let set = set(&["u1", "u2"]);
        let mut outcomes = Outcomes::new(2);
        outcomes.record(&[0], &Outcome::Applied);
        let organization = crate::wire::Organization {
            name: organization_name.to_owned(),
            ..organization()
        };
        Plan::new(id("p"), organization, Arc::new(set), outcomes, 7, None)
    }

    #[test]
    fn a_report_is_never_written_over_another() {
        let dir = tempfile::tempdir().unwrap();
        let names = [
            "Pressroom Nordhafen Schulen 2026-11-21.csv",
            "Pressroom Nordhafen Schulen 2026-11-21 (2).csv",
        ];
        for name in names {
            let path = save(dir.path(), "2026-11-21", &plan()).unwrap();
            assert_eq!(path.file_name().unwrap(), name);
        }
        for name in names {
            let text = std::fs::read_to_string(dir.path().join(name)).unwrap();
            let results: Vec<_> = text.lines().skip(1).map(|line| line.rsplit(',').next()).collect();
            assert_eq!(results, [Some("applied"), Some("not tried")]);
        }
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_report_has_its_name_when_it_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let is_there = || dir.path().join("name.csv").exists();
        let write = |fails: bool| {
            write_new(dir.path(), "name", |file| {
                file.write_all(b"a part")?;
                assert!(!is_there());
                match fails {
                    true => Err(std::io::ErrorKind::StorageFull.into()),
                    false => Ok(()),
                }
            })
        };
        write(true).unwrap_err();
        assert_eq!(
            std::fs::read_dir(dir.path()).unwrap().count(),
            0,
            "no part is left"
        );
        write(false).unwrap();
        assert!(is_there());
    }

    #[test]
    fn a_name_is_never_a_path() {
        assert_eq!(plain("../../etc/passwd"), "etc passwd");
    }

    /// A file's name has at most 255 bytes.
    #[test]
    fn the_name_of_a_report_fits_whatever_letters_the_organization_has() {
        let dir = tempfile::tempdir().unwrap();
        for letter in ["a", "ä", "の", "\u{20000}"] {
            for _ in 0..2 {
                save(dir.path(), "2026-11-21", &plan_of(&letter.repeat(80))).unwrap();
            }
        }
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, b"").unwrap();
        let error = save(&file, "2026-11-21", &plan()).unwrap_err();
        assert!(matches!(
            error.code,
            crate::error::ErrorCode::FileNotWritten { .. }
        ));
    }
}
