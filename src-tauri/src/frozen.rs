//! The message of a later start if the window of its data directory does not answer: a native dialog if there
//! is a screen, and always standard error. Must never wait for that window, nor show the code in a link.

/// A window that uses the data directory and does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frozen {
    /// Its process id, if it is known.
    pub process: Option<u32>,
    /// Whether the link of this start was delivered to it, if there is one.
    pub link: Option<bool>,
}

/// The message, in the user's language.
struct Words {
    title: &'static str,
    text: String,
}

impl Frozen {
    /// Shows the message, and returns when the user has closed it; at once without a screen.
    pub fn show(self) {
        let words = self.words(sys_locale::get_locale().as_deref().unwrap_or_default());
        tracing::error!(
            process = self.process,
            link = ?self.link,
            "the first window does not answer"
        );
        crate::terminal::say(&format!("{}\n\n{}", words.title, words.text));
        #[cfg(target_os = "linux")]
        message(&words);
    }

    fn words(self, locale: &str) -> Words {
        if is_german(locale) {
            self.german()
        } else {
            self.english()
        }
    }

    fn english(self) -> Words {
        let process = self.process.map_or_else(
            || "Pressroom's process".to_owned(),
            |id| format!("the process {id}"),
        );
        let mut text = format!(
            "Pressroom is already open, but its window does not answer. Wait a moment and try again. \
             If that does not help, end {process} (in the system monitor, for example) and start Pressroom \
             again. Saved data is kept."
        );
        match self.link {
            Some(true) => {
                text += "\n\nThe sign-in link from your browser waits for that window: if it answers again, \
                         the sign-in continues. If you end it, sign in again.";
            }
            Some(false) => {
                text += "\n\nThe sign-in link from your browser could not be handed over: sign in again.";
            }
            None => {}
        }
        Words {
            title: "Pressroom does not answer",
            text,
        }
    }

    fn german(self) -> Words {
        let process = self.process.map_or_else(
            || "den Prozess von Pressroom".to_owned(),
            |id| format!("den Prozess {id}"),
        );
        let mut text = format!(
            "Pressroom ist bereits geöffnet, das Fenster antwortet aber nicht. Warten Sie einen Moment, und \
             versuchen Sie es erneut. Hilft das nicht, beenden Sie {process} (zum Beispiel in der \
             Systemüberwachung), und starten Sie Pressroom neu. Gespeichertes bleibt erhalten."
        );
        match self.link {
            Some(true) => {
                text += "\n\nDer Anmeldelink aus Ihrem Browser wartet auf dieses Fenster: Sobald es wieder \
                         antwortet, wird die Anmeldung fortgesetzt. Wenn Sie den Prozess beenden, melden Sie \
                         sich danach erneut an.";
            }
            Some(false) => {
                text += "\n\nDer Anmeldelink aus Ihrem Browser konnte nicht übergeben werden: Melden Sie sich \
                         erneut an.";
            }
            None => {}
        }
        Words {
            title: "Pressroom antwortet nicht",
            text,
        }
    }
}

/// Whether the user's language is German.
pub fn is_german(locale: &str) -> bool {
    locale
        .get(..2)
        .is_some_and(|start| start.eq_ignore_ascii_case("de"))
}

/// GTK's own dialog, which is part of the app anyway; nothing if GTK finds no screen.
#[cfg(target_os = "linux")]
fn message(words: &Words) {
    use gtk::prelude::*;

    if let Err(error) = gtk::init() {
        tracing::warn!(%error, "there is no screen for a message");
        return;
    }
    let dialog = gtk::MessageDialog::new(
        None::<&gtk::Window>,
        gtk::DialogFlags::empty(),
        gtk::MessageType::Warning,
        gtk::ButtonsType::Close,
        words.title,
    );
    dialog.set_title("Pressroom");
    dialog.set_secondary_text(Some(&words.text));
    dialog.run();
}

#[cfg(test)]
mod tests {
    use super::Frozen;

    #[test]
    fn it_is_said_in_the_persons_language_with_what_to_end_and_what_becomes_of_a_link() {
        for (locale, answers, link, waits) in [
            ("en-GB", "does not answer", "sign-in link", "waits"),
            ("", "does not answer", "sign-in link", "waits"),
            ("de-AT", "antwortet nicht", "Anmeldelink", "wartet"),
        ] {
            let frozen = |process, link| Frozen { process, link }.words(locale);
            let words = frozen(Some(4711), Some(true));
            assert!(words.title.contains(answers), "{locale}");
            assert!(
                ["4711", link, waits].iter().all(|part| words.text.contains(part)),
                "{locale}"
            );
            let lost = frozen(Some(4711), Some(false)).text;
            assert!(lost.contains(link) && !lost.contains(waits), "{locale}");
            assert!(!frozen(None, None).text.contains(link), "{locale}");
        }
    }
}
