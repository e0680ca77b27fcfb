//! The user's locale on this computer. Checks nothing: the collation falls back to a default for an unknown
//! locale.

/// The system's locale in the form of BCP 47 ("sv-SE"); "" if the system has none.
pub fn system() -> String {
    sys_locale::get_locale().unwrap_or_default()
}
