//! The accessibility rules of axe-core, run inside the real window, in both themes.

use std::fmt::Write;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::App;
use super::root;

/// The desktop's theme.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Theme {
    Light,
    Dark,
}

impl Theme {
    /// The GTK theme that makes WebKit report it to the page.
    pub fn gtk(self) -> &'static str {
        match self {
            Self::Light => "Adwaita",
            Self::Dark => "Adwaita:dark",
        }
    }

    /// For file names.
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl App {
    /// Runs axe-core on what the window shows now and fails on anything serious or critical.
    pub async fn check_accessibility(&self, screen: &str) -> Result<()> {
        let source = std::fs::read_to_string(root().join("ui/node_modules/axe-core/axe.min.js"))
            .context("axe-core is not installed: run `npm ci` in ui")?;
        // Evaluated by the driver, not by the page: the page's own policy must not be loosened for a test.
        self.settle().await?;
        let client = self.client();
        client
            .execute(&format!("{source}; return typeof window.axe;"), vec![])
            .await?;
        // React Aria's announcer keeps what it said for some seconds, also about a button that is gone from
        // the page by then.
        let run = "const done = arguments[arguments.length - 1];\
                   window.axe.run({ exclude: ['[data-live-announcer]'] }, { resultTypes: ['violations'] })\
                     .then((r) => done(r.violations), (e) => done([{ id: String(e), impact: 'critical', nodes: [] }]));";
        let violations = client.execute_async(run, vec![]).await?;
        let mut found = String::new();
        for violation in violations.as_array().context("axe gave no list")? {
            if violation["impact"] != json!("serious") && violation["impact"] != json!("critical") {
                continue;
            }
            writeln!(
                found,
                "{} ({}): {}",
                violation["id"], violation["impact"], violation["help"]
            )?;
            for node in violation["nodes"].as_array().into_iter().flatten() {
                writeln!(found, "  {} {}", node["html"], node["failureSummary"])?;
            }
        }
        ensure!(found.is_empty(), "{screen} breaks accessibility rules:\n{found}");
        Ok(())
    }
}
