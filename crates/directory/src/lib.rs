//! An organization in memory: its people, its groups and who is in which; search, filters, sort, answered as windows.
//! Every answer is computed here, so that a screen never holds more than it shows.
//! Must never do I/O, wait, or know how its facts were fetched.
//!
//! ```
//! use directory::{Directory, Group, Person, Sort, UserColumn, UserScope};
//!
//! let people = vec![
//!     Person { groups: vec!["7b".into()], ..Person::new("u-1", "Zoë Müller", "z.mueller@school.example") },
//!     Person::new("u-2", "Ali Yılmaz", "ali@school.example"),
//! ];
//! let directory = Directory::build(people, vec![Group::new("7b", "Klasse 7b")]);
//!
//! let scope = UserScope { search: "muller zoe".to_owned(), ..UserScope::default() };
//! let window = directory.users(&scope, Sort::ascending(UserColumn::Name), 0, 50);
//! assert_eq!((window.total, window.matched), (2, 1));
//! assert_eq!(window.rows[0].id.as_str(), "u-1");
//! ```

mod bits;
mod collation;
mod directory;
mod facets;
mod filters;
mod fold;
mod grams;
mod groups;
mod ids;
mod interner;
mod looks;
mod model;
mod order;
mod packed;
mod people;
mod position;
mod searchable;
mod snapshot;
mod texts;

pub use directory::Directory;
pub use looks::{Likeness, LookKey, NameKey, is_visible, looks_the_same};
pub use model::{
    CountGroups, Facets, Group, GroupColumn, GroupId, GroupInfo, Origin, Person, PrintSetting, PrintSettings,
    Role, Sort, UserColumn, UserId, UserScope, UserState, Window,
};
pub use position::Place;
pub use snapshot::SnapshotError;
