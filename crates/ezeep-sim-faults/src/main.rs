//! The simulated cloud as a program: starts, prints where it is, and runs until it is told to stop.
#![allow(clippy::print_stdout)] // its lines on standard output are its interface

use std::time::Duration;

use clap::Parser;
use ezeep_sim_faults::{AccessTokens, AzureGroups, Sim, SimConfig, SimError};

/// A simulated ezeep cloud on 127.0.0.1. Nothing in it reaches ezeep.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    /// The same seed makes the same organization.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// People of the main organization.
    #[arg(long, default_value_t = 2_000)]
    people: u32,
    /// Groups of the main organization.
    #[arg(long, default_value_t = 60)]
    groups: u32,
    /// Memberships of the main organization in all; without it the seed decides, about 2.2 a person.
    #[arg(long)]
    memberships: Option<u32>,
    /// Port of the printing server; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Port of the account server; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    account_port: u16,
    /// The largest page a list gives.
    #[arg(long, default_value_t = 100)]
    page_max: u32,
    /// The page where no limit is given.
    #[arg(long, default_value_t = 20)]
    page_default: u32,
    /// Milliseconds waited before every reply.
    #[arg(long, default_value_t = 0)]
    latency_ms: u64,
    /// Seconds that an access token lives.
    #[arg(long, default_value_t = 3_600)]
    access_token_life: u64,
    /// Seconds that an unused refresh token lives.
    #[arg(long, default_value_t = 3_600)]
    refresh_token_life: u64,
    /// Seconds in which a just-spent refresh token gets its reply again.
    #[arg(long, default_value_t = 0)]
    refresh_reuse_grace: u64,
    /// Seconds that an authorization code lives; without it, as documented, for ever.
    #[arg(long)]
    code_life: Option<u64>,
    /// Seconds that a pairing code lives.
    #[arg(long, default_value_t = 600)]
    pairing_life: u64,
    /// Seconds between two polls of a pairing code.
    #[arg(long, default_value_t = 5)]
    pairing_interval: u64,
    /// Opens the control endpoint.
    #[arg(long)]
    control: bool,
    /// One more registered redirect URI; may be repeated.
    #[arg(long, value_name = "URI")]
    redirect_uri: Vec<String>,
    /// Leaves out the second and the third organization.
    #[arg(long)]
    one_organization: bool,
    /// A refresh reply carries no refresh token.
    #[arg(long)]
    refresh_keeps_refresh_token: bool,
    /// A switch gives back the refresh token that was sent.
    #[arg(long)]
    switch_keeps_refresh_token: bool,
    /// Access tokens are random text without claims.
    #[arg(long)]
    opaque_access_tokens: bool,
    /// A new grant revokes the earlier grants of the same user and client.
    #[arg(long)]
    second_grant_ends_first: bool,
    /// The group filter in the body of GET /users/ is ignored.
    #[arg(long)]
    ignore_group_filter: bool,
    /// Changes of Azure groups are accepted.
    #[arg(long)]
    accept_azure_changes: bool,
}

impl Options {
    fn config(self) -> SimConfig {
        let mut config = SimConfig {
            seed: self.seed,
            people: self.people,
            groups: self.groups,
            memberships: self.memberships,
            port: self.port,
            account_port: self.account_port,
            page_max: self.page_max,
            page_default: self.page_default,
            access_token_life: Duration::from_secs(self.access_token_life),
            refresh_token_life: Duration::from_secs(self.refresh_token_life),
            refresh_reuse_grace: Duration::from_secs(self.refresh_reuse_grace),
            code_life: self.code_life.map(Duration::from_secs),
            pairing_life: Duration::from_secs(self.pairing_life),
            pairing_interval: Duration::from_secs(self.pairing_interval),
            second_organization: !self.one_organization,
            ..SimConfig::default()
        };
        config.redirect_uris.extend(self.redirect_uri);
        config.quirks.refresh_keeps_refresh_token = self.refresh_keeps_refresh_token;
        config.quirks.switch_keeps_refresh_token = self.switch_keeps_refresh_token;
        config.quirks.second_grant_ends_first = self.second_grant_ends_first;
        if self.opaque_access_tokens {
            config.quirks.access_tokens = AccessTokens::Opaque;
        }
        config.quirks.ignore_group_filter = self.ignore_group_filter;
        if self.accept_azure_changes {
            config.quirks.azure_groups = AzureGroups::Accepted;
        }
        config
    }
}

#[tokio::main]
async fn main() -> Result<(), SimError> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .init();
    let options = Options::parse();
    let latency = Duration::from_millis(options.latency_ms);
    let sim = if options.control {
        Sim::start_with_endpoint(options.config()).await?
    } else {
        Sim::start(options.config()).await?
    };
    sim.control().set_latency(latency);
    println!("account: {}", sim.account_url().as_str().trim_end_matches('/'));
    println!("api: {}", sim.api_url());
    println!("client-id: {}", sim.client_id());
    if let Some(control) = sim.control_url() {
        println!("control: {control}");
    }
    told_to_stop().await;
    sim.shutdown().await;
    Ok(())
}

/// Returns on Ctrl+C, and on SIGTERM where there is one.
async fn told_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut term) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = term.recv() => {}
            }
            return;
        }
    }
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::error!(%error, "no signal can be received; running until killed");
        std::future::pending::<()>().await;
    }
}
