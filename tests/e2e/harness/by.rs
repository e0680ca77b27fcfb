//! How a test names what it looks for: by role and accessible name, as a screen reader does, never by class
//! or structure.

use std::fmt;

use serde_json::{Value, json};

/// A role of WAI-ARIA, explicit or implied by the element.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    Alert,
    Button,
    Checkbox,
    Dialog,
    Grid,
    Heading,
    Image,
    Link,
    List,
    ListBox,
    ListItem,
    Menu,
    MenuItem,
    MenuItemCheckbox,
    Note,
    Option,
    Progressbar,
    Radio,
    RadioGroup,
    Region,
    Row,
    SearchBox,
    Separator,
    Status,
    Switch,
    Tab,
    TextBox,
    Toolbar,
}

impl Role {
    fn word(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Button => "button",
            Self::Checkbox => "checkbox",
            Self::Dialog => "dialog",
            Self::Grid => "grid",
            Self::Heading => "heading",
            Self::Image => "image",
            Self::Link => "link",
            Self::List => "list",
            Self::ListBox => "listbox",
            Self::ListItem => "listitem",
            Self::Menu => "menu",
            Self::MenuItem => "menuitem",
            Self::MenuItemCheckbox => "menuitemcheckbox",
            Self::Note => "note",
            Self::Option => "option",
            Self::Progressbar => "progressbar",
            Self::Radio => "radio",
            Self::RadioGroup => "radiogroup",
            Self::Region => "region",
            Self::Row => "row",
            Self::SearchBox => "searchbox",
            Self::Separator => "separator",
            Self::Status => "status",
            Self::Switch => "switch",
            Self::Tab => "tab",
            Self::TextBox => "textbox",
            Self::Toolbar => "toolbar",
        }
    }
}

#[derive(Clone, Debug)]
enum Wanted {
    Anything,
    Name(String),
    NameStart(String),
    /// For what has no name of its own, such as an alert: its text.
    Text(String),
}

/// What to look for, and inside what.
#[derive(Clone, Debug)]
pub struct By {
    role: Role,
    wanted: Wanted,
    inside: Option<Box<By>>,
}

impl By {
    fn new(role: Role, wanted: Wanted) -> Self {
        Self {
            role,
            wanted,
            inside: None,
        }
    }

    /// Only inside what `outer` names.
    pub fn inside(mut self, outer: By) -> Self {
        self.inside = Some(Box::new(outer));
        self
    }

    /// From the outermost to the innermost, as the page's helper reads it.
    pub fn path(&self) -> Value {
        let mut path = match &self.inside {
            Some(outer) => outer.path().as_array().cloned().unwrap_or_default(),
            None => Vec::new(),
        };
        path.push(match &self.wanted {
            Wanted::Anything => json!({ "role": self.role.word(), "how": "any" }),
            Wanted::Name(name) => json!({ "role": self.role.word(), "how": "name", "what": name }),
            Wanted::NameStart(start) => json!({ "role": self.role.word(), "how": "start", "what": start }),
            Wanted::Text(text) => json!({ "role": self.role.word(), "how": "text", "what": text }),
        });
        Value::Array(path)
    }
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let role = self.role.word();
        match &self.wanted {
            Wanted::Anything => write!(f, "a {role}")?,
            Wanted::Name(name) => write!(f, "{role} “{name}”")?,
            Wanted::NameStart(start) => write!(f, "{role} “{start}…”")?,
            Wanted::Text(text) => write!(f, "{role} with “{text}”")?,
        }
        match &self.inside {
            Some(outer) => write!(f, " in {outer}"),
            None => Ok(()),
        }
    }
}

/// Something of this role with exactly this accessible name.
pub fn named(role: Role, name: impl Into<String>) -> By {
    By::new(role, Wanted::Name(name.into()))
}

/// Something of this role whose accessible name starts so.
pub fn starting(role: Role, start: impl Into<String>) -> By {
    By::new(role, Wanted::NameStart(start.into()))
}

/// Something of this role that shows this text somewhere.
pub fn showing(role: Role, text: impl Into<String>) -> By {
    By::new(role, Wanted::Text(text.into()))
}

/// Anything of this role.
pub fn any(role: Role) -> By {
    By::new(role, Wanted::Anything)
}

/// The button with this name.
pub fn button(name: impl Into<String>) -> By {
    named(Role::Button, name)
}

/// The dialog with this name.
pub fn dialog(name: impl Into<String>) -> By {
    named(Role::Dialog, name)
}

/// The status line that shows this text.
pub fn status(text: impl Into<String>) -> By {
    showing(Role::Status, text)
}
