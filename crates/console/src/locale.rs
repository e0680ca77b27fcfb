//! The locale of the person at this computer. Decides nothing: what is sorted by it knows what to do with one it has never heard of.

/// As the system says it, in the form of BCP 47 ("sv-SE"); "" where it says nothing.
pub fn system() -> String {
    sys_locale::get_locale().unwrap_or_default()
}
