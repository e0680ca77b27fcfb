//! The commands: each calls the console's method of the same name. Made from the list [`console::commands!`].
//! Must never parse, decide or store anything.

use console::Console;
use console::error::Result;
use console::wire::*;
use ids::*;
use tauri::ipc::Invoke;
use tauri::{State, Wry};

/// Makes the answer of a command from what a method returns: a value or a `Result`.
trait Answer<T> {
    fn answer(self) -> Result<T>;
}

impl<T> Answer<T> for T {
    fn answer(self) -> Result<T> {
        Ok(self)
    }
}

impl<T> Answer<T> for Result<T> {
    fn answer(self) -> Result<T> {
        self
    }
}

macro_rules! call {
    (async fn $method:ident $console:ident $arguments:tt) => { $console.$method $arguments.await };
    (fn $method:ident $console:ident $arguments:tt) => { $console.$method $arguments };
}

macro_rules! handlers {
    ($($feature:ident { $(
        $(#[$doc:meta])*
        $(in $workspace:ident)?
        $(async fn $awaited:ident)? $(fn $called:ident)? (
            $($(& $by_ref:ident)? $(&? $optional:ident)? $($by_value:ident)? : $argument:ty),*
        ) -> $answer:ty;
    )* })*) => {
        $($(
            #[tauri::command]
            async fn $($awaited)? $($called)? (
                console: State<'_, Console>,
                $($workspace: WorkspaceId,)?
                $($($by_ref)? $($optional)? $($by_value)? : $argument),*
            ) -> Result<$answer> {
                $(let console = console.open(&$workspace)?;)?
                Answer::<$answer>::answer(call!(
                    $(async fn $awaited)? $(fn $called)? console (
                        $(
                            $(&$by_ref)?
                            $($optional.as_ref().map(std::borrow::Borrow::borrow))?
                            $($by_value)?
                        ),*
                    )
                ))
            }
        )*)*

        /// The handler of all commands, for the builder.
        pub fn handler() -> impl Fn(Invoke<Wry>) -> bool + Send + Sync + 'static {
            tauri::generate_handler![$($($($awaited)? $($called)?,)*)*]
        }
    };
}

console::commands!(handlers);

#[cfg(test)]
mod tests {
    use console::commands::NAMES;
    use serde_json::{Value, json};

    /// security.md 55: the capability allows our commands by name, listening to events, and nothing else.
    #[test]
    fn the_capability_allows_exactly_the_commands() {
        let capability = include_str!(concat!(env!("OUT_DIR"), "/main-window.json"));
        let capability: Value = serde_json::from_str(capability).unwrap();
        assert_eq!(
            (&capability["identifier"], &capability["windows"]),
            (&json!("main"), &json!(["main"]))
        );
        let unknown = |key: &&String| !["identifier", "windows", "permissions"].contains(&key.as_str());
        assert_eq!(capability.as_object().unwrap().keys().find(unknown), None);
        let permissions = capability["permissions"].as_array().unwrap();
        let (ours, others): (Vec<_>, Vec<_>) = permissions
            .iter()
            .map(|permission| permission.as_str().unwrap())
            .partition(|permission| !permission.contains(':'));
        assert_eq!(others, ["core:event:allow-listen", "core:event:allow-unlisten"]);
        let allowed: Vec<_> = ours
            .iter()
            .map(|permission| permission.strip_prefix("allow-").unwrap().replace('-', "_"))
            .collect();
        assert_eq!(allowed, NAMES);
    }

    /// The settings show the version of the package.
    #[test]
    fn the_bundles_version_is_the_packages() {
        let config: Value = serde_json::from_str(include_str!("../../tauri.conf.json")).unwrap();
        assert_eq!(config["version"], env!("CARGO_PKG_VERSION"));
    }
}
