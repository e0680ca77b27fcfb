//! The channel to the controller: commands and reports go in, snapshots come out.

use std::sync::Arc;

use ids::{AccountId, OrganizationId};
use tokio::sync::mpsc::{UnboundedSender, WeakUnboundedSender};
use tokio::sync::{oneshot, watch};
use url::Url;

use super::live_account::LiveAccount;
use super::setup::Setup;
use super::state::{SignedIn, State};
use super::step::Waiting;
use crate::directory_cache::FromDisk;
use crate::error::{AppError, ErrorCode, Result};
use crate::wire::{Organization, SignInMethod};
use crate::workspace::OpenOrganization;

/// Receives the answer to a command.
pub type Reply<T = ()> = oneshot::Sender<Result<T>>;

/// A message to the controller.
pub enum Message {
    /// A command of the person.
    Command(Command),
    /// Progress of a sign-in. Refused with [`ErrorCode::Cancelled`] if it was overtaken.
    Attempt(u64, AttemptReport, Reply),
    /// A sign-in has ended, or has brought an account that is being opened now.
    AttemptEnded {
        id: u64,
        /// Whether it got as far as its wait.
        began: bool,
        result: Result<()>,
    },
    /// Progress of an opening. Refused with [`ErrorCode::Cancelled`] if it was overtaken.
    Opening(u64, OpeningReport, Reply),
    /// An opening has ended. If it was cancelled, its session speaks for its previous organization.
    OpeningEnded { id: u64, result: Result<()> },
    /// An account's session is alive in this process from now on.
    Register(Arc<LiveAccount>, Reply),
    /// An account's session has ended by itself.
    SessionEnded(Arc<LiveAccount>),
    /// An account was removed.
    Forgotten(AccountId, Reply),
    /// A sign-out has ended, with the problem to show, if any.
    SignedOut(Option<AppError>),
}

/// A command of the person.
pub enum Command {
    /// Restores the session stored in the keychain.
    Restore,
    /// The app was started by a link that no attempt of this run waits for.
    StaleLink,
    /// The keychain can be used again.
    KeychainUsable,
    /// Starts a sign-in.
    SignIn {
        setup: Box<Setup>,
        method: SignInMethod,
        reply: Reply<BegunSignIn>,
    },
    /// Cancels the sign-in under way.
    CancelSignIn(Reply),
    /// Closes the sign-in in front of the open organization.
    CloseSignIn(Reply),
    /// Shows a sign-in in front of the open organization.
    AddAccount(Reply),
    /// Opens an organization of the account in front.
    ChooseOrganization(OrganizationId, Reply),
    /// Switches to another account.
    ChooseAccount(AccountId, Reply),
    /// Signs out.
    SignOut(SignOutScope, Reply),
    /// Signs out one account and removes it.
    ForgetAccount(AccountId, Reply),
    /// Asks the servers to confirm an organization that is shown from disk.
    ReadAgain(Arc<OpenOrganization>),
    /// The organizations of an account were listed again.
    Listed(Arc<LiveAccount>, Vec<Organization>),
    /// The answer of another sign-in came by a link.
    AnotherSignIn,
}

/// Which accounts are signed out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SignOutScope {
    /// The account in front.
    Front,
    /// Every account on this computer.
    All,
}

/// A sign-in whose wait has begun.
pub struct BegunSignIn {
    /// The attempt.
    pub attempt: u64,
    /// The page to open.
    pub page: Url,
}

/// How a sign-in goes on.
pub enum AttemptReport {
    /// It waits for the answer.
    Waiting(Box<Waiting>),
    /// The browser showed a problem instead of the answer.
    Problem(ErrorCode),
    /// Its page is about to be opened.
    Opens {
        /// Whether this computer would not open the app's own links with the app.
        lost: bool,
    },
    /// Its page was opened, or the error.
    Opened(Option<AppError>),
    /// The answer has arrived.
    Finishing {
        /// For the demo organization.
        demo: bool,
    },
    /// The account is signed in; an organization is opened next.
    Established {
        account: Arc<LiveAccount>,
        /// Whether it was unknown before.
        new: bool,
    },
    /// The person has signed in again and is back in the open organization.
    SignedInAgain(Arc<LiveAccount>),
}

/// Progress of an opening.
pub enum OpeningReport {
    /// The session is being restored.
    Finishing(AccountId),
    /// A saved copy was found.
    ShowSaved(Box<SavedCopy>),
    /// The server has confirmed that this organization may be opened.
    Open {
        signed_in: Arc<SignedIn>,
        organization: Organization,
        /// `None` if it is shown from disk already.
        prepared: Option<Arc<OpenOrganization>>,
    },
    /// The person must choose.
    Choose(Arc<SignedIn>, Option<AppError>),
    /// No session to restore: the form is shown.
    ShowForm(Option<AppError>),
    /// The servers could not be asked for this account.
    Failed(AccountId, AppError),
}

/// An organization as found on disk.
pub struct SavedCopy {
    /// Its person.
    pub signed_in: Arc<SignedIn>,
    /// The workspace to show it in.
    pub workspace: Arc<OpenOrganization>,
    /// The lists.
    pub found: FromDisk,
    /// Whether its session has ended, so that a sign-in is shown in front.
    pub ended: bool,
}

/// The handle to the controller.
#[derive(Clone)]
pub struct ControllerHandle {
    messages: UnboundedSender<Message>,
    state: watch::Receiver<State>,
}

/// A handle that does not keep the controller alive.
#[derive(Clone)]
pub struct WeakController {
    messages: WeakUnboundedSender<Message>,
    state: watch::Receiver<State>,
}

impl WeakController {
    /// `None` once all handles of the console are dropped.
    pub fn upgrade(&self) -> Option<ControllerHandle> {
        Some(ControllerHandle {
            messages: self.messages.upgrade()?,
            state: self.state.clone(),
        })
    }
}

impl ControllerHandle {
    /// The channel has no limit: messages are few, and the controller never waits while it takes one.
    pub fn new(messages: UnboundedSender<Message>, state: watch::Receiver<State>) -> Self {
        Self { messages, state }
    }

    /// A handle that does not keep the controller alive.
    pub fn downgrade(&self) -> WeakController {
        WeakController {
            messages: self.messages.downgrade(),
            state: self.state.clone(),
        }
    }

    /// A copy of the present state. Never waits.
    pub fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// Sends a message without waiting for an answer.
    pub fn send(&self, message: Message) {
        // Fails only while the process ends.
        let _ = self.messages.send(message);
    }

    /// Sends a message and waits for the answer.
    ///
    /// # Errors
    /// The controller's answer; [`ErrorCode::Cancelled`] if it was overtaken.
    pub async fn request<T>(&self, message: impl FnOnce(Reply<T>) -> Message) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        self.send(message(reply));
        answer.await.unwrap_or_else(|_| Err(ErrorCode::Cancelled.into()))
    }

    /// Sends a command and waits for the answer.
    ///
    /// # Errors
    /// As [`Self::request`].
    pub async fn command<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Result<T> {
        self.request(|reply| Message::Command(command(reply))).await
    }
}
