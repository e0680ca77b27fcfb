//! What stops a process at a step: a stop in its keychain, or a hold in the proxy before it.
//! Must never let the server see what it had not seen when the process was killed.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use rand::RngExt as _;
use resilience::headless::{Headless, PATIENCE};
use resilience::lane::Lane;
use resilience::protocol::{StoreCall, StoreStep};
use resilience::proxy::{Act, Hold, Matching, Point, Reply};
use serde_json::json;

use crate::step::{Step, When};

/// Set before the refresh begins.
pub struct Trap {
    step: Step,
    /// The process comes to it by itself.
    hold: Option<Hold>,
    /// It is never to get so far.
    wall: Option<Hold>,
}

impl Trap {
    /// Sets it.
    pub async fn set(lane: &Lane, console: &Headless, when: When, step: Step) -> anyhow::Result<Self> {
        let users = Matching::new("GET", "/printing/v1/users/");
        if when == When::WhileOpen {
            let refusal = Reply::new(401, "application/json", r#"{"detail":"Given token not valid"}"#);
            lane.printing.add(users.clone().times(1), Act::Instead(refusal));
        }
        if let Some((at, of_a_start)) = before_the_reply(step) {
            let skip = if when == When::AtStart { of_a_start } else { 0 };
            console.hold(at, skip).await?;
        }
        let token = Matching::new("POST", "/oauth/access_token/");
        let point = match step {
            Step::RequestConnected => Some(Point::Arrived),
            Step::RequestSent => Some(Point::BeforeForward),
            Step::ServerCommitted => Some(Point::BeforeReply),
            Step::ReplyHeadHalfSent => Some(Point::InHead(60)),
            Step::ReplyBodyHalfSent => Some(Point::InBody(200)),
            step if after_the_reply(step).is_some() => Some(Point::BeforeReply),
            _ => None,
        };
        let hold = match (step, when) {
            (Step::FirstCallSent, When::AtStart) => {
                let me = Matching::new("GET", "/v1/users/me");
                Some(lane.account.hold(me, Point::BeforeForward))
            }
            (Step::FirstCallSent, When::WhileOpen) => Some(lane.printing.hold(users, Point::BeforeForward)),
            // The previous organization has been read completely, so the next call uses the new token.
            (Step::FirstCallSent, When::AtSwitch) => {
                let any = Matching::new("GET", "/printing/v1/");
                Some(lane.printing.hold(any, Point::BeforeForward))
            }
            _ => point.map(|point| lane.account.hold(token.clone(), point)),
        };
        ensure!(
            hold.is_some() || before_the_reply(step).is_some(),
            "nothing stops a process at {}",
            step.name()
        );
        // However long the kill takes, the request that follows the write-back is not the server's any more.
        let wall = (step == Step::WriteBackUnderWay).then(|| {
            let late = token.may_not_fire("the kill may fall before it");
            lane.account.hold(late, Point::Arrived)
        });
        Ok(Self { step, hold, wall })
    }

    /// Waits until the process is where it is to be killed.
    pub async fn spring(&self, console: &Headless) -> anyhow::Result<()> {
        if let Some(hold) = &self.hold {
            tokio::time::timeout(PATIENCE, hold.reached())
                .await
                .with_context(|| format!("{} was never reached", self.step.name()))?;
        }
        if let Some(at) = after_the_reply(self.step) {
            // Armed only now, so that it catches the write after the reply and no earlier one.
            console.hold(at, 0).await?;
            if let Some(hold) = &self.hold {
                hold.let_go();
            }
            console.held(at).await?;
        } else if let Some((at, _)) = before_the_reply(self.step) {
            console.held(at).await?;
        }
        if matches!(self.step, Step::WriteBackUnderWay | Step::StoreUnderWay) {
            console.tell(json!({ "do": "release" })).await?;
            // Anywhere in the write: before the call, while the keychain works, after its answer.
            let luck = testing::soak::rng().random_range(0..10_000);
            tokio::time::sleep(Duration::from_micros(luck)).await;
        }
        Ok(())
    }

    /// Takes it away once the process is dead. What was not forwarded never is.
    pub fn clear(self, lane: &Lane) {
        for hold in [self.hold, self.wall].into_iter().flatten() {
            hold.cut();
        }
        lane.account.clear();
        lane.printing.clear();
    }
}

/// Where the keychain stops before the request is sent, and how many such steps a start makes before.
fn before_the_reply(step: Step) -> Option<(StoreStep, u32)> {
    Some(match step {
        Step::KeychainProbed => (StoreStep::after(StoreCall::Probe), 0),
        Step::RecordFound => (StoreStep::after(StoreCall::Read), 0),
        Step::LockAsked => (StoreStep::before(StoreCall::Lock), 0),
        Step::LockHeld => (StoreStep::after(StoreCall::Lock), 0),
        // A start reads the record once before it has the lock.
        Step::RecordReadAgain => (StoreStep::after(StoreCall::Read), 1),
        Step::WriteBackBegun | Step::WriteBackUnderWay => (StoreStep::before(StoreCall::Write), 0),
        Step::WriteBackDone => (StoreStep::after(StoreCall::Write), 0),
        _ => return None,
    })
}

/// Where it stops once the reply is here.
fn after_the_reply(step: Step) -> Option<StoreStep> {
    match step {
        Step::ReplyReceived | Step::StoreUnderWay => Some(StoreStep::before(StoreCall::Write)),
        Step::Stored => Some(StoreStep::after(StoreCall::Write)),
        _ => None,
    }
}
