//! The journal on a real disk, with a keychain in memory.

use ezeep_auth::{MemoryStore, RecordName, SecretStore};

use super::*;
use crate::cache::Cache;
use crate::wire::*;

fn id<T: TryFrom<String>>(text: &str) -> T
where
    T::Error: std::fmt::Debug,
{
    T::try_from(text.to_owned()).unwrap()
}

fn line(user: &str) -> PlanLine {
    PlanLine {
        user: UserRef {
            id: id(user),
            name: "Ä <b>".into(),
            email: "canary@a.example".into(),
        },
        group: GroupRef {
            id: id("g"),
            name: "G".into(),
        },
        planned: Planned::Add,
        outcome: None,
    }
}

fn view(plan: &str, adds: u32) -> PlanView {
    PlanView {
        id: id(plan),
        organization: Organization {
            id: id("o"),
            name: "O".into(),
            admin: true,
            private: false,
            color: 1,
        },
        verb: PlanVerb::Add,
        groups: vec![],
        user: None,
        adds,
        removes: 0,
        unchanged: 0,
        blocked: 0,
        lines: adds,
    }
}

struct Here {
    dir: tempfile::TempDir,
    keychain: Arc<MemoryStore>,
    cache: Cache,
}

impl Here {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let keychain = Arc::new(MemoryStore::default());
        let cache = Cache::new(dir.path(), keychain.clone(), crate::notices::Notices::new(|| {}));
        Self { dir, keychain, cache }
    }

    fn of(&self, account: &str, organization: &str) -> Journal {
        let slot = self.cache.slot(&id(account), &id(organization));
        Journal::new(slot, CancellationToken::new())
    }

    /// As after a restart.
    fn journal(&self) -> Journal {
        self.of("a", "o")
    }

    async fn keep(&self, plan: &str, people: &[&str]) -> Journal {
        let lines: Vec<_> = people.iter().map(|user| line(user)).collect();
        let adds = u32::try_from(lines.len()).unwrap();
        let journal = self.journal();
        journal.keep(7, &view(plan, adds), &lines).await;
        journal
    }

    fn path(&self, name: &str) -> PathBuf {
        self.cache.slot(&id("a"), &id("o")).plans().join(name)
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = files::list(&self.path(""))
            .iter()
            .filter(|path| !private::is_set_aside(path))
            .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
            .collect();
        names.sort();
        names
    }
}

fn outcomes(plan: &Plan) -> Vec<Option<Outcome>> {
    plan.all().into_iter().map(|line| line.outcome).collect()
}

#[tokio::test]
async fn a_plan_comes_back_with_the_results_that_were_noted() {
    let here = Here::new();
    let journal = here.keep("p", &["u1", "u2"]).await;
    journal.note(&id("p"), &[1], &Outcome::Applied).await;
    let plans = here.journal().plans().await;
    assert_eq!(outcomes(&plans[0]), [None, Some(Outcome::Applied)]);
    assert_eq!(plans[0].all()[1].user.name, "Ä <b>");
    assert_eq!(plans[0].progress().state, PlanState::Finished);
}

/// security.md 25.
#[tokio::test]
async fn no_name_and_no_address_can_be_read_in_any_file() {
    let here = Here::new();
    let journal = here.keep("p", &["u-canary"]).await;
    let error = crate::error::AppError::new(crate::error::ErrorCode::UserGone).with_detail("canary");
    journal.note(&id("p"), &[0], &Outcome::Failed { error }).await;
    assert_eq!(here.names(), ["p.notes", "p.plan"]);
    for name in here.names() {
        let file = std::fs::read(here.path(&name)).unwrap();
        assert!(!file.windows(6).any(|part| part == b"canary"), "{name}");
    }
}

#[tokio::test]
async fn a_plan_that_is_done_is_not_offered_again() {
    let here = Here::new();
    let journal = here.keep("p", &["u1"]).await;
    journal.note(&id("p"), &[0], &Outcome::AlreadySo).await;
    assert!(here.journal().plans().await.is_empty());
    assert_eq!(here.names(), [""; 0]);
}

#[tokio::test]
async fn a_torn_note_costs_that_note_alone_and_a_damaged_plan_is_set_aside() {
    let here = Here::new();
    let journal = here.keep("p", &["u1", "u2", "u3"]).await;
    journal.note(&id("p"), &[0], &Outcome::Applied).await;
    journal.note(&id("p"), &[1], &Outcome::Applied).await;
    let notes = here.path("p.notes");
    let text = std::fs::read(&notes).unwrap();
    std::fs::write(&notes, &text[..text.len() - 1]).unwrap();
    std::fs::copy(here.path("p.plan"), here.path("q.plan")).unwrap();
    std::fs::write(here.path("r.plan"), "{}").unwrap();
    let journal = here.journal();
    let plans = journal.plans().await;
    assert_eq!(plans.len(), 1, "one plan's file is no other plan");
    assert_eq!(outcomes(&plans[0]), [Some(Outcome::Applied), None, None]);
    assert_eq!(here.names(), ["p.notes", "p.plan"]);
    // What is noted from here on is read.
    journal.note(&id("p"), &[2], &Outcome::Applied).await;
    let plans = here.journal().plans().await;
    assert_eq!(
        outcomes(&plans[0]),
        [Some(Outcome::Applied), None, Some(Outcome::Applied)]
    );
}

#[tokio::test]
async fn a_plan_without_its_key_is_not_offered_and_stays() {
    let here = Here::new();
    here.keep("p", &["u1"]).await;
    let key = RecordName::file_key("a");
    here.keychain.delete_key(&key).await.unwrap();
    assert!(here.journal().plans().await.is_empty());
    assert_eq!(here.names(), ["p.plan"]);
    assert!(here.keychain.read_key(&key).await.unwrap().is_none());
}

/// security.md 43: nothing of one account is offered to another.
#[tokio::test]
async fn each_account_and_organization_has_its_own_plans() {
    let here = Here::new();
    here.keep("p", &["u1"]).await;
    for (account, organization) in [("b", "o"), ("a", "o2")] {
        let other = here.of(account, organization);
        assert!(other.plans().await.is_empty());
        // Copied there, it opens as little, even where there is a key.
        other.keep(7, &view("q", 1), &[line("u1")]).await;
        let folder = other.0.folder.clone();
        std::fs::copy(here.path("p.plan"), folder.join("p.plan")).unwrap();
        let plans = here.of(account, organization).plans().await;
        assert_eq!(plans.len(), 1);
        assert_eq!(plans[0].id().as_str(), "q");
    }
}

/// security.md 41: of the account, and of no other; nothing is written after it.
#[tokio::test]
async fn a_sign_out_removes_the_plans_and_no_late_result_brings_one_back() {
    let here = Here::new();
    let journal = here.keep("p", &["u1"]).await;
    here.of("b", "o").keep(7, &view("p", 1), &[line("u1")]).await;
    journal.0.left.cancel();
    here.cache.forget(&id("a")).await;
    journal.note(&id("p"), &[0], &Outcome::Applied).await;
    journal.keep(7, &view("q", 1), &[line("u1")]).await;
    assert!(!here.dir.path().join("plans/a").exists());
    let key = here.keychain.read_key(&RecordName::file_key("a")).await;
    assert!(matches!(key, Ok(None)));
    assert_eq!(here.of("b", "o").plans().await.len(), 1);
}

#[tokio::test]
async fn the_plans_of_an_account_that_is_not_remembered_stay() {
    let here = Here::new();
    here.keep("p", &["u1"]).await;
    here.cache.sweep(|| vec![id("b")]).await;
    assert_eq!(here.journal().plans().await.len(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_on_the_computer_can_read_a_plan() {
    use std::os::unix::fs::PermissionsExt as _;
    let here = Here::new();
    let journal = here.keep("p", &["u1", "u2"]).await;
    journal.note(&id("p"), &[0], &Outcome::Applied).await;
    let mode = |name: &str| std::fs::metadata(here.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(""), mode("p.plan"), mode("p.notes")), (0o700, 0o600, 0o600));
}
