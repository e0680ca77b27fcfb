//! A Secret Service that keeps nothing: it refuses, or its prompts are all dismissed. For what a real
//! keychain can't be made to do.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use zbus::object_server::SignalEmitter;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value};

#[derive(Clone, Copy, PartialEq)]
pub enum Habit {
    /// Open, and refuses all writes.
    RefusesWrites,
    /// Locked; the prompt for its password is dismissed.
    IsLockedAndStaysSo,
    /// Open, accepts all writes, and keeps nothing.
    Forgets,
    /// Open; the prompt for permission to write is dismissed.
    AsksBeforeWriting,
}

const ROOT: &str = "/org/freedesktop/secrets";
const COLLECTION: &str = "/org/freedesktop/secrets/collection/fake";
const PROMPT: &str = "/org/freedesktop/secrets/prompt/1";
const ITEM: &str = "/org/freedesktop/secrets/collection/fake/1";
const NOTHING: &str = "/";

/// Runs until dropped.
pub struct FakeKeychain {
    questions: Arc<AtomicUsize>,
    _connection: zbus::blocking::Connection,
}

impl FakeKeychain {
    /// Takes the keychain's name on the bus at `address`.
    pub fn start(address: &str, habit: Habit) -> Self {
        let questions = Arc::new(AtomicUsize::new(0));
        let connection = zbus::blocking::connection::Builder::address(address)
            .unwrap()
            .serve_at(ROOT, Service { habit })
            .unwrap()
            .serve_at(COLLECTION, Collection { habit })
            .unwrap()
            .serve_at(PROMPT, Prompt(questions.clone()))
            .unwrap()
            .name("org.freedesktop.secrets")
            .unwrap()
            .build()
            .unwrap();
        Self {
            questions,
            _connection: connection,
        }
    }

    /// How many prompts were shown.
    pub fn questions(&self) -> usize {
        self.questions.load(Ordering::SeqCst)
    }
}

fn path(text: &'static str) -> OwnedObjectPath {
    ObjectPath::from_static_str_unchecked(text).into()
}

struct Service {
    habit: Habit,
}

#[zbus::interface(name = "org.freedesktop.Secret.Service")]
impl Service {
    fn open_session(&self, algorithm: &str, _input: Value<'_>) -> (OwnedValue, OwnedObjectPath) {
        let key = match algorithm {
            "plain" => Value::from(""),
            // Any number is a valid public key.
            _ => Value::from(vec![7_u8; 128]),
        };
        (
            key.try_into().unwrap(),
            path("/org/freedesktop/secrets/session/1"),
        )
    }

    fn search_items(
        &self,
        _attributes: HashMap<String, String>,
    ) -> (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) {
        (Vec::new(), Vec::new())
    }

    fn read_alias(&self, _name: &str) -> OwnedObjectPath {
        path(COLLECTION)
    }

    fn unlock(&self, objects: Vec<OwnedObjectPath>) -> (Vec<OwnedObjectPath>, OwnedObjectPath) {
        match self.habit {
            Habit::IsLockedAndStaysSo => (Vec::new(), path(PROMPT)),
            _ => (objects, path(NOTHING)),
        }
    }
}

struct Collection {
    habit: Habit,
}

#[zbus::interface(name = "org.freedesktop.Secret.Collection")]
impl Collection {
    #[zbus(property)]
    fn locked(&self) -> bool {
        self.habit == Habit::IsLockedAndStaysSo
    }

    fn create_item(
        &self,
        _properties: HashMap<String, OwnedValue>,
        _secret: (OwnedObjectPath, Vec<u8>, Vec<u8>, String),
        _replace: bool,
    ) -> zbus::fdo::Result<(OwnedObjectPath, OwnedObjectPath)> {
        match self.habit {
            Habit::AsksBeforeWriting => Ok((path(NOTHING), path(PROMPT))),
            Habit::Forgets => Ok((path(ITEM), path(NOTHING))),
            _ => Err(zbus::fdo::Error::Failed("the file is read-only".into())),
        }
    }
}

struct Prompt(Arc<AtomicUsize>);

#[zbus::interface(name = "org.freedesktop.Secret.Prompt")]
impl Prompt {
    async fn prompt(&self, _window: &str, #[zbus(signal_emitter)] emitter: SignalEmitter<'_>) {
        self.0.fetch_add(1, Ordering::SeqCst);
        let _ = Self::completed(&emitter, true, Value::from("")).await;
    }

    #[zbus(signal)]
    async fn completed(emitter: &SignalEmitter<'_>, dismissed: bool, result: Value<'_>) -> zbus::Result<()>;
}
