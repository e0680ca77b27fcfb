//! The one way to read a list of a server: page by page, in order, from correct servers and from others. Must
//! never read endlessly because of a server's wrong values, nor miss an entry unnoticed (security.md 46).

mod page;
mod pages;
mod pass;
mod plan;
mod reading;

pub use page::{ItemId, Malformed, Page};
pub use pages::Pages;
pub(crate) use pages::{Matches, single};
pub use pass::Pass;
pub use reading::Reading;
pub(crate) use reading::{Fetch, read};
