//! The interval of the polls, measured with a paused clock.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use secrecy::SecretString;

use super::*;
use crate::claims::Claims;
use crate::clock::SystemClock;

type Answer = Result<TokenSet, TokenError>;

fn tokens() -> Answer {
    Ok(TokenSet {
        access: SecretString::from("a"),
        refresh: None,
        expires_in: Duration::from_secs(3600),
        scope: None,
        claims: Claims::default(),
    })
}

fn said(error: &str) -> Answer {
    Err(TokenError::OAuth {
        error: error.into(),
        description: None,
    })
}

fn pending() -> Answer {
    said("authorization_pending")
}

fn lost() -> TokenError {
    TokenError::LostReply {
        host: "account.example".into(),
        timed_out: true,
    }
}

fn offline() -> TokenError {
    TokenError::Connect {
        host: "account.example".into(),
    }
}

fn limited(seconds: Option<u64>) -> Answer {
    Err(TokenError::RateLimited {
        retry_after: seconds.map(Duration::from_secs),
    })
}

/// Runs one wait against these answers, repeating the last. Returns the seconds of the polls, the second of
/// the end, and the result.
async fn run(
    interval: u64,
    lasts: u64,
    answers: impl IntoIterator<Item = Answer>,
) -> (Vec<u64>, u64, Option<PairingError>) {
    let mut answers: VecDeque<Answer> = answers.into_iter().collect();
    let start = Instant::now();
    let mut polls = Vec::new();
    let poll = || {
        polls.push(start.elapsed().as_secs());
        let answer = match answers.len() {
            1 => answers[0].clone(),
            _ => answers.pop_front().unwrap(),
        };
        async move { answer }
    };
    let clock = SystemClock;
    let life = Life {
        asked: Moment::now(&clock),
        lasts: Duration::from_secs(lasts),
        clock: &clock,
    };
    let interval = PollInterval::new(Duration::from_secs(interval));
    let end = poll_until_decided(poll, interval, &life, &CancellationToken::new()).await;
    (polls, start.elapsed().as_secs(), end.err())
}

/// security.md 23.
#[tokio::test(start_paused = true)]
async fn polls_come_an_interval_apart_and_the_first_after_one() {
    let seen = run(5, 600, [pending(), pending(), pending(), tokens()]).await;
    assert_eq!(seen, (vec![5, 10, 15, 20], 20, None));
    let seen = run(7, 600, [pending(), tokens()]).await;
    assert_eq!(seen, (vec![7, 14], 14, None));
}

/// security.md 23, RFC 8628 section 3.5: five seconds more, for this and all later polls.
#[tokio::test(start_paused = true)]
async fn slow_down_adds_five_seconds_for_good() {
    let slow = || said("slow_down");
    let answers = [
        pending(),
        slow(),
        pending(),
        pending(),
        slow(),
        pending(),
        tokens(),
    ];
    let seen = run(5, 600, answers).await;
    assert_eq!(seen, (vec![5, 10, 20, 30, 40, 55, 70], 70, None));
}

/// security.md 23, RFC 8628 section 3.5: twice the pause after each lost reply, up to a minute; after an
/// answer the interval is back to normal.
#[tokio::test(start_paused = true)]
async fn lost_replies_no_connection_and_server_faults_double_the_pause() {
    let server = || Err(TokenError::Server { status: 503 });
    let timeout = Err(TokenError::Timeout {
        host: "account.example".into(),
    });
    let answers = [
        pending(),
        Err(lost()),
        server(),
        timeout,
        Err(offline()),
        Err(offline()),
        pending(),
        tokens(),
    ];
    let seen = run(5, 600, answers).await;
    assert_eq!(seen, (vec![5, 10, 20, 40, 80, 140, 200, 205], 205, None));
}

/// security.md 23, 48: a server's wait is respected, and never less than the interval.
#[tokio::test(start_paused = true)]
async fn a_429_is_given_the_time_it_asks_for() {
    let answers = [
        limited(Some(40)),
        limited(Some(1)),
        limited(None),
        pending(),
        tokens(),
    ];
    let seen = run(5, 600, answers).await;
    assert_eq!(seen, (vec![5, 45, 50, 60, 65], 65, None));
}

/// security.md 23: the wait ends with the code's lifetime, to the second, whatever the pause.
#[tokio::test(start_paused = true)]
async fn the_wait_ends_when_the_code_does() {
    let seen = run(5, 18, [pending()]).await;
    assert_eq!(seen, (vec![5, 10, 15], 18, Some(PairingError::Expired)));
    let seen = run(5, 60, [limited(Some(3600))]).await;
    assert_eq!(seen, (vec![5], 60, Some(PairingError::Expired)));
    let seen = run(5, 30, [Err(offline())]).await;
    assert_eq!(seen, (vec![5, 15], 30, Some(PairingError::Expired)));
}

/// A wall clock that jumps, as when the computer wakes up.
struct Jumping(Mutex<SystemTime>);

impl WallClock for Jumping {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap()
    }
}

/// security.md 23, 39: the steady clock stops while the computer sleeps; the code expires all the same.
#[tokio::test(start_paused = true)]
async fn a_code_that_ran_out_during_a_sleep_is_not_polled_again() {
    let clock = Arc::new(Jumping(Mutex::new(SystemTime::now())));
    let life = Life {
        asked: Moment::now(clock.as_ref()),
        lasts: Duration::from_secs(600),
        clock: clock.as_ref(),
    };
    let mut polls = 0;
    let poll = || {
        polls += 1;
        *clock.0.lock().unwrap() += Duration::from_secs(7200);
        async { pending() }
    };
    let interval = PollInterval::new(Duration::from_secs(5));
    let end = poll_until_decided(poll, interval, &life, &CancellationToken::new()).await;
    assert_eq!((end.err(), polls), (Some(PairingError::Expired), 1));
}

/// security.md 23: the errors that end a pairing.
#[tokio::test(start_paused = true)]
async fn every_end_has_its_name() {
    let token = |error: TokenError| PairingError::Token(error);
    for (answer, end) in [
        (said("access_denied"), PairingError::Refused),
        (said("expired_token"), PairingError::Expired),
        (Err(TokenError::InvalidGrant), PairingError::Expired),
        (Err(TokenError::InvalidClient), token(TokenError::InvalidClient)),
        (Err(TokenError::ProxyAuth), token(TokenError::ProxyAuth)),
        (Err(TokenError::Redirected), token(TokenError::Redirected)),
        (
            said("unauthorized_client"),
            token(said("unauthorized_client").err().unwrap()),
        ),
    ] {
        let (polls, _, error) = run(5, 600, [pending(), answer]).await;
        assert_eq!((polls.len(), error), (2, Some(end)));
    }
}

/// A lost reply may have contained the tokens: the code is polled again, and if the server then does not know
/// it, the error is the lost reply's, not a refusal or an ended session.
#[tokio::test(start_paused = true)]
async fn a_code_that_a_lost_reply_has_spent_is_told_as_the_lost_reply() {
    let spent = || Err(TokenError::InvalidGrant);
    let (polls, _, error) = run(5, 600, [Err(lost()), pending(), spent()]).await;
    assert_eq!((polls.len(), error), (3, Some(PairingError::Token(lost()))));
    let fault = TokenError::Server { status: 502 };
    let (_, _, error) = run(5, 600, [Err(fault.clone()), spent()]).await;
    assert_eq!(error, Some(PairingError::Token(fault)));
    let (_, _, error) = run(5, 600, [Err(lost()), tokens()]).await;
    assert_eq!(error, None, "a server that grants a grace gives them again");
}

/// security.md 23: at once, between two polls and during one.
#[tokio::test(start_paused = true)]
async fn a_cancel_ends_the_wait_at_once() {
    let clock = SystemClock;
    for hangs in [false, true] {
        let start = Instant::now();
        let life = Life {
            asked: Moment::now(&clock),
            lasts: Duration::from_secs(600),
            clock: &clock,
        };
        let cancel = CancellationToken::new();
        let poll = || async move {
            if hangs {
                std::future::pending().await
            }
            pending()
        };
        let later = async {
            sleep(Duration::from_secs(6)).await;
            cancel.cancel();
        };
        let interval = PollInterval::new(Duration::from_secs(5));
        let (end, ()) = tokio::join!(poll_until_decided(poll, interval, &life, &cancel), later);
        assert_eq!(end.err(), Some(PairingError::Cancelled));
        assert_eq!(start.elapsed().as_secs(), 6);
    }
}
