//! What came of a change set, as CSV for the person's own records: a line for each change. Must never write
//! text that a spreadsheet would take for a formula.

use std::io::Write;

use crate::change::{BlockedReason, Prediction};
use crate::change_set::ChangeSet;
use crate::outcome::Outcome;

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

/// Writes a line for each change. `outcome` gives what came of the change with that index; `reason` names a
/// failure, and `stopped` the reason why the changes that were not tried were not.
///
/// # Errors
/// The writer's.
pub fn write<E>(
    mut out: impl Write,
    set: &ChangeSet,
    outcome: impl Fn(u32) -> Option<Outcome<E>>,
    reason: impl Fn(&E) -> String,
    stopped: Option<&E>,
) -> std::io::Result<()> {
    out.write_all(BYTE_ORDER_MARK.as_bytes())?;
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(HEADER)?;
    for (at, change) in (0_u32..).zip(&set.changes) {
        let [id, name, email] = set.users.get(change.user);
        let Some(group) = set.group_of(change) else {
            continue;
        };
        let result = match (outcome(at), change.prediction()) {
            (Some(outcome), _) => result(&outcome, &reason),
            // A read can't change this prediction.
            (None, Prediction::Blocked(blocked)) if !change.is_checked() => cannot_be_changed(blocked),
            (None, _) => match stopped {
                Some(error) => format!("not tried: {}", reason(error)),
                None => "not tried".to_owned(),
            },
        };
        let wanted = if change.is_adding() { "add" } else { "remove" };
        let cells = [name, email, id, &group.name, group.id.as_str(), wanted, &result];
        csv.write_record(cells.map(inert))?;
    }
    csv.flush()
}

fn result<E>(outcome: &Outcome<E>, reason: impl Fn(&E) -> String) -> String {
    match outcome {
        Outcome::Applied => "applied".to_owned(),
        Outcome::Unchanged => "no change needed".to_owned(),
        Outcome::ChangedMeanwhile { .. } => "applied, changed by somebody else meanwhile".to_owned(),
        Outcome::Blocked { reason } => cannot_be_changed(*reason),
        Outcome::Failed { error } => format!("failed: {}", reason(error)),
        Outcome::Unknown => "unknown: recorded by another version".to_owned(),
    }
}

fn cannot_be_changed(reason: BlockedReason) -> String {
    let reason = match reason {
        BlockedReason::UserGone => "userGone",
        BlockedReason::NotOnPrintingServer => "notOnPrintingServer",
        BlockedReason::GroupGone => "groupGone",
        BlockedReason::SyncedFromAzure => "syncedFromAzure",
    };
    format!("can't be changed: {reason}")
}

/// The cell with an apostrophe wherever a formula could begin, which marks it as text (security.md 66).
///
/// A formula could begin at the cell's start and where a spreadsheet may split it: German Excel splits at
/// `;`, an import at tabs, and neither respects the quotes around a cell that was written for commas.
/// Spreadsheets treat full-width signs like plain ones, and skip a tab or a line break before them.
fn inert(cell: &str) -> String {
    let mut out = String::with_capacity(cell.len() + 1);
    if cell.starts_with(['\t', '\r', '\n']) {
        out.push('\'');
    }
    let mut may_begin = true;
    for letter in cell.chars() {
        let is_sign = matches!(letter, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠');
        if may_begin && is_sign {
            out.push('\'');
        }
        // Quotes at the start of a cell are removed.
        may_begin = matches!(letter, ';' | '\t' | '\r' | '\n') || (may_begin && letter == '"');
        out.push(letter);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{HEADER, inert, write};
    use crate::outcome::Outcome;
    use crate::sample::set;

    fn report(names: &[&str]) -> Vec<u8> {
        let mut out = Vec::new();
        let applied = |_| Some(Outcome::<String>::Applied);
        write(&mut out, &set(names), applied, String::clone, None).unwrap();
        out
    }

    #[test]
    fn a_report_is_said_to_be_utf_8_so_that_a_spreadsheet_shows_its_letters() {
        let bytes = report(&["Åse Żółć"]);
        assert!(bytes.starts_with("\u{feff}person,email,".as_bytes()));
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(
            text.lines().nth(1),
            Some("Åse Żółć,a@b.example,u0,\"Haus \"\"B\"\", 2\",g1,add,applied")
        );
    }

    #[test]
    fn what_was_not_tried_says_why() {
        let mut out = Vec::new();
        let set = set(&["Ines", "Jan"]);
        let outcome = |at| (at == 0).then_some(Outcome::Failed { error: "forbidden" });
        write(&mut out, &set, outcome, |e| (*e).to_owned(), Some(&"offline")).unwrap();
        let text = String::from_utf8(out).unwrap();
        let results: Vec<_> = text
            .lines()
            .skip(1)
            .map(|l| l.rsplit(',').next().unwrap())
            .collect();
        assert_eq!(results, ["failed: forbidden", "not tried: offline"]);
    }

    #[test]
    fn what_a_spreadsheet_may_take_for_a_formula_is_told_to_be_text() {
        for start in ["=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n"] {
            let cell = format!("{start}HYPERLINK(\"x\")");
            assert_eq!(inert(&cell), format!("'{cell}"), "{cell:?}");
        }
        for cell in ["", "Ines", "a=b", "'x", " =1", "1-2", "−1", "a; b", "\"x\" =1"] {
            assert_eq!(inert(cell), cell);
        }
    }

    /// No line has a cell that begins like a formula, even if it is split at other marks than commas.
    #[test]
    fn a_report_that_is_split_at_other_marks_has_no_formula() {
        let names = [
            "x;=1+1",
            "x\t=1+1",
            "x;\"=1+1",
            "x;\"\";@SUM(1)",
            "x\r\n=1+1",
            "x;\t-1",
        ];
        let mut groups = set(&names);
        groups.groups[0].name = "Haus;=1+1, 2\n+1\t@x".to_owned();
        let mut out = Vec::new();
        let applied = |_| Some(Outcome::<String>::Applied);
        write(&mut out, &groups, applied, String::clone, None).unwrap();
        let text = String::from_utf8(out).unwrap();
        for mark in [';', '\t'] {
            let cells = text.split([mark, '\r', '\n']);
            for cell in cells.map(|cell| cell.trim_start_matches(['"', '\t'])) {
                assert!(!cell.starts_with(['=', '+', '-', '@']), "{mark:?}: {cell:?}");
            }
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
        let bytes = report(&names);
        let mut csv = csv::Reader::from_reader(bytes.strip_prefix("\u{feff}".as_bytes()).unwrap());
        assert_eq!(csv.headers().unwrap(), &HEADER[..]);
        let rows: Vec<csv::StringRecord> = csv.records().collect::<Result<_, _>>().unwrap();
        let read: Vec<&str> = rows.iter().map(|row| &row[0]).collect();
        assert_eq!(read, names.map(inert));
        assert!(
            rows.iter()
                .all(|row| row.len() == HEADER.len() && &row[6] == "applied")
        );
    }
}
