//! A simulated ezeep cloud on loopback: a sign-in page that works in a browser, OAuth, both REST servers, their quirks, and faults on
//! demand. A library for tests and the demo organization, and a program. It is written against `docs/contract/` and shares no type with
//! the client, so that one mistake can't hide in both.
//!
//! ```no_run
//! # async fn demo() -> Result<(), ezeep_sim::SimError> {
//! use ezeep_sim::{Fault, FaultKind, Match, Sim, SimConfig};
//!
//! let sim = Sim::start(SimConfig::default()).await?;
//! println!("{} {}", sim.account_url(), sim.api_url());
//! sim.control().add_fault(Fault::once(Match::new("POST", "/printing/v1/groups/"), FaultKind::DropAfterCommit));
//! sim.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod api;
mod config;
mod control;
mod control_http;
mod fault;
mod gate;
mod jwt;
pub mod known;
mod lock;
mod oauth;
mod pass;
mod reply;
mod server;
mod slash;
mod state;
mod tokens;
mod world;

pub use config::{
    AbsentGroups, AccessTokens, AzureGroups, ClientAuth, ClientConfig, Grant, InvitationsPath,
    PAIRING_CLIENT_ID, PASSWORD_CLIENT_ID, Quirks, RolesForm, SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET,
    Server, SimConfig,
};
pub use control::{
    Control, ControlError, FamilyView, FaultId, GroupChange, GroupView, HookId, IssuedTokens, PersonView,
};
pub use fault::{Fault, FaultKind, Match, RequestInfo, RetryAfter};
pub use gate::{Pause, When};
pub use oauth::{Consent, ConsentError};
pub use server::{Sim, SimError};
