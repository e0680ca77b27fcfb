//! The id that an object of a reply has.

use crate::model::{Account, Group, Invitation, Organization, PrintUser, PrinterAssignment};

/// An object that contains its id.
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

impl Identified for Invitation {
    fn id(&self) -> &str {
        self.id.as_str()
    }
}

impl Identified for Organization {
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
