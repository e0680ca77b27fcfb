//! Which file of a crate uses which other one, read from its source. Part of the `lint` step: files may not
//! use each other in a circle, and the rooms of `console` only what is below them (docs/architecture.md).
//! Must never run code of the crate.
//!
//! Read are `use` declarations and paths that begin with `crate`, `self`, `super` or a module declared in the
//! same file, in macros too. Left out is what is compiled for tests alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;
use proc_macro2::{TokenStream, TokenTree};
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};

/// The crates without a circle, by the folder of their source.
const CRATES: &[&str] = &[
    "crates/changes/src",
    "crates/console/src",
    "crates/directory/src",
    "crates/ezeep-api/src",
    "crates/ezeep-auth/src",
    "crates/ezeep-http/src",
    "crates/ezeep-sim/src",
    "crates/ezeep-sim-faults/src",
    "crates/ids/src",
    "crates/testing/src",
    "crates/vault/src",
    "src-tauri/src",
    "xtask/src",
];

/// The rooms of `console` from top to bottom (docs/architecture.md). A room is one or more modules; the rooms
/// of one level are siblings. A file may use its own room and the levels below it.
const CONSOLE: &str = "crates/console/src";
const ROOMS: &[&[&str]] = &[
    &["(root)", "bindings commands"],
    &["handle"],
    &["account"],
    &["workspace"],
    &["services", "runner", "sync", "groups", "users", "seek", "views"],
    &["writers", "plan_store", "directory_cache", "awake"],
    &["organization"],
    &["account_files", "profile"],
    &["settings", "columns", "convert", "faults", "locale"],
    &["logs", "hand_over"],
    &["notices"],
    &["stored"],
    &["clock"],
    &["host"],
    &["wire error"],
    &["limits"],
];

/// Fails with every circle of files in [`CRATES`] and what ties it, and with every file of `console` that
/// uses what is not below its room.
///
/// # Errors
/// There is a circle or such a file, or a file can't be read or parsed.
pub fn check() -> Result<()> {
    let upwards = Uses::of(Path::new(CONSOLE))?.upwards(Path::new(CONSOLE), ROOMS);
    ensure!(
        upwards.is_empty(),
        "files use what is not below their room:\n{}",
        upwards.join("\n")
    );
    let mut circles = Vec::new();
    for folder in CRATES {
        let uses = Uses::of(Path::new(folder))?;
        circles.extend(uses.circles());
    }
    ensure!(
        circles.is_empty(),
        "files use each other in a circle:\n{}",
        circles.join("\n")
    );
    Ok(())
}

/// The path of a module, from the root of its crate.
type ModulePath = Vec<String>;

/// What the files of one crate take from each other.
struct Uses {
    /// The files that hold each module: one, or one for each system.
    files: BTreeMap<ModulePath, Vec<PathBuf>>,
    /// By the using and the used file: what is taken.
    taken: BTreeMap<(PathBuf, PathBuf), BTreeSet<String>>,
}

impl Uses {
    /// Reads a crate, whose root is the `lib.rs` or else the `main.rs` in this folder.
    fn of(folder: &Path) -> Result<Self> {
        let root = ["lib.rs", "main.rs"]
            .map(|name| folder.join(name))
            .into_iter()
            .find(|path| path.exists())
            .with_context(|| format!("no crate in {}", folder.display()))?;
        let mut modules = Vec::new();
        read_file(&root, folder, Vec::new(), &mut modules)?;
        let mut uses = Self {
            files: BTreeMap::new(),
            taken: BTreeMap::new(),
        };
        for module in &modules {
            let files = uses.files.entry(module.path.clone()).or_default();
            files.push(module.file.clone());
        }
        for module in &modules {
            for (file, name) in uses.of_module(module) {
                uses.taken
                    .entry((module.file.clone(), file))
                    .or_default()
                    .insert(name);
            }
        }
        Ok(uses)
    }

    /// The other files that a module uses, each with the name that it takes.
    fn of_module(&self, module: &Module) -> Vec<(PathBuf, String)> {
        let mut paths = Paths::default();
        for item in &module.items {
            paths.visit_item(item);
        }
        let targets = paths.found.iter().filter_map(|path| self.target(module, path));
        let targets =
            targets.flat_map(|(files, name)| files.iter().map(move |file| (file.clone(), name.clone())));
        targets.filter(|(file, _)| *file != module.file).collect()
    }

    /// The files of the innermost module that a path leads to, and the name after that module.
    fn target(&self, module: &Module, path: &[String]) -> Option<(&[PathBuf], String)> {
        let mut absolute = match path.first()?.as_str() {
            "crate" => Vec::new(),
            "self" | "super" => module.path.clone(),
            name if module.children.contains(name) => module.path.clone(),
            _ => return None,
        };
        for segment in path {
            match segment.as_str() {
                "crate" | "self" => {}
                "super" => drop(absolute.pop()),
                name => absolute.push(name.to_owned()),
            }
        }
        let depth = (0..=absolute.len())
            .rev()
            .find(|depth| self.files.contains_key(&absolute[..*depth]))?;
        let name = absolute.get(depth).map_or("self", String::as_str);
        Some((&self.files[&absolute[..depth]], name.to_owned()))
    }

    /// Each use of what is neither in the file's own room nor below it, in words. A file of a module that no
    /// room has is named too.
    fn upwards(&self, folder: &Path, rooms: &[&[&str]]) -> Vec<String> {
        let place = |file: &Path| {
            let module = top_module(folder, file);
            rooms.iter().enumerate().find_map(|(level, rooms)| {
                let is_here = |room: &&&str| room.split(' ').any(|name| name == module);
                rooms.iter().find(is_here).map(|room| (level, *room))
            })
        };
        let mut found = BTreeSet::new();
        for file in self.files.values().flatten().filter(|file| place(file).is_none()) {
            found.insert(format!("  {} is in no room", file.display()));
        }
        for ((from, to), names) in &self.taken {
            let (Some((level, room)), Some((below, other))) = (place(from), place(to)) else {
                continue;
            };
            if room != other && below <= level {
                let names: Vec<_> = names.iter().map(String::as_str).collect();
                let names = names.join(", ");
                found.insert(format!("  {} uses {}: {names}", from.display(), to.display()));
            }
        }
        found.into_iter().collect()
    }

    /// Each circle, in words.
    fn circles(&self) -> Vec<String> {
        let mut graph = DiGraphMap::<&Path, ()>::new();
        for (from, to) in self.taken.keys() {
            graph.add_edge(from.as_path(), to.as_path(), ());
        }
        let circles = tarjan_scc(&graph).into_iter().filter(|files| files.len() > 1);
        circles
            .map(|files| {
                let among = |path: &PathBuf| files.contains(&path.as_path());
                let ties = self
                    .taken
                    .iter()
                    .filter(|((from, to), _)| among(from) && among(to));
                let ties = ties.map(|((from, to), names)| {
                    let names: Vec<_> = names.iter().map(String::as_str).collect();
                    format!("  {} uses {}: {}", from.display(), to.display(), names.join(", "))
                });
                ties.collect::<Vec<_>>().join("\n")
            })
            .collect()
    }
}

/// The module of the crate's root that a file belongs to.
fn top_module(folder: &Path, file: &Path) -> String {
    let inside = file.strip_prefix(folder).unwrap_or(file);
    let first = inside.components().next();
    let first = first.map(|part| part.as_os_str().to_string_lossy().into_owned());
    let name = first.unwrap_or_default();
    match name.strip_suffix(".rs") {
        Some("lib" | "main") => "(root)".to_owned(),
        Some(module) => module.to_owned(),
        None => name,
    }
}

struct Module {
    path: ModulePath,
    file: PathBuf,
    /// The modules declared in it.
    children: BTreeSet<String>,
    items: Vec<syn::Item>,
}

/// Reads a file and the modules below it. `folder` is where the files of its modules are.
fn read_file(file: &Path, folder: &Path, path: ModulePath, modules: &mut Vec<Module>) -> Result<()> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let parsed = syn::parse_file(&text).with_context(|| file.display().to_string())?;
    read_module(file, folder, path, parsed.items, modules)
}

fn read_module(
    file: &Path,
    folder: &Path,
    path: ModulePath,
    items: Vec<syn::Item>,
    modules: &mut Vec<Module>,
) -> Result<()> {
    let mut module = Module {
        path,
        file: file.to_owned(),
        children: BTreeSet::new(),
        items: Vec::new(),
    };
    for item in items {
        let syn::Item::Mod(child) = item else {
            module.items.push(item);
            continue;
        };
        if is_for_tests(&child.attrs) {
            continue;
        }
        let name = child.ident.to_string();
        let mut path = module.path.clone();
        path.push(name.clone());
        let below = folder.join(&name);
        match child.content {
            Some((_, items)) => read_module(file, &below, path, items, modules)?,
            None => {
                let beside = file.parent().unwrap_or(folder);
                let mut files: Vec<_> = paths(&child.attrs).iter().map(|path| beside.join(path)).collect();
                files.extend([folder.join(format!("{name}.rs")), below.join("mod.rs")]);
                files.retain(|file| file.exists());
                ensure!(
                    !files.is_empty(),
                    "{}: the file of `mod {name}` is not there",
                    file.display()
                );
                for file in files {
                    read_file(&file, &below, path.clone(), modules)?;
                }
            }
        }
        module.children.insert(name);
    }
    modules.push(module);
    Ok(())
}

/// The files that `path` attributes name, for any system.
fn paths(attributes: &[syn::Attribute]) -> Vec<String> {
    let mut found = Vec::new();
    for attribute in attributes {
        match &attribute.meta {
            syn::Meta::NameValue(meta) => found.extend(path_of(meta)),
            syn::Meta::List(list) if list.path.is_ident("cfg_attr") => {
                let metas = list.parse_args_with(Punctuated::<syn::Meta, syn::Token![,]>::parse_terminated);
                for meta in metas.into_iter().flatten() {
                    if let syn::Meta::NameValue(meta) = meta {
                        found.extend(path_of(&meta));
                    }
                }
            }
            _ => {}
        }
    }
    found
}

fn path_of(meta: &syn::MetaNameValue) -> Option<String> {
    match &meta.value {
        syn::Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Str(text),
            ..
        }) if meta.path.is_ident("path") => Some(text.value()),
        _ => None,
    }
}

/// Whether an item is compiled for tests alone.
fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || (attribute.path().is_ident("cfg")
                && attribute
                    .parse_args::<syn::Path>()
                    .is_ok_and(|condition| condition.is_ident("test")))
    })
}

/// The paths in a module.
#[derive(Default)]
struct Paths {
    found: Vec<ModulePath>,
}

impl Paths {
    fn add_tree(&mut self, tree: &syn::UseTree, before: &mut ModulePath) {
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.add_tree(&path.tree, before);
                before.pop();
            }
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.add_tree(tree, before);
                }
            }
            syn::UseTree::Name(name) => self.add(before, &name.ident),
            syn::UseTree::Rename(rename) => self.add(before, &rename.ident),
            _ => self.found.push(before.clone()),
        }
    }

    fn add(&mut self, before: &[String], last: &syn::Ident) {
        let mut path = before.to_vec();
        path.push(last.to_string());
        self.found.push(path);
    }

    /// Looks for `a::b::c` in tokens that are not parsed.
    fn add_tokens(&mut self, tokens: TokenStream) {
        let mut path: ModulePath = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(name) if colons == 2 => path.push(name.to_string()),
                TokenTree::Ident(name) => {
                    self.found
                        .push(std::mem::replace(&mut path, vec![name.to_string()]));
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => {
                    colons += 1;
                    continue;
                }
                TokenTree::Group(group) => self.add_tokens(group.stream()),
                _ => self.found.push(std::mem::take(&mut path)),
            }
            colons = 0;
        }
        self.found.push(path);
    }
}

impl Visit<'_> for Paths {
    fn visit_item(&mut self, item: &syn::Item) {
        let attributes = match item {
            syn::Item::Fn(item) => &item.attrs,
            syn::Item::Impl(item) => &item.attrs,
            syn::Item::Use(item) => &item.attrs,
            syn::Item::Struct(item) => &item.attrs,
            syn::Item::Enum(item) => &item.attrs,
            syn::Item::Const(item) => &item.attrs,
            syn::Item::Macro(item) => &item.attrs,
            _ => &Vec::new(),
        };
        if !is_for_tests(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &syn::ImplItemFn) {
        if !is_for_tests(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &syn::ItemUse) {
        self.add_tree(&item.tree, &mut Vec::new());
    }

    fn visit_path(&mut self, path: &syn::Path) {
        if path.leading_colon.is_none() {
            let segments = path.segments.iter();
            self.found
                .push(segments.map(|segment| segment.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &syn::Macro) {
        self.visit_path(&item.path);
        self.add_tokens(item.tokens.clone());
    }

    /// `pub(super)` uses nothing.
    fn visit_visibility(&mut self, _: &syn::Visibility) {}
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::Uses;

    /// The circles of a crate of these files.
    fn circles(files: &[(&str, &str)]) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let found = Uses::of(dir.path()).unwrap().circles();
        let prefix = format!("{}/", dir.path().display());
        found.iter().map(|circle| circle.replace(&prefix, "")).collect()
    }

    #[test]
    fn two_files_that_use_each_other_are_named_with_what_they_take() {
        let found = circles(&[
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "use crate::b::{B, self}; pub struct A;"),
            ("b.rs", "pub struct B(super::a::A);"),
        ]);
        assert_eq!(found, ["  a.rs uses b.rs: B, self\n  b.rs uses a.rs: A"]);
    }

    #[test]
    fn a_child_that_takes_from_its_parent_is_a_circle_where_the_parent_uses_it() {
        let child = ("a/b.rs", "pub fn b() { super::helper() }");
        let found = circles(&[
            ("lib.rs", "mod a;"),
            ("a.rs", "mod b; fn helper() {} fn a() { b::b() }"),
            child,
        ]);
        assert_eq!(found, ["  a/b.rs uses a.rs: helper\n  a.rs uses a/b.rs: b"]);
        let declared = ("a.rs", "pub mod b; fn helper() {}");
        assert!(circles(&[("lib.rs", "mod a;"), declared, child]).is_empty());
    }

    #[test]
    fn a_path_in_a_macro_counts_and_one_for_tests_does_not() {
        let b = ("b.rs", "use crate::a::A; pub fn b() {}");
        let found = circles(&[
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "pub struct A; fn a() { vec![(crate::b::b(), 1)]; }"),
            b,
        ]);
        assert_eq!(found.len(), 1);
        let tests = "pub struct A; #[cfg(test)] mod tests { use crate::b::b; } #[cfg(test)] use crate::b;";
        assert!(circles(&[("lib.rs", "mod a; mod b;"), ("a.rs", tests), b]).is_empty());
    }

    #[test]
    fn a_restricted_visibility_and_a_sibling_named_through_the_parent_are_none() {
        let found = circles(&[
            ("lib.rs", "mod a; pub use a::c::C;"),
            ("a/mod.rs", "mod b; pub mod c; use b::B;"),
            ("a/b.rs", "pub(super) struct B(super::c::C);"),
            ("a/c.rs", "pub struct C;"),
        ]);
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn a_file_may_use_its_room_and_what_is_below_but_neither_above_nor_beside() {
        let dir = tempfile::tempdir().unwrap();
        let files = [
            ("lib.rs", "mod a; mod b; mod c; mod d; use a::A;"),
            ("a.rs", "pub struct A(crate::b::B, crate::c::C);"),
            ("b.rs", "pub struct B(crate::c::C);"),
            ("c.rs", "pub struct C(crate::d::D);"),
            ("d.rs", "pub struct D;"),
        ];
        for (name, text) in files {
            fs::write(dir.path().join(name), text).unwrap();
        }
        let uses = Uses::of(dir.path()).unwrap();
        let upwards = |rooms: &[&[&str]]| {
            let prefix = format!("{}/", dir.path().display());
            let found = uses.upwards(dir.path(), rooms).join(";");
            found.replace(&prefix, "")
        };
        assert_eq!(upwards(&[&["(root)"], &["a"], &["b"], &["c d"]]), "");
        assert_eq!(
            upwards(&[&["(root)"], &["a", "b"], &["c d"]]),
            "  a.rs uses b.rs: B"
        );
        assert_eq!(
            upwards(&[&["(root)"], &["a"], &["b"], &["d"], &["c"]]),
            "  c.rs uses d.rs: D"
        );
        assert_eq!(
            upwards(&[&["(root)"], &["a"], &["b"], &["c"]]),
            "  d.rs is in no room"
        );
    }

    #[test]
    fn a_module_without_its_file_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("lib.rs"), "mod a;").unwrap();
        assert!(Uses::of(dir.path()).is_err());
        assert!(Uses::of(Path::new("/nowhere")).is_err());
    }
}
