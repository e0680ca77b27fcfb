//! Which hosts are this computer.

use reqwest::Url;

/// Whether an http or https URL's host is `localhost`, `127.0.0.1` or `::1`: the only hosts that plain http
/// is allowed for, and those that no proxy is asked for (security.md 20).
pub fn is_this_computer(url: &Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

#[cfg(test)]
mod tests {
    use reqwest::Url;

    use super::is_this_computer;

    /// security.md 20
    #[test]
    fn three_hosts_are_this_computer_and_no_other() {
        let is_ours = |url: &str| is_this_computer(&Url::parse(url).unwrap());
        for url in [
            "http://localhost:1/x",
            "http://LOCALHOST",
            "http://127.0.0.1:1",
            "http://127.1",
            "http://[::1]:1",
            "https://[0:0::1]",
        ] {
            assert!(is_ours(url), "{url}");
        }
        for url in [
            "http://api2.ezeep.com",
            "http://127.0.0.2",
            "http://0.0.0.0",
            "http://10.0.0.1",
            "http://[::2]",
            "http://[::ffff:127.0.0.1]",
            "http://localhost.evil.example",
            "http://localhost.",
            "http://a.localhost",
            "http://127.0.0.1.evil.example",
            "http://localhost@evil.example",
            "data:localhost",
        ] {
            assert!(!is_ours(url), "{url}");
        }
    }
}
