//! The lines between the console without a window and whoever drives it: one JSON object a line, commands in,
//! answers and news out. Must never carry a token: neither does the console.

use console::wire::{GroupForm, GroupQuery, MembershipRequest, SignInRequest, UserQuery};
use ids::{AccountId, GroupId, OrganizationId, PlanId, UserId, WorkspaceId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A line on stdin.
#[derive(Debug, Deserialize)]
pub struct Request {
    /// Comes back with the answer.
    pub id: u64,
    /// What is to be done.
    #[serde(flatten)]
    pub command: Command,
}

/// What a script can ask for; most is a method of [`console::Console`].
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Command {
    /// Stops at this step of the keychain from now on, once, until [`Command::Release`].
    Hold {
        /// Where.
        at: StoreStep,
        /// So many of these are let through first.
        #[serde(default)]
        skip: u32,
    },
    /// Lets what was held go on.
    Release,
    /// Takes up the kept session.
    Resume,
    /// Tries again to reach the servers.
    Retry,
    /// Begins a sign-in; the URL comes as [`News::Browser`].
    SignIn {
        /// The form.
        request: SignInRequest,
    },
    /// Stops waiting for the browser.
    SignInCancel,
    /// Where the sign-in stands.
    SessionView,
    /// The organizations, asked again.
    Organizations,
    /// Goes to one.
    OrganizationChoose {
        /// Which.
        organization: OrganizationId,
    },
    /// How far the directory has been read.
    SyncView,
    /// Totals.
    Totals {
        /// Asked of which opening of an organization.
        workspace: WorkspaceId,
    },
    /// Rows of people.
    Users {
        /// Asked of which opening of an organization.
        workspace: WorkspaceId,
        /// Which.
        query: UserQuery,
    },
    /// A person, asked of the servers now.
    UserRead {
        /// Asked of which opening of an organization.
        workspace: WorkspaceId,
        /// Who.
        user: UserId,
    },
    /// Rows of groups.
    Groups {
        /// Asked of which opening of an organization.
        workspace: WorkspaceId,
        /// Which.
        query: GroupQuery,
    },
    /// A group, asked of the server now.
    GroupRead {
        /// Asked of which opening of an organization.
        workspace: WorkspaceId,
        /// Which.
        group: GroupId,
    },
    /// Makes a group.
    GroupCreate {
        /// In which opening of an organization.
        workspace: WorkspaceId,
        /// As filled in.
        form: GroupForm,
    },
    /// Makes a plan.
    PlanMake {
        /// In which opening of an organization.
        workspace: WorkspaceId,
        /// Of what.
        request: MembershipRequest,
    },
    /// The plans that are not done with.
    Plans {
        /// Of which opening of an organization.
        workspace: WorkspaceId,
    },
    /// Writes a plan.
    PlanApply {
        /// Which.
        plan: PlanId,
    },
    /// Forgets a plan.
    PlanClose {
        /// Which.
        plan: PlanId,
    },
    /// How far a plan has got.
    PlanProgress {
        /// Which.
        plan: PlanId,
    },
    /// The accounts that are kept.
    Accounts,
    /// Begins to add one.
    AccountAdd,
    /// Goes to one.
    AccountChoose {
        /// Which.
        account: AccountId,
    },
    /// Signs out.
    SignOut,
    /// Signs every account out.
    SignOutAll,
    /// Ends the process, after the people being written now.
    Quit,
}

/// A line on stdout.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum News {
    /// A command is done.
    Done {
        /// Which.
        id: u64,
        /// What it gave.
        value: Value,
    },
    /// A command failed.
    Failed {
        /// Which.
        id: u64,
        /// The console's error.
        error: Value,
    },
    /// A line that is no command.
    Misread {
        /// Why.
        why: String,
    },
    /// The console says that a fact changed.
    Event(Value),
    /// A browser is to be opened here.
    Browser {
        /// Where.
        url: String,
    },
    /// The keychain is at this step.
    Store {
        /// Which.
        at: StoreStep,
        /// Whether it stops there.
        held: bool,
    },
}

/// A moment in the use of the keychain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoreStep {
    /// The call.
    pub call: StoreCall,
    /// Before or after it.
    pub when: When,
}

impl StoreStep {
    /// Before a call.
    #[must_use]
    pub const fn before(call: StoreCall) -> Self {
        Self {
            call,
            when: When::Before,
        }
    }

    /// After a call.
    #[must_use]
    pub const fn after(call: StoreCall) -> Self {
        Self {
            call,
            when: When::After,
        }
    }
}

/// A call of the keychain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StoreCall {
    /// A record is read.
    Read,
    /// A record is written.
    Write,
    /// A record is deleted.
    Delete,
    /// The keychain is tried.
    Probe,
    /// Other processes are kept off a record. After it the lock is held.
    Lock,
}

/// On which side of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum When {
    /// It has not begun.
    Before,
    /// It is done.
    After,
}
