//! An organization in memory: its people, its groups and the memberships; search, filters and sort, answered
//! as windows. All answers are computed here, so that a screen never holds more than it shows. Must never do
//! I/O, wait, or know how its facts were fetched.
//!
//! ```
//! use directory::{Directory, Group, Person, Sort, UserColumn, UserScope};
//! use ids::GroupId;
//!
//! let (zoe, ali, class) = ("u-1".parse()?, "u-2".parse()?, GroupId::try_from("7b")?);
//! let people = vec![
//!     Person { groups: vec![class.clone()], ..Person::new(zoe, "Zoë Müller", "z.mueller@school.example") },
//!     Person::new(ali, "Ali Yılmaz", "ali@school.example"),
//! ];
//! let directory = Directory::build(people, vec![Group::new(class, "Klasse 7b")]);
//!
//! let scope = UserScope { search: "muller zoe".to_owned(), ..UserScope::default() };
//! let window = directory.users(&scope, Sort::ascending(UserColumn::Name), 0, 50);
//! assert_eq!((window.total, window.matched), (2, 1));
//! assert_eq!(window.rows[0].id.as_str(), "u-1");
//! # Ok::<(), ids::InvalidId>(())
//! ```

mod collation;
mod directory;
mod facets;
mod filters;
mod fold;
mod grams;
mod groups;
mod id_index;
mod interner;
mod looks;
mod model;
mod order;
mod packed;
mod people;
mod position;
mod searchable;
mod snapshot;
mod stored;

pub use directory::Directory;
pub use looks::{Likeness, LookKey, NameKey, is_visible, looks_the_same};
pub use model::{
    Facets, Group, GroupColumn, GroupInfo, Origin, Person, PrintSetting, PrintSettings, Role, Sort,
    UserColumn, UserScope, UserState, Window,
};
pub use position::Place;
pub use snapshot::SnapshotError;
