//! The home that the app finds itself in: folders, language, theme, and which browser is the person's
//! own.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::axe::Theme;
use super::process::Environment;
use super::world::Language;

/// The folders of one test's home.
pub struct Home {
    pub dir: PathBuf,
    pub logs: PathBuf,
}

impl Home {
    /// Makes the folders and the environment that points to them.
    pub fn make(dir: &Path, theme: Theme, language: Language) -> Result<(Self, Environment)> {
        let mut env = Environment::default();
        env.set("PATH", std::env::var_os("PATH").context("PATH is not set")?);
        let folders = [
            ("HOME", ""),
            ("XDG_CONFIG_HOME", ".config"),
            ("XDG_DATA_HOME", ".local/share"),
            ("XDG_STATE_HOME", ".local/state"),
            ("XDG_CACHE_HOME", ".cache"),
            ("XDG_RUNTIME_DIR", "run"),
            ("TMPDIR", "tmp"),
        ];
        for (name, folder) in folders {
            let path = dir.join(folder);
            fs::create_dir_all(&path)?;
            env.set(name, path);
        }
        fs::set_permissions(dir.join("run"), Permissions::from_mode(0o700))?;
        speak(language, dir, &mut env)?;
        env.set("GTK_THEME", theme.gtk());
        let logs = dir.join("logs");
        fs::create_dir_all(&logs)?;
        Ok((
            Self {
                dir: dir.to_path_buf(),
                logs,
            },
            env,
        ))
    }

    /// Makes `line` the program that opens web links, as a desktop's settings would: `xdg-open` finds it
    /// there.
    pub fn set_default_browser(&self, line: &str) -> Result<()> {
        let script = self.dir.join("browser");
        fs::write(&script, format!("#!/bin/sh\nexec {line} \"$@\"\n"))?;
        fs::set_permissions(&script, Permissions::from_mode(0o755))?;

        let entries = self.dir.join(".local/share/applications");
        fs::create_dir_all(&entries)?;
        fs::write(
            entries.join("test-browser.desktop"),
            format!(
                "[Desktop Entry]\nType=Application\nName=Test browser\nExec={} %u\n\
                 MimeType=x-scheme-handler/http;x-scheme-handler/https;\n",
                script.display()
            ),
        )?;
        fs::write(
            self.dir.join(".config/mimeapps.list"),
            "[Default Applications]\nx-scheme-handler/http=test-browser.desktop\n\
             x-scheme-handler/https=test-browser.desktop\n",
        )?;
        Ok(())
    }
}

/// Sets the desktop's language, for which the C library wants its locale compiled.
fn speak(language: Language, dir: &Path, env: &mut Environment) -> Result<()> {
    let locale = match language {
        Language::English => "en_US",
        Language::German => "de_DE",
        Language::Unset => return Ok(()),
    };
    let locales = dir.join("locales");
    fs::create_dir_all(&locales)?;
    let compiled = Command::new("localedef")
        .args(["--no-archive", "-i", locale, "-f", "UTF-8"])
        .arg(locales.join(format!("{locale}.UTF-8")))
        .output()
        .context("localedef can't be started")?;
    ensure!(
        compiled.status.success(),
        "{locale}: {}",
        String::from_utf8_lossy(&compiled.stderr)
    );
    env.set("LOCPATH", &locales);
    env.set("LANG", format!("{locale}.UTF-8"));
    Ok(())
}
