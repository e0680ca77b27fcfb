//! Where files have no Unix permissions and no limit of their size: what needs them is not run there.

/// No test is run again in a child.
pub fn is_child() -> bool {
    false
}

/// Nobody is.
pub fn is_root() -> bool {
    false
}

/// Panics: there is no ordinary user to run it as.
pub fn run_again(test: &str) {
    panic!("{test} needs Unix");
}

/// Panics where a limit is wanted.
pub fn limit_files(bytes: Option<u64>) {
    assert!(bytes.is_none(), "a limit for the size of files needs Unix");
}
