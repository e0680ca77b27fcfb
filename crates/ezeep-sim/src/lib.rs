//! A simulated ezeep cloud on loopback, which the demo organization stands on: a sign-in page that works in a
//! browser, OAuth, both REST servers and their quirks. It is written against `docs/contract/` and shares no
//! type with the client, so that one mistake can't hide in both. What tests need besides, faults, counters
//! and a handle into a running cloud, is in `ezeep-sim-faults`.
//!
//! ```no_run
//! # async fn demo() -> Result<(), ezeep_sim::SimError> {
//! use ezeep_sim::{Sim, SimConfig};
//!
//! let sim = Sim::start(SimConfig::default()).await?;
//! println!("{} {}", sim.account_url(), sim.api_url());
//! sim.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod api;
mod config;
mod jwt;
pub mod known;
mod lock;
mod oauth;
mod pass;
mod reply;
mod server;
mod slash;
#[expect(missing_docs, reason = "public for ezeep-sim-faults alone")]
mod state;
#[expect(missing_docs, reason = "public for ezeep-sim-faults alone")]
mod tokens;
#[expect(missing_docs, reason = "public for ezeep-sim-faults alone")]
mod world;

pub use config::{
    AbsentGroups, AccessTokens, AzureGroups, ClientAuth, ClientConfig, Grant, InvitationsPath,
    PAIRING_CLIENT_ID, PASSWORD_CLIENT_ID, Quirks, RolesForm, SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET,
    Server, SimConfig,
};
pub use server::{Sim, SimError};

/// What `ezeep-sim-faults` takes of the inside. Must never be used by anything else: nothing here is
/// promised.
#[doc(hidden)]
pub mod internals {
    pub use crate::lock::lock;
    pub use crate::oauth::{Consent, ConsentError, answer_pairing, consent, issue};
    pub use crate::pass::{Connection, RequestNumber};
    pub use crate::reply::json_reply;
    pub use crate::state::{Settings, State};
    pub use crate::tokens::{FamilyId, Principal};
    pub use crate::world::{
        GroupIx, Member, NewGroup, OrgIx, Origin, Person, PersonIx, Role, World, WorldError, derived_id,
    };
}
