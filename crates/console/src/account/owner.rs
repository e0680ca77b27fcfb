//! The way to the one who owns the state: commands and reports go in, snapshots come out.

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
use crate::workspace::Workspace;

/// Where an answer goes.
pub type Reply<T = ()> = oneshot::Sender<Result<T>>;

/// What the owner is told.
pub enum Message {
    /// What the person wants.
    Command(Command),
    /// How a sign-in goes on. Refused with [`ErrorCode::Cancelled`] where it was overtaken.
    Attempt(u64, AttemptReport, Reply),
    /// A sign-in is over, or has brought an account that is opened now.
    AttemptEnded {
        id: u64,
        /// Whether it got as far as its wait.
        began: bool,
        result: Result<()>,
    },
    /// How an opening goes on. Refused with [`ErrorCode::Cancelled`] where it was overtaken.
    Opening(u64, OpeningReport, Reply),
    /// An opening is over; one that was cancelled has left its session where it was.
    OpeningEnded { id: u64, result: Result<()> },
    /// An account's session is alive in this process from now on.
    Register(Arc<LiveAccount>, Reply),
    /// An account's session has ended by itself.
    SessionEnded(Arc<LiveAccount>),
    /// An account is not here any more.
    Forgotten(AccountId, Reply),
    /// A sign-out is over, with what the person must know of it.
    SignedOut(Option<AppError>),
}

/// What the person wants.
pub enum Command {
    /// Takes up what the keychain holds.
    Restore,
    /// The app was started by a link that no attempt of this run waits for.
    StaleLink,
    /// The keychain can be used again.
    KeychainUsable,
    /// Starts a sign-in.
    SignIn {
        setup: Box<Setup>,
        method: SignInMethod,
        reply: Reply<Begun>,
    },
    /// Stops the sign-in under way.
    CancelSignIn(Reply),
    /// Takes the sign-in in front of the open organization away.
    CloseSignIn(Reply),
    /// Shows a sign-in in front of the open organization.
    AddAccount(Reply),
    /// Goes to an organization of the account in front.
    ChooseOrganization(OrganizationId, Reply),
    /// Goes to another account.
    ChooseAccount(AccountId, Reply),
    /// Signs out.
    SignOut(Leaving, Reply),
    /// Signs one account out and forgets it.
    ForgetAccount(AccountId, Reply),
    /// Asks the servers for an organization that is open from disk.
    ReadAgain(Arc<Workspace>),
    /// The organizations of an account were asked for again.
    Listed(Arc<LiveAccount>, Vec<Organization>),
    /// Another sign-in's answer came by a link.
    AnotherSignIn,
}

/// Who signs out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// The account in front.
    Front,
    /// Every account on this computer.
    All,
}

/// A sign-in whose wait has begun.
pub struct Begun {
    /// The attempt.
    pub attempt: u64,
    /// The page to open.
    pub page: Url,
}

/// How a sign-in goes on.
pub enum AttemptReport {
    /// It waits.
    Waiting(Box<Waiting>),
    /// What the browser shows instead of the answer.
    Problem(ErrorCode),
    /// Its page is about to be opened.
    Opens {
        /// Whether this computer would not bring the app's own links to it.
        lost: bool,
    },
    /// Its page was opened, or why not.
    Opened(Option<AppError>),
    /// The answer is here.
    Finishing {
        /// For the demo organization.
        demo: bool,
    },
    /// The account is signed in, and goes to an organization.
    Established {
        account: Arc<LiveAccount>,
        /// Whether it was not known before.
        new: bool,
    },
    /// The person is back where they were.
    GoOn(Arc<LiveAccount>),
}

/// How an opening goes on.
pub enum OpeningReport {
    /// The session is taken up.
    Finishing(AccountId),
    /// A saved copy was found.
    ShowSaved(Box<SavedCopy>),
    /// The server has said that this organization may be opened.
    Open {
        signed_in: Arc<SignedIn>,
        organization: Organization,
        /// None where it was open from disk.
        prepared: Option<Arc<Workspace>>,
    },
    /// The person must choose.
    Choose(Arc<SignedIn>, Option<AppError>),
    /// There is nobody to take up.
    AtForm(Option<AppError>),
    /// The servers could not be asked for this account.
    Failed(AccountId, AppError),
}

/// An organization as it was found on disk.
pub struct SavedCopy {
    /// Its person.
    pub signed_in: Arc<SignedIn>,
    /// The opening to show it in.
    pub workspace: Arc<Workspace>,
    /// The lists.
    pub found: FromDisk,
    /// Whether its session has ended, so that a sign-in stands in front.
    pub ended: bool,
}

/// The way to the owner.
#[derive(Clone)]
pub struct Owner {
    messages: UnboundedSender<Message>,
    state: watch::Receiver<State>,
}

/// The same for those who must not keep the owner alive.
#[derive(Clone)]
pub struct WeakOwner {
    messages: WeakUnboundedSender<Message>,
    state: watch::Receiver<State>,
}

impl WeakOwner {
    /// None where nobody holds the console any more.
    pub fn upgrade(&self) -> Option<Owner> {
        Some(Owner {
            messages: self.messages.upgrade()?,
            state: self.state.clone(),
        })
    }
}

impl Owner {
    /// Messages are few, and taking one never waits: the channel needs no limit.
    pub fn new(messages: UnboundedSender<Message>, state: watch::Receiver<State>) -> Self {
        Self { messages, state }
    }

    /// The same without keeping the owner alive.
    pub fn downgrade(&self) -> WeakOwner {
        WeakOwner {
            messages: self.messages.downgrade(),
            state: self.state.clone(),
        }
    }

    /// The state now. Never waits.
    pub fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// Tells the owner something without waiting for it.
    pub fn tell(&self, message: Message) {
        // Fails only while the process ends.
        let _ = self.messages.send(message);
    }

    /// Asks the owner.
    ///
    /// # Errors
    /// What the owner says; [`ErrorCode::Cancelled`] where it was overtaken.
    pub async fn ask<T>(&self, message: impl FnOnce(Reply<T>) -> Message) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        self.tell(message(reply));
        answer.await.unwrap_or_else(|_| Err(ErrorCode::Cancelled.into()))
    }

    /// Asks the owner to do what the person wants.
    ///
    /// # Errors
    /// As [`Owner::ask`].
    pub async fn command<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Result<T> {
        self.ask(|reply| Message::Command(command(reply))).await
    }
}
