//! The settings from outside: environment variables and policy (README.md). Owns their names, defaults and
//! limits. Must never read a file: the settings that the app writes itself are in [`crate::profile`].

use std::ffi::OsString;
use std::path::PathBuf;

use ezeep_api::Endpoints;
use ezeep_auth::{ClientId, RedirectUri, Scopes};
use url::Url;

use crate::error::{AppError, ErrorCode, Result};
use crate::logs::LogFilter;

/// The default account server (`PRESSROOM_ACCOUNT_URL`).
pub const ACCOUNT_URL: &str = "https://account.ezeep.com";
/// The default printing server (`PRESSROOM_API_URL`).
pub const API_URL: &str = "https://api2.ezeep.com/printing/v1";
/// The default redirect URI (`PRESSROOM_REDIRECT_URI`): that of the vendor's desktop example.
pub const REDIRECT_URI: &str = "http://localhost:8080/oauth/callback";
/// The URL scheme of app links; the bundle identifier has the same text.
pub const SCHEME: &str = "dev.pressroom.console";
/// The app link, used if the user chooses that way back.
pub const APP_LINK: &str = "dev.pressroom.console://oauth/callback";
/// The default scopes (`PRESSROOM_SCOPES`).
pub const SCOPES: &str = "printing printing.printers.readonly";

/// The settings of this run.
#[derive(Clone)]
pub struct Settings {
    /// The URLs of both servers.
    pub endpoints: Endpoints,
    /// The Client ID preset by policy: shown, not editable.
    pub client_id: Option<ClientId>,
    /// The redirect URI, exactly as registered with the vendor.
    pub redirect_uri: RedirectUri,
    /// Whether the redirect URI is preset from outside: shown, not editable.
    pub redirect_preset: bool,
    /// The scopes requested at sign-in.
    pub scopes: Scopes,
    /// The data directory: settings, saved copies, plans and logs.
    pub data_dir: PathBuf,
    /// The log filter.
    pub log: LogFilter,
}

impl Settings {
    /// Reads the environment variables of this process.
    ///
    /// # Errors
    /// [`ErrorCode::SettingInvalid`], naming the first variable that can't be used, for example http to a
    /// host other than this computer (security.md 20).
    pub fn from_env() -> Result<Self> {
        // Each variable is queried by its name: on Windows the system ignores its case.
        Self::from_os(|name| std::env::var_os(name))
    }

    /// As [`Settings::from_env`], from any source of variables.
    ///
    /// # Errors
    /// As [`Settings::from_env`].
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self> {
        Self::from_os(|name| lookup(name).map(OsString::from))
    }

    /// As [`Settings::from_env`], from the system's own strings. An empty value counts as not set; a value
    /// that is no Unicode text can't be used.
    fn from_os(lookup: impl Fn(&str) -> Option<OsString>) -> Result<Self> {
        let get = |name: &str| match lookup(name).map(OsString::into_string) {
            Some(Ok(text)) if !text.trim().is_empty() => Ok(Some(text)),
            Some(Err(_)) => Err(invalid(name, &"it is no Unicode text")),
            _ => Ok(None),
        };
        let account = url(
            get("PRESSROOM_ACCOUNT_URL")?.as_deref().unwrap_or(ACCOUNT_URL),
            "PRESSROOM_ACCOUNT_URL",
        )?;
        let printing = url(
            get("PRESSROOM_API_URL")?.as_deref().unwrap_or(API_URL),
            "PRESSROOM_API_URL",
        )?;
        // Each alone first, so that the error names the right one.
        Endpoints::new(account.clone(), account.clone()).map_err(|e| invalid("PRESSROOM_ACCOUNT_URL", &e))?;
        let endpoints = Endpoints::new(account, printing).map_err(|e| invalid("PRESSROOM_API_URL", &e))?;
        let client_id = get("PRESSROOM_CLIENT_ID")?
            .map(|text| {
                ClientId::try_from(text.trim().to_owned()).map_err(|e| invalid("PRESSROOM_CLIENT_ID", &e))
            })
            .transpose()?;
        let redirect_given = get("PRESSROOM_REDIRECT_URI")?;
        let redirect_uri = redirect(redirect_given.as_deref().unwrap_or(REDIRECT_URI))
            .map_err(|e| invalid("PRESSROOM_REDIRECT_URI", &e))?;
        let scopes = Scopes::try_from(get("PRESSROOM_SCOPES")?.as_deref().unwrap_or(SCOPES))
            .map_err(|e| invalid("PRESSROOM_SCOPES", &e))?;
        let log = match get("PRESSROOM_LOG")? {
            Some(filter) => filter.parse().map_err(|e| invalid("PRESSROOM_LOG", &e))?,
            None => LogFilter::default(),
        };
        let data_dir = match get("PRESSROOM_DATA_DIR")? {
            Some(dir) => std::path::absolute(dir).map_err(|e| invalid("PRESSROOM_DATA_DIR", &e))?,
            None => directories::BaseDirs::new()
                .map(|dirs| dirs.data_local_dir().join("dev.pressroom.console"))
                .ok_or_else(|| {
                    AppError::new(ErrorCode::SettingInvalid {
                        setting: "PRESSROOM_DATA_DIR".into(),
                    })
                })?,
        };
        Ok(Self {
            endpoints,
            client_id,
            redirect_uri,
            redirect_preset: redirect_given.is_some(),
            scopes,
            data_dir,
            log,
        })
    }
}

/// A redirect URI that can reach this app: loopback http, or our own scheme, the only one that the operating
/// system opens with this app.
///
/// # Errors
/// [`RedirectProblem::Unusable`] for what is no redirect URI (RFC 8252 section 7),
/// [`RedirectProblem::ForeignScheme`] for another scheme.
pub fn redirect(text: &str) -> std::result::Result<RedirectUri, RedirectProblem> {
    match RedirectUri::try_from(text)? {
        RedirectUri::Scheme(scheme) if scheme.scheme() != SCHEME => Err(RedirectProblem::ForeignScheme),
        uri => Ok(uri),
    }
}

/// Why a text is no redirect URI for this app.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RedirectProblem {
    /// It is no valid redirect URI.
    #[error(transparent)]
    Unusable(#[from] ezeep_auth::RedirectError),
    /// The operating system opens links of another scheme with another app.
    #[error("links of this scheme are not brought to Pressroom; its own is {SCHEME}")]
    ForeignScheme,
}

fn url(text: &str, setting: &str) -> Result<Url> {
    Url::parse(text.trim()).map_err(|e| invalid(setting, &e))
}

fn invalid(setting: &str, why: &dyn std::fmt::Display) -> AppError {
    AppError::new(ErrorCode::SettingInvalid {
        setting: setting.to_owned(),
    })
    .with_detail(why.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Settings;
    use crate::error::ErrorCode;

    fn with(pairs: &[(&str, &str)]) -> crate::error::Result<Settings> {
        Settings::from_lookup(|name| {
            pairs
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, v)| (*v).to_owned())
        })
    }

    fn refused(name: &str, value: &str) {
        match with(&[(name, value)]) {
            Err(error) => assert_eq!(
                error.code,
                ErrorCode::SettingInvalid {
                    setting: name.to_owned()
                },
                "{value}"
            ),
            Ok(_) => panic!("{name}={value} was taken"),
        }
    }

    #[test]
    fn the_defaults_are_the_vendors_servers() {
        let settings = with(&[]).unwrap();
        assert_eq!(
            settings.endpoints.account().as_str(),
            "https://account.ezeep.com/"
        );
        assert_eq!(
            settings.redirect_uri.as_str(),
            "http://localhost:8080/oauth/callback"
        );
    }

    #[test]
    fn a_value_that_cannot_be_used_is_named() {
        refused("PRESSROOM_ACCOUNT_URL", "http://account.ezeep.com");
        refused("PRESSROOM_ACCOUNT_URL", "not a url");
        refused("PRESSROOM_API_URL", "http://10.0.0.1/printing/v1");
        refused(
            "PRESSROOM_API_URL",
            "https://user:secret@api2.ezeep.com/printing/v1",
        );
        refused("PRESSROOM_REDIRECT_URI", "http://example.com/oauth/callback");
        refused("PRESSROOM_REDIRECT_URI", "com.example.other://oauth/callback");
        refused("PRESSROOM_CLIENT_ID", "with\nnewline");
        refused("PRESSROOM_SCOPES", "print\"ing");
        for filter in ["ezeep_api=loud", "[", "info,=debug=", "a=b=c"] {
            refused("PRESSROOM_LOG", filter);
        }
    }

    /// Falling back to the default would mean other servers, or another data directory.
    #[cfg(unix)]
    #[test]
    fn a_value_that_is_no_text_is_named_and_not_taken_for_not_set() {
        use std::os::unix::ffi::OsStringExt as _;
        let value = std::ffi::OsString::from_vec(b"/tmp/d\xff".to_vec());
        let setting = "PRESSROOM_DATA_DIR".to_owned();
        let error = Settings::from_os(|name| (name == setting).then(|| value.clone())).err();
        assert_eq!(
            error.map(|error| error.code),
            Some(ErrorCode::SettingInvalid { setting })
        );
    }

    #[test]
    fn the_redirect_is_loopback_or_the_apps_own_scheme() {
        assert!(!with(&[]).unwrap().redirect_preset);
        let settings = with(&[("PRESSROOM_REDIRECT_URI", super::APP_LINK)]).unwrap();
        assert!(settings.redirect_preset);
        assert_eq!(settings.redirect_uri.as_str(), super::APP_LINK);
    }

    #[test]
    fn http_is_taken_for_this_computer_only() {
        for host in ["localhost:1", "127.0.0.1:1", "[::1]:1"] {
            with(&[("PRESSROOM_ACCOUNT_URL", &format!("http://{host}"))]).unwrap();
        }
        for host in ["127.0.0.2", "account.ezeep.com", "localhost.example"] {
            assert!(
                with(&[("PRESSROOM_ACCOUNT_URL", &format!("http://{host}"))]).is_err(),
                "{host}"
            );
        }
    }

    /// Values as users and policies write them, including what may happen to them on the way.
    fn value() -> impl Strategy<Value = String> {
        let near = prop::sample::select(vec![
            "https://account.ezeep.com",
            "http://localhost:8080/oauth/callback",
            "http://127.0.0.1:1",
            "http://[::1]:9/x",
            super::APP_LINK,
            "https://user:secret@api2.ezeep.com/printing/v1",
            "printing printing.printers.readonly",
            "/home/x/data",
            "http://localhost@evil.example:80/",
            "http://localhost:80\\@evil.example/",
        ]);
        prop_oneof![
            any::<String>(),
            "[ -~]{0,80}",
            (near, any::<prop::sample::Index>(), any::<char>()).prop_map(|(text, at, with)| {
                let mut chars: Vec<char> = text.chars().collect();
                let at = at.index(chars.len());
                chars[at] = with;
                chars.into_iter().collect()
            }),
        ]
    }

    proptest! {
        /// security.md 20: whatever the environment contains, accepted URLs use https, or http with this
        /// computer only.
        #[test]
        fn fuzz_settings_are_safe_or_refused_by_name(
            account in prop::option::of(value()),
            printing in prop::option::of(value()),
            client in prop::option::of(value()),
            back in prop::option::of(value()),
            scopes in prop::option::of(value()),
        ) {
            let given = [
                ("PRESSROOM_ACCOUNT_URL", account),
                ("PRESSROOM_API_URL", printing),
                ("PRESSROOM_CLIENT_ID", client),
                ("PRESSROOM_REDIRECT_URI", back),
                ("PRESSROOM_SCOPES", scopes),
            ];
            let found = Settings::from_lookup(|name| {
                let value = given.iter().find(|(n, _)| *n == name)?;
                value.1.clone()
            });
            match found {
                Ok(settings) => {
                    for url in [settings.endpoints.account(), settings.endpoints.printing()] {
                        let here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
                        prop_assert!(url.scheme() == "https" || (url.scheme() == "http" && here), "{url}");
                        prop_assert!(url.username().is_empty() && url.password().is_none(), "{url}");
                    }
                    let back = settings.redirect_uri.as_str();
                    prop_assert!(
                        ["http://localhost:", "http://127.0.0.1:", "http://[::1]:", "dev.pressroom.console:"]
                            .iter()
                            .any(|start| back.to_ascii_lowercase().starts_with(start)),
                        "{back}"
                    );
                    // In a path `@` is an ordinary character; before it, it would name another host.
                    let authority = back.split("://").nth(1).unwrap_or_default().split('/').next();
                    prop_assert!(!authority.unwrap_or_default().contains('@'), "{back}");
                }
                Err(error) => prop_assert!(
                    matches!(&error.code, ErrorCode::SettingInvalid { setting }
                        if given.iter().any(|(name, value)| name == setting && value.is_some())),
                    "{error:?}"
                ),
            }
        }
    }
}
