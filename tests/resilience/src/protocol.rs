//! The lines between the console without a window and the program that drives it: one JSON object per line,
//! commands in, answers and news out. Must never carry a token: neither does the console.

use console::wire::{GroupForm, GroupQuery, MembershipRequest, SignInRequest, UserQuery};
use ids::{AccountId, GroupId, OrganizationId, PlanId, UserId, WorkspaceId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A line on stdin.
#[derive(Debug, Deserialize)]
pub struct Request {
    /// Returned with the answer.
    pub id: u64,
    /// The command.
    #[serde(flatten)]
    pub command: Command,
}

/// A command; most are methods of [`console::Console`].
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Command {
    /// Stops at this step of the keychain, once, until [`Command::Release`].
    Hold {
        /// The step.
        at: StoreStep,
        /// Number of such steps that are let through first.
        #[serde(default)]
        skip: u32,
    },
    /// Continues what was stopped.
    Release,
    /// Restores the stored session.
    Resume,
    /// Tries again to reach the servers.
    Retry,
    /// Begins a sign-in; the URL comes as [`News::Browser`].
    SignIn {
        /// The form.
        request: SignInRequest,
    },
    /// Cancels the sign-in.
    SignInCancel,
    /// The state of the sign-in.
    SessionView,
    /// Lists the organizations again.
    Organizations,
    /// Opens an organization.
    OrganizationChoose {
        /// The organization.
        organization: OrganizationId,
    },
    /// How far the directory was read.
    SyncView {
        /// The workspace.
        workspace: WorkspaceId,
    },
    /// Totals.
    Totals {
        /// The workspace.
        workspace: WorkspaceId,
    },
    /// A window of users.
    Users {
        /// The workspace.
        workspace: WorkspaceId,
        /// The query.
        query: UserQuery,
    },
    /// Reads a user from the servers.
    UserRead {
        /// The workspace.
        workspace: WorkspaceId,
        /// The user.
        user: UserId,
    },
    /// A window of groups.
    Groups {
        /// The workspace.
        workspace: WorkspaceId,
        /// The query.
        query: GroupQuery,
    },
    /// Reads a group from the server.
    GroupRead {
        /// The workspace.
        workspace: WorkspaceId,
        /// The group.
        group: GroupId,
    },
    /// Creates a group.
    GroupCreate {
        /// The workspace.
        workspace: WorkspaceId,
        /// The form.
        form: GroupForm,
    },
    /// Makes a plan.
    PlanMake {
        /// The workspace.
        workspace: WorkspaceId,
        /// The request.
        request: MembershipRequest,
    },
    /// The unfinished plans.
    Plans {
        /// The workspace.
        workspace: WorkspaceId,
    },
    /// Writes a plan.
    PlanApply {
        /// The workspace.
        workspace: WorkspaceId,
        /// The plan.
        plan: PlanId,
    },
    /// Removes a plan.
    PlanClose {
        /// The workspace.
        workspace: WorkspaceId,
        /// The plan.
        plan: PlanId,
    },
    /// A plan's progress.
    PlanProgress {
        /// The workspace.
        workspace: WorkspaceId,
        /// The plan.
        plan: PlanId,
    },
    /// The stored accounts.
    Accounts,
    /// Begins to add an account.
    AccountAdd,
    /// Switches to an account.
    AccountChoose {
        /// The account.
        account: AccountId,
    },
    /// Signs out.
    SignOut,
    /// Signs out all accounts.
    SignOutAll,
    /// Ends the process, after the users being written now.
    Quit,
}

/// A line on stdout.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum News {
    /// A command is done.
    Done {
        /// Its number.
        id: u64,
        /// Its result.
        value: Value,
    },
    /// A command failed.
    Failed {
        /// Its number.
        id: u64,
        /// The console's error.
        error: Value,
    },
    /// A line that is no command.
    Misread {
        /// The reason.
        why: String,
    },
    /// What the process is on its data directory. It ends if it is neither its owner nor a guest.
    Started(Started),
    /// A later start handed its link over.
    Link {
        /// The link.
        link: String,
    },
    /// An event of the console.
    Event(Value),
    /// A browser is to be opened.
    Browser {
        /// The URL.
        url: String,
    },
    /// The keychain is at this step.
    Store {
        /// The step.
        at: StoreStep,
        /// Whether it stops there.
        held: bool,
    },
}

/// What a process is on its data directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "as")]
pub enum Started {
    /// The owner, which later starts can't reach.
    Owner,
    /// A guest.
    Guest,
    /// A window: the owner, which later starts can reach.
    First,
    /// A later start of a window, which was handed over.
    HandedOver,
    /// A later start of a window, which was not answered.
    Silent {
        /// The first window's process id, if it is known.
        process: Option<u32>,
        /// Whether the first window will read the link once it responds again.
        delivered: bool,
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
