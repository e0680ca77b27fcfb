//! What came of a plan, as a CSV file for the person's own records: a line a membership.
//! Must never overwrite a file, never leave a part of a report, and never write text that a spreadsheet would take for a
//! formula.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{AppError, ErrorCode, Result};
use crate::wire::{BlockedReason, Outcome, PlanLine, Planned};

const HEADER: [&str; 7] = [
    "person",
    "email",
    "person_id",
    "group",
    "group_id",
    "change",
    "result",
];

/// Without a byte order mark Excel reads a CSV file in the system's legacy code page.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Most names tried before giving up.
const TRIES: u32 = 100;

/// Writes the lines to a new file in `folder`, named after the organization and the day. Gives its path. `stopped` is why the
/// lines that were not tried were not. Each line comes with whether it asks for a membership and not for its end.
///
/// # Errors
/// [`ErrorCode::FileNotWritten`].
pub fn save(
    folder: &Path,
    organization: &str,
    day: &str,
    stopped: Option<&AppError>,
    lines: impl IntoIterator<Item = (PlanLine, bool)>,
) -> Result<PathBuf> {
    let failed = |error: &dyn std::fmt::Display| {
        AppError::new(ErrorCode::FileNotWritten {
            folder: folder.display().to_string(),
        })
        .with_detail(error.to_string())
    };
    let mut file = temporary_file(folder).map_err(|e| failed(&e))?;
    file.write_all(BYTE_ORDER_MARK.as_bytes())
        .map_err(|e| failed(&e))?;
    let mut csv = csv::Writer::from_writer(file);
    csv.write_record(HEADER).map_err(|e| failed(&e))?;
    for (line, adding) in lines {
        let change = if adding { "add" } else { "remove" };
        let cells = [
            &line.user.name,
            &line.user.email,
            line.user.id.as_str(),
            &line.group.name,
            line.group.id.as_str(),
            change,
            &result(&line, stopped),
        ];
        csv.write_record(cells.map(harmless)).map_err(|e| failed(&e))?;
    }
    let file = csv.into_inner().map_err(|e| failed(&e))?;
    file.as_file().sync_all().map_err(|e| failed(&e))?;
    named(file, folder, &format!("Pressroom {} {day}", plain(organization))).map_err(|e| failed(&e))
}

/// A file that is removed where it does not get its name, so that nobody sees a part of a report.
fn temporary_file(folder: &Path) -> std::io::Result<NamedTempFile> {
    std::fs::create_dir_all(folder)?;
    tempfile::Builder::new()
        .prefix(".pressroom-")
        .suffix(".csv")
        .tempfile_in(folder)
}

fn named(mut file: NamedTempFile, folder: &Path, name: &str) -> std::io::Result<PathBuf> {
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

/// A name that every file system takes: letters, digits, spaces and hyphens, at most 60 characters and 180 bytes.
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

/// A cell that begins like a formula is prefixed by an apostrophe, which marks it as text (security.md 66).
/// Spreadsheets treat full-width signs like plain ones, and skip a tab or a line break before them.
fn harmless(cell: &str) -> String {
    match cell.chars().next() {
        Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '\t' | '\r' | '\n') => {
            format!("'{cell}")
        }
        _ => cell.to_owned(),
    }
}

fn result(line: &PlanLine, stopped: Option<&AppError>) -> String {
    match (&line.outcome, &line.planned) {
        (Some(Outcome::Applied), _) => "applied".to_owned(),
        (Some(Outcome::Unchanged), _) => "no change needed".to_owned(),
        (Some(Outcome::ChangedMeanwhile { .. }), _) => {
            "applied, changed by somebody else meanwhile".to_owned()
        }
        (Some(Outcome::Failed { error }), _) => format!("failed: {}", reason(error)),
        (Some(Outcome::Unknown), _) => "unknown: recorded by another version".to_owned(),
        // A read can't change this prediction.
        (Some(Outcome::Blocked { reason }), _)
        | (
            None,
            Planned::Blocked {
                reason: reason @ BlockedReason::SyncedFromAzure,
            },
        ) => {
            let reason = serde_json::to_value(reason).ok();
            let reason = reason.as_ref().and_then(|r| r.as_str()).unwrap_or("unknown");
            format!("can't be changed: {reason}")
        }
        (None, _) => match stopped {
            Some(error) => format!("not tried: {}", reason(error)),
            None => "not tried".to_owned(),
        },
    }
}

/// An error by its code's name, with the server's message if there is one.
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
    use super::{HEADER, harmless, plain, save};
    use crate::wire::{GroupRef, Outcome, PlanLine, Planned, UserRef};
    use ids::{GroupId, UserId};

    fn line(name: &str) -> PlanLine {
        PlanLine {
            user: UserRef {
                id: UserId::try_from("u1".to_owned()).unwrap(),
                name: name.to_owned(),
                email: "a@b.example".to_owned(),
            },
            group: GroupRef {
                id: GroupId::try_from("g1".to_owned()).unwrap(),
                name: "Haus \"B\", 2".to_owned(),
            },
            planned: Planned::Add,
            outcome: Some(Outcome::Applied),
        }
    }

    #[test]
    fn a_report_is_never_written_over_another() {
        let dir = tempfile::tempdir().unwrap();
        let first = save(
            dir.path(),
            "Nordhafen / Schulen",
            "2026-11-21",
            None,
            [(line("Åse"), true)],
        )
        .unwrap();
        let second = save(dir.path(), "Nordhafen / Schulen", "2026-11-21", None, []).unwrap();
        assert_eq!(
            first.file_name().unwrap(),
            "Pressroom Nordhafen Schulen 2026-11-21.csv"
        );
        assert_eq!(
            second.file_name().unwrap(),
            "Pressroom Nordhafen Schulen 2026-11-21 (2).csv"
        );
        let text = std::fs::read_to_string(first).unwrap();
        assert_eq!(
            text.lines().nth(1),
            Some("Åse,a@b.example,u1,\"Haus \"\"B\"\", 2\",g1,add,applied")
        );
    }

    #[test]
    fn a_report_has_its_name_when_it_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let names = || -> Vec<String> {
            let entries = std::fs::read_dir(dir.path()).unwrap();
            let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
            names.filter(|name| name.starts_with("Pressroom")).collect()
        };
        let lines = (0..20_000).map(|n| {
            if n == 19_999 {
                assert_eq!(names(), [""; 0]);
            }
            (line("Ines"), true)
        });
        save(dir.path(), "x", "2026-11-21", None, lines).unwrap();
        assert_eq!(names(), ["Pressroom x 2026-11-21.csv"]);
    }

    #[test]
    fn a_report_is_said_to_be_utf_8_so_that_a_spreadsheet_shows_its_letters() {
        let dir = tempfile::tempdir().unwrap();
        let path = save(dir.path(), "x", "2026-11-21", None, [(line("Åse Żółć"), true)]).unwrap();
        let bytes = std::fs::read(path).unwrap();
        assert!(bytes.starts_with("\u{feff}person,email,".as_bytes()));
    }

    #[test]
    fn what_a_spreadsheet_may_take_for_a_formula_is_told_to_be_text() {
        for start in [
            "=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", "\r\n=",
        ] {
            let cell = format!("{start}HYPERLINK(\"x\")");
            assert_eq!(harmless(&cell), format!("'{cell}"), "{cell:?}");
        }
        for cell in ["", "Ines", "a=b", "'x", " =1", "1-2", "−1"] {
            assert_eq!(harmless(cell), cell);
        }
    }

    #[test]
    fn every_name_is_read_back_from_a_report_as_it_was() {
        let names = [
            "Anna\nBerg",
            "Anna\r\nBerg, \"A\"; 2",
            "\u{202e}txt.exe\u{2066}",
            "أحمد علي",
            "\u{feff}Ines",
            "tab\there",
            "=1+1",
            "＝1+1",
            "\n=1+1",
            " ",
            "",
        ];
        let dir = tempfile::tempdir().unwrap();
        let path = save(
            dir.path(),
            "x",
            "2026-11-21",
            None,
            names.map(|name| (line(name), true)),
        )
        .unwrap();
        let bytes = std::fs::read(path).unwrap();
        let mut csv = csv::Reader::from_reader(bytes.strip_prefix("\u{feff}".as_bytes()).unwrap());
        assert_eq!(csv.headers().unwrap(), &HEADER[..]);
        let rows: Vec<csv::StringRecord> = csv.records().collect::<Result<_, _>>().unwrap();
        let read: Vec<&str> = rows.iter().map(|row| &row[0]).collect();
        assert_eq!(read, names.map(harmless));
        assert!(
            rows.iter()
                .all(|row| row.len() == HEADER.len() && &row[6] == "applied")
        );
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
                save(dir.path(), &letter.repeat(80), "2026-11-21", None, []).unwrap();
            }
        }
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, b"").unwrap();
        let error = save(&file, "x", "2026-11-21", None, []).unwrap_err();
        assert!(matches!(
            error.code,
            crate::error::ErrorCode::FileNotWritten { .. }
        ));
    }
}
