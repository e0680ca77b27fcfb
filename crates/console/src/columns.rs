//! The columns that the user has chosen for a list: their validation and their stored form.

use crate::error::{AppError, ErrorCode, Result};
use crate::stored::StoredColumn;
use crate::wire::ColumnChoice;

/// Most columns of a list.
const MAX_COLUMNS: usize = 32;

/// Validates the columns of a list. The first of several columns with one name counts; widths are clamped to
/// 40..=2000 CSS pixels.
///
/// # Errors
/// [`ErrorCode::ArgumentInvalid`] for more than 32 columns, or a name that is not 1 to 32 ASCII letters and
/// digits.
pub fn validated(columns: Vec<ColumnChoice>) -> Result<Vec<ColumnChoice>> {
    let named =
        |name: &str| (1..=32).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if columns.len() > MAX_COLUMNS || !columns.iter().all(|column| named(&column.name)) {
        let field = "columns".to_owned();
        return Err(AppError::new(ErrorCode::ArgumentInvalid { field }));
    }
    let mut valid: Vec<ColumnChoice> = Vec::with_capacity(columns.len());
    for mut column in columns {
        if valid.iter().any(|other| other.name == column.name) {
            continue;
        }
        column.width = column.width.map(|width| width.clamp(40, 2_000));
        valid.push(column);
    }
    Ok(valid)
}

/// The stored columns; none if they are not valid.
pub fn from_stored(columns: Vec<StoredColumn>) -> Vec<ColumnChoice> {
    let wire = columns.into_iter().map(|column| ColumnChoice {
        name: column.name,
        shown: column.shown,
        width: column.width,
    });
    validated(wire.collect()).unwrap_or_default()
}

/// Columns in their stored form.
pub fn to_stored(columns: Vec<ColumnChoice>) -> Vec<StoredColumn> {
    let stored = columns.into_iter().map(|column| StoredColumn {
        name: column.name,
        shown: column.shown,
        width: column.width,
    });
    stored.collect()
}

#[cfg(test)]
mod tests {
    use super::validated;
    use crate::wire::ColumnChoice;

    #[test]
    fn columns_are_validated() {
        let column = |name: &str, width| ColumnChoice {
            name: name.to_owned(),
            shown: None,
            width,
        };
        let valid = validated(vec![
            column("a", Some(9)),
            column("b", Some(60_000)),
            column("a", None),
        ])
        .unwrap();
        assert_eq!(valid, [column("a", Some(40)), column("b", Some(2_000))]);
        for name in ["", "a b", "<b>", "name\n", &"a".repeat(33)] {
            assert!(validated(vec![column(name, None)]).is_err(), "{name:?}");
        }
        assert!(validated((0..33).map(|n| column(&format!("c{n}"), None)).collect()).is_err());
    }
}
