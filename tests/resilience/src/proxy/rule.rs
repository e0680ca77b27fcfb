//! The rules: which request, how often, and what goes wrong with it. Only data, and the handle of a held
//! request. Must never touch a connection.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::HeaderMap;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use tokio::sync::{Semaphore, watch};

/// Which requests a rule is about; all that is named must fit.
#[derive(Debug, Clone, Default)]
pub struct Matching {
    method: Option<String>,
    path: String,
    grant: Option<String>,
    skip: u32,
    times: Option<u32>,
    may_not_fire: Option<String>,
}

impl Matching {
    /// Requests with this method whose path begins so.
    #[must_use]
    pub fn new(method: &str, path: &str) -> Self {
        Self {
            method: Some(method.to_owned()),
            path: path.to_owned(),
            ..Self::default()
        }
    }

    /// Requests to the token endpoint with this `grant_type`. Not for [`Point::Arrived`], where no body has
    /// been read.
    #[must_use]
    pub fn grant(grant: &str) -> Self {
        Self {
            grant: Some(grant.to_owned()),
            ..Self::new("POST", "/oauth/access_token/")
        }
    }

    /// Every request whose path begins so.
    #[must_use]
    pub fn any(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            ..Self::default()
        }
    }

    /// The same, but the first `requests` are let through.
    #[must_use]
    pub fn skip(self, requests: u32) -> Self {
        Self {
            skip: requests,
            ..self
        }
    }

    /// The same, but only so many of them.
    #[must_use]
    pub fn times(self, requests: u32) -> Self {
        Self {
            times: Some(requests),
            ..self
        }
    }

    /// The same, but the test may end without a matching request, for the reason `why`. Otherwise, dropping
    /// the [`Proxy`](super::Proxy) panics if no request matched the rule.
    #[must_use]
    pub fn may_not_fire(self, why: &str) -> Self {
        Self {
            may_not_fire: Some(why.to_owned()),
            ..self
        }
    }

    fn fits(&self, method: &str, path: &str, grant: Option<&str>) -> bool {
        self.method.as_ref().is_none_or(|wanted| wanted == method)
            && path.starts_with(&self.path)
            && self
                .grant
                .as_ref()
                .is_none_or(|wanted| Some(wanted.as_str()) == grant)
    }
}

/// Where a request can be held, or its reply cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Point {
    /// Connected; nothing of the request has been read.
    Arrived,
    /// The request was read; the server has not seen it.
    BeforeForward,
    /// The server has committed; no byte of the reply has left.
    BeforeReply,
    /// So many bytes of the reply's head have left.
    InHead(usize),
    /// The head and so many bytes of the body have left.
    InBody(usize),
}

/// What goes wrong.
#[derive(Clone)]
pub enum Act {
    /// The server never sees it; the connection is closed.
    DropBefore,
    /// The server does it; the connection is closed without a byte.
    DropReply,
    /// The server does it; the connection is closed at [`Point::InHead`] or [`Point::InBody`].
    Cut(Point),
    /// It waits before the server sees it.
    DelayBefore(Duration),
    /// The server does it; the reply waits.
    DelayReply(Duration),
    /// The server never sees it; this is the answer.
    Instead(Reply),
    /// The server does it; the reply is changed.
    Rewrite(Arc<dyn Fn(&mut Reply) + Send + Sync>),
    /// Held at this point. Use [`Proxy::hold`](super::Proxy::hold).
    Hold(Point, Hold),
}

/// A reply as rules see it. The length is never theirs to say.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

impl Reply {
    /// A reply of one's own.
    #[must_use]
    pub fn new(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        Self {
            status,
            headers,
            body: body.into(),
        }
    }

    /// The same with one more header.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.insert(name, HeaderValue::from_static(value));
        self
    }

    /// What a hotel's network says instead of a server.
    #[must_use]
    pub fn captive_portal() -> Self {
        Self::new(
            200,
            "text/html; charset=utf-8",
            "<!doctype html><html><head><title>Welcome</title></head><body><h1>Accept our terms</h1></body></html>",
        )
    }

    /// A proxy that asks for a password.
    #[must_use]
    pub fn proxy_password() -> Self {
        Self::new(
            407,
            "text/html",
            "<html><body>Proxy authentication required</body></html>",
        )
        .with(hyper::header::PROXY_AUTHENTICATE, "Basic realm=\"proxy\"")
    }
}

/// A request that is held until it is told to go on. Dropping it lets the request go on.
#[derive(Debug)]
pub struct Hold {
    reached: Arc<Semaphore>,
    fate: watch::Sender<Fate>,
    owner: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Open,
    Go,
    Cut,
}

impl Clone for Hold {
    fn clone(&self) -> Self {
        self.clone_inner()
    }
}

impl Hold {
    pub(super) fn new() -> Self {
        Self {
            reached: Arc::new(Semaphore::new(0)),
            fate: watch::Sender::new(Fate::Open),
            owner: true,
        }
    }

    /// The proxy's side of it.
    pub(super) fn clone_inner(&self) -> Self {
        Self {
            reached: Arc::clone(&self.reached),
            fate: self.fate.clone(),
            owner: false,
        }
    }

    /// Waits until a request is held.
    pub async fn reached(&self) {
        if let Ok(permit) = self.reached.acquire().await {
            permit.forget();
        }
    }

    /// Lets it go on.
    pub fn release(self) {}

    /// The same for a caller that keeps it.
    pub fn let_go(&self) {
        self.fate.send_replace(Fate::Go);
    }

    /// Drops its connection.
    pub fn cut(self) {
        self.fate.send_replace(Fate::Cut);
    }

    /// Says that the request is here.
    pub(super) fn arrive(&self) {
        self.reached.add_permits(1);
    }

    /// Waits to be told; false where the connection is to be dropped.
    pub(super) async fn wait(&self) -> bool {
        self.arrive();
        self.told().await
    }

    /// The same, once [`Hold::arrive`] was called.
    pub(super) async fn told(&self) -> bool {
        let mut fate = self.fate.subscribe();
        match fate.wait_for(|fate| *fate != Fate::Open).await {
            Ok(fate) => *fate == Fate::Go,
            Err(_) => true,
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if self.owner {
            self.fate.send_if_modified(|fate| {
                let open = *fate == Fate::Open;
                if open {
                    *fate = Fate::Go;
                }
                open
            });
        }
    }
}

/// Names a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleId(u64);

/// What a rule does to the request it was taken for.
pub(super) type Armed = Act;

struct Rule {
    id: RuleId,
    matching: Matching,
    set_at: &'static Location<'static>,
    seen: u32,
    act: Act,
}

/// A rule that no request matched.
#[derive(Debug, Clone)]
pub(super) struct Unmet {
    act: &'static str,
    set_at: &'static Location<'static>,
    matching: Matching,
    seen: u32,
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let matching = &self.matching;
        write!(f, "{}: {} for ", self.set_at, self.act)?;
        let method = matching.method.as_deref().unwrap_or("any method");
        write!(f, "{method} {}*", matching.path)?;
        if let Some(grant) = &matching.grant {
            write!(f, " with grant_type={grant}")?;
        }
        let (seen, skip) = (self.seen, matching.skip);
        write!(f, ": {seen} such requests came, {skip} were to be let through")
    }
}

impl Act {
    fn name(&self) -> &'static str {
        match self {
            Self::DropBefore => "drop before the server",
            Self::DropReply => "drop of the reply",
            Self::Cut(_) => "cut of the reply",
            Self::DelayBefore(_) => "delay before the server",
            Self::DelayReply(_) => "delay of the reply",
            Self::Instead(_) => "answer instead of the server",
            Self::Rewrite(_) => "changed reply",
            Self::Hold(..) => "hold",
        }
    }
}

impl Rule {
    fn unmet(&self) -> Option<Unmet> {
        let fired = self.seen > self.matching.skip;
        (!fired && self.matching.may_not_fire.is_none()).then(|| Unmet {
            act: self.act.name(),
            set_at: self.set_at,
            matching: self.matching.clone(),
            seen: self.seen,
        })
    }
}

/// All rules, oldest first.
#[derive(Default)]
pub(super) struct Rules {
    rules: Vec<Rule>,
    /// Removed before a request matched them.
    removed_unmet: Vec<Unmet>,
    last: u64,
}

impl Rules {
    pub(super) fn add(&mut self, matching: Matching, act: Act, set_at: &'static Location<'static>) -> RuleId {
        self.last += 1;
        let id = RuleId(self.last);
        self.rules.push(Rule {
            id,
            matching,
            set_at,
            seen: 0,
            act,
        });
        id
    }

    pub(super) fn remove(&mut self, id: RuleId) -> bool {
        let removed: Vec<_> = self.rules.extract_if(.., |rule| rule.id == id).collect();
        self.removed_unmet.extend(removed.iter().filter_map(Rule::unmet));
        !removed.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.removed_unmet
            .extend(self.rules.drain(..).filter_map(|rule| rule.unmet()));
    }

    /// Forgets all rules, and those that no request matched.
    pub(super) fn waive_unmet(&mut self) {
        self.rules.clear();
        self.removed_unmet.clear();
    }

    /// Every rule so far that must fire and that no request matched.
    pub(super) fn unmet(&self) -> Vec<Unmet> {
        let mut unmet = self.removed_unmet.clone();
        unmet.extend(self.rules.iter().filter_map(Rule::unmet));
        unmet
    }

    /// The act of the first rule that fits. Rules about [`Point::Arrived`] are asked while `arrived`, the
    /// others after.
    pub(super) fn take(
        &mut self,
        method: &str,
        path: &str,
        grant: Option<&str>,
        arrived: bool,
    ) -> Option<Act> {
        for place in 0..self.rules.len() {
            let rule = &mut self.rules[place];
            let of_arrival = matches!(rule.act, Act::Hold(Point::Arrived, _));
            if of_arrival != arrived || !rule.matching.fits(method, path, grant) {
                continue;
            }
            rule.seen += 1;
            if rule.seen <= rule.matching.skip {
                continue;
            }
            let act = rule.act.clone();
            if rule
                .matching
                .times
                .is_some_and(|times| rule.seen - rule.matching.skip >= times)
            {
                self.rules.remove(place);
            }
            return Some(act);
        }
        None
    }
}
