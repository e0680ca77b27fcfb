//! Faults, counters and control for the simulated cloud: what tests need of it besides the cloud itself, and
//! the program `ezeep-sim`. Must never be a dependency of what is installed; it is a crate of its own because
//! one build of the workspace unifies features.
//!
//! ```no_run
//! # async fn demo() -> Result<(), ezeep_sim_faults::SimError> {
//! use ezeep_sim_faults::{Fault, FaultKind, Match, Sim, SimConfig};
//!
//! let sim = Sim::start(SimConfig::default()).await?;
//! println!("{} {}", sim.account_url(), sim.api_url());
//! let create = Match::new("POST", "/printing/v1/groups/");
//! sim.control().add_fault(Fault::once(create, FaultKind::DropAfterCommit));
//! sim.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod control;
mod endpoint;
mod fault;
mod gate;
mod pass;
mod sim;

pub use control::{
    Control, ControlError, FamilyView, FaultId, GroupChange, GroupView, HookId, IssuedTokens, PersonView,
};
pub use ezeep_sim::internals::{Consent, ConsentError};
pub use ezeep_sim::{
    AbsentGroups, AccessTokens, AzureGroups, ClientAuth, ClientConfig, Grant, InvitationsPath,
    PAIRING_CLIENT_ID, PASSWORD_CLIENT_ID, Quirks, RolesForm, SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET,
    Server, SimConfig, SimError, known,
};
pub use fault::{Fault, FaultKind, Match, RequestInfo, RetryAfter};
pub use gate::{Pause, When};
pub use sim::Sim;
