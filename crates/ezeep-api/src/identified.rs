//! Which id an object of a reply says it has.

use crate::model::{Account, Group, PrintUser, PrinterAssignment};

/// An object that says which one it is.
pub(crate) trait Identified {
    fn id(&self) -> &str;
}

impl Identified for Account {
    fn id(&self) -> &str {
        self.id.as_str()
    }
}

impl Identified for Group {
    fn id(&self) -> &str {
        self.id.as_str()
    }
}

impl Identified for PrintUser {
    fn id(&self) -> &str {
        self.id.as_str()
    }
}

impl Identified for PrinterAssignment {
    fn id(&self) -> &str {
        self.printer_id.as_str()
    }
}
