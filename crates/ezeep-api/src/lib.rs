//! A typed async client of the two ezeep servers: requests, pages, errors, retries. Must never store a token,
//! know how one is made, or send one to any origin except the two configured ones.
//!
//! ```no_run
//! # async fn example(tokens: std::sync::Arc<dyn ezeep_api::TokenSource>) -> Result<(), Box<dyn std::error::Error>> {
//! use ezeep_api::{Client, Endpoints, Limits, http_client};
//! use futures::TryStreamExt;
//!
//! let limits = Limits::default();
//! let endpoints =
//!     Endpoints::new("https://account.ezeep.com".parse()?, "https://api2.ezeep.com/printing/v1".parse()?)?;
//! let client = Client::new(http_client(&limits)?, endpoints, tokens, limits);
//! let mut pages = client.groups(100);
//! while let Some(page) = pages.try_next().await? {
//!     println!("{} of {}", page.results.len(), page.count);
//! }
//! # Ok(())
//! # }
//! ```

mod client;
mod concurrency;
mod endpoints;
mod error;
mod identified;
mod model;
mod net;
mod pagination;
mod reply;
mod route;
mod token;
mod tolerant;
mod transport;

pub use client::Client;
pub use endpoints::{EndpointError, EndpointProblem, Endpoints, Server};
pub use error::{BodyKind, Cause, Error, Fault, PagingProblem, Result, StatusError};
pub use model::{
    Account, AccountPatch, AssignedGroup, Assignment, Group, GroupPatch, Invitation, InvitationStatus,
    NewAssignment, NewGroup, NewInvitation, Organization, Origin, PrintSettingsPatch, PrintUser,
    PrinterAssignment, Role,
};
pub use net::{BuildError, Limits, http_client};
pub use pagination::{ItemId, Malformed, Page, Pages, Pass, Reading};
pub use token::{BearerToken, TokenNotSendable, TokenSource, TokenUnavailable};
