//! Parses a request's JSON object and typed fields of it, with the framework's messages for errors.

use serde_json::{Map, Value};

use super::error::ApiError;

/// Ids are opaque text (openapi.yaml: `^[0-9A-Za-z-]{1,64}$`); anything else names nothing.
pub(super) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// A request's JSON object. The content type is not asked for: the documents' examples send JSON without one.
pub(super) fn object(body: &[u8]) -> Result<Map<String, Value>, ApiError> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(ApiError::Malformed(
            "Invalid data. Expected a dictionary.".to_owned(),
        )),
        Err(error) => Err(ApiError::Malformed(format!(
            "JSON parse error - line {}",
            error.line()
        ))),
    }
}

/// A text field of at most `longest` characters. `Ok(None)` where it is left out.
pub(super) fn text(
    object: &Map<String, Value>,
    field: &'static str,
    longest: usize,
    may_be_empty: bool,
) -> Result<Option<String>, ApiError> {
    let wrong = |why: &str| Err(ApiError::Field(field, why.to_owned()));
    match object.get(field) {
        None => Ok(None),
        Some(Value::String(text)) => {
            if text.chars().count() > longest {
                return Err(ApiError::Field(
                    field,
                    format!("Ensure this field has no more than {longest} characters."),
                ));
            }
            let trimmed = text.trim();
            if trimmed.is_empty() && !may_be_empty {
                return wrong("This field may not be blank.");
            }
            Ok(Some(trimmed.to_owned()))
        }
        Some(Value::Null) => wrong("This field may not be null."),
        Some(_) => wrong("Not a valid string."),
    }
}

pub(super) fn boolean(object: &Map<String, Value>, field: &'static str) -> Result<Option<bool>, ApiError> {
    match object.get(field) {
        None => Ok(None),
        Some(Value::Bool(value)) => Ok(Some(*value)),
        Some(_) => Err(ApiError::Field(field, "Must be a valid boolean.".to_owned())),
    }
}

/// `[{"group_id": "…"}, …]`. `Ok(None)` where it is left out.
pub(super) fn group_ids(object: &Map<String, Value>) -> Result<Option<Vec<String>>, ApiError> {
    object.get("groups").map(group_ids_of).transpose()
}

pub(super) fn group_ids_of(value: &Value) -> Result<Vec<String>, ApiError> {
    let wrong = |why: &str| ApiError::Field("groups", why.to_owned());
    let Value::Array(items) = value else {
        return Err(wrong("Expected a list of items."));
    };
    items
        .iter()
        .map(|item| match item.get("group_id") {
            Some(Value::String(id)) if is_id(id) => Ok(id.clone()),
            Some(_) => Err(wrong("Must be a valid group id.")),
            None => Err(wrong("group_id: This field is required.")),
        })
        .collect()
}
