//! Plans on a real disk, with a keychain in memory, for every state of each file (security.md 59).

use std::path::PathBuf;

use changes::{BlockedReason, Change, GroupRef, Membership, Origin, Outcome, Source, Title};
use ezeep_auth::{RecordName, SecretStore};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::account_files::test_files::TestFiles;
use crate::error::ErrorCode;
use crate::runner::sample::{id, set};

impl TestFiles {
    fn plans_of(&self, account: &str, organization: &str) -> PlanStore {
        let slot = self.files.slot(&id(account), &id(organization));
        PlanStore::new(slot, WritePermission::new(CancellationToken::new()))
    }

    /// A new store on the same folder, as after a restart.
    fn store(&self) -> PlanStore {
        self.plans_of("a", "o")
    }

    async fn save(&self, plan: &str, people: &[&str]) -> PlanStore {
        let store = self.store();
        assert!(save(&store, plan, people).await);
        store
    }

    fn folder(&self) -> PathBuf {
        self.files.slot(&id("a"), &id("o")).plans()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// The files with plans and results; names of files that were set aside end in "…".
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder()).into_iter().flatten();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .map(|name| match name.split_once(".unreadable-") {
                Some((name, _)) => format!("{name}…"),
                None => name,
            })
            .collect();
        names.sort();
        names
    }

    fn said(&self) -> Vec<(DiskThing, DiskProblem, bool)> {
        let open = self.notices.open().into_iter();
        open.map(|notice| (notice.what, notice.problem, notice.set_aside.is_some()))
            .collect()
    }

    /// Appends a record with this text.
    async fn append(&self, plan: &str, text: &str) {
        let slot = self.files.slot(&id("a"), &id("o"));
        let key = slot.key().await.unwrap();
        let plan_id = id(plan);
        let data = slot.place(FileKind::PlanResult(&plan_id)).data();
        let path = self.path(&format!("{plan}.notes"));
        log::append(&path, &[text.into()], &key, &data).unwrap();
    }
}

async fn save(store: &PlanStore, plan: &str, people: &[&str]) -> bool {
    let set = ChangeSet {
        organization: store.0.slot.organization().clone(),
        ..set(people)
    };
    store.save(&id(plan), 7, &Arc::new(set)).await
}

async fn record(store: &PlanStore, plan: &str, line: u32, outcome: Outcome<AppError>) {
    store.record(&id(plan), &vec![(vec![line], outcome)]).await;
}

fn outcomes(plan: &LoadedPlan) -> Vec<Option<Outcome<AppError>>> {
    let all = 0..plan.set.len();
    all.map(|change| plan.outcomes.get(change).cloned()).collect()
}

#[tokio::test]
async fn a_plan_comes_back_as_it_was_with_the_results_that_were_recorded() {
    let test = TestFiles::new();
    let store = test.save("p", &["u1", "u2"]).await;
    record(&store, "p", 1, Outcome::Applied).await;
    let plans = test.store().plans().await;
    assert_eq!(outcomes(&plans[0]), [None, Some(Outcome::Applied)]);
    assert_eq!(plans[0].set, set(&["u1", "u2"]));
    assert_eq!((plans[0].id.as_str(), plans[0].made_at), ("p", 7));
}

#[tokio::test]
async fn every_change_comes_back_as_it_was() {
    let test = TestFiles::new();
    let mut wanted = set(&["u1", "u2"]);
    (wanted.title, wanted.source, wanted.as_of) = (Title::RemoveFromGroups, Source::Matching, None);
    let memberships = [Membership::Member, Membership::NotMember];
    let reasons = [
        BlockedReason::UserGone,
        BlockedReason::NotOnPrintingServer,
        BlockedReason::GroupGone,
        BlockedReason::SyncedFromAzure,
    ];
    let origins = [Origin::Selection, Origin::Row(1), Origin::Row(u32::MAX)];
    wanted.changes.clear();
    for after in memberships {
        for before in memberships.map(Some).into_iter().chain([None]) {
            for blocked in reasons.map(Some).into_iter().chain([None]) {
                wanted.changes.extend(origins.map(|origin| Change {
                    user: 1,
                    group: 0,
                    before,
                    after,
                    blocked,
                    origin,
                }));
            }
        }
    }
    let wanted = Arc::new(wanted);
    assert!(test.store().save(&id("p"), 7, &wanted).await);
    let plans = test.store().plans().await;
    assert_eq!(plans[0].set, *wanted);
}

#[tokio::test]
async fn what_a_plan_was_made_from_comes_back_as_it_was() {
    for source in [Source::Chosen, Source::Matching, Source::MatchingIncomplete] {
        let test = TestFiles::new();
        let mut wanted = set(&["u1"]);
        wanted.source = source;
        assert!(test.store().save(&id("p"), 7, &Arc::new(wanted)).await);
        assert_eq!(test.store().plans().await[0].set.source, source);
    }
}

/// The wanted state is never guessed; the lists' state is only a prediction.
#[tokio::test]
async fn of_a_change_of_a_later_version_only_what_is_wanted_must_be_known() {
    let test = TestFiles::new();
    let change = |numbers: &str| {
        format!(
            r#"{{"id":"p","madeAt":7,"asOf":null,"organization":"o","title":"ofALaterVersion",
            "source":"ofALaterVersion","groups":[{{"id":"g","name":"G"}}],"users":[["u1","",""]],
            "changes":[[0,0,{numbers}]],"more":1}}"#
        )
    };
    let slot = test.files.slot(&id("a"), &id("o"));
    let key = slot.key().await.unwrap();
    let plan = id("p");
    let write = |numbers: &str| {
        let data = slot.place(FileKind::Plan(&plan)).data();
        let sealed = seal::seal(change(numbers).as_bytes(), &key, &data).unwrap();
        atomic::replace(&test.path("p.plan"), &sealed).unwrap();
    };
    write("9,1,9,0");
    let plans = test.store().plans().await;
    let read = plans[0].set.changes[0];
    assert_eq!(
        (read.before, read.after, read.blocked),
        (None, Membership::Member, None)
    );
    write("1,9,0,0");
    assert!(test.store().plans().await.is_empty());
    assert_eq!(test.said(), [(DiskThing::Plan, DiskProblem::Damaged, true)]);
}

#[tokio::test]
async fn every_outcome_comes_back_as_it_was() {
    let test = TestFiles::new();
    let error = |code| AppError {
        code,
        detail: Some("words".into()),
        request_id: Some("r1".into()),
    };
    let host = String::from("api2.ezeep.com");
    let group = GroupRef {
        id: id("g2"),
        name: "Haus B".into(),
    };
    let all = [
        Outcome::Applied,
        Outcome::Unchanged,
        Outcome::Blocked {
            reason: BlockedReason::NotOnPrintingServer,
        },
        Outcome::ChangedMeanwhile {
            appeared: vec![group.clone()],
            vanished: vec![group],
        },
        Outcome::Failed {
            error: error(ErrorCode::UserGone),
        },
        Outcome::Failed {
            error: error(ErrorCode::Offline { host }),
        },
        Outcome::Failed {
            error: error(ErrorCode::RateLimited { seconds: None }),
        },
        Outcome::Unknown,
    ];
    let people: Vec<_> = all.iter().map(|_| "u").collect();
    let store = test.save("p", &people).await;
    for (line, outcome) in (0..).zip(&all) {
        record(&store, "p", line, outcome.clone()).await;
    }
    let plans = test.store().plans().await;
    assert_eq!(outcomes(&plans[0]), all.map(Some));
}

/// The files contain no readable name or address (security.md 25).
#[tokio::test]
async fn no_name_and_no_address_can_be_read_in_any_file() {
    let test = TestFiles::new();
    let store = test.save("p", &["u-canary"]).await;
    let error = AppError::new(ErrorCode::UserGone).with_detail("canary");
    record(&store, "p", 0, Outcome::Failed { error }).await;
    assert_eq!(test.names(), ["p.notes", "p.plan"]);
    for name in test.names() {
        let file = std::fs::read(test.path(&name)).unwrap();
        assert!(!file.windows(6).any(|part| part == b"canary"), "{name}");
    }
}

#[tokio::test]
async fn a_plan_that_is_done_is_not_offered_again() {
    let test = TestFiles::new();
    let store = test.save("p", &["u1"]).await;
    record(&store, "p", 0, Outcome::Unchanged).await;
    assert!(test.store().plans().await.is_empty());
    assert_eq!(test.names(), [""; 0]);
}

#[tokio::test]
async fn a_result_that_can_not_be_read_costs_itself_alone() {
    let test = TestFiles::new();
    let store = test.save("p", &["u1", "u2", "u3"]).await;
    let mut ends = Vec::new();
    for line in 0..3 {
        record(&store, "p", line, Outcome::Applied).await;
        ends.push(std::fs::metadata(test.path("p.notes")).unwrap().len() as usize);
    }
    let whole = std::fs::read(test.path("p.notes")).unwrap();
    let applied = Some(Outcome::Applied);
    // A changed byte in the second record's text, in its length (larger and smaller), and a file that ends
    // inside it and was appended to.
    for (at, byte) in [
        (ends[0] + 40, whole[ends[0] + 40] ^ 1),
        (ends[0] + 1, 9),
        (ends[0] + 3, 2),
    ] {
        let mut damaged = whole.clone();
        damaged[at] = byte;
        std::fs::write(test.path("p.notes"), &damaged).unwrap();
        let plans = test.store().plans().await;
        assert_eq!(
            outcomes(&plans[0]),
            [applied.clone(), None, applied.clone()],
            "byte {at}"
        );
    }
    let torn = [&whole[..ends[1] - 1], &whole[ends[1]..]].concat();
    std::fs::write(test.path("p.notes"), torn).unwrap();
    let plans = test.store().plans().await;
    assert_eq!(outcomes(&plans[0]), [applied.clone(), None, applied.clone()]);
    // No line is applied twice unnoticed: the run reads exactly that line again.
    assert!(plans[0].is_unfinished());
    assert_eq!(test.said(), [], "a torn record is no reason to worry anybody");
}

#[tokio::test]
async fn words_of_a_later_version_are_kept_as_unknown_and_cost_no_plan() {
    let test = TestFiles::new();
    test.save("p", &["u1", "u2", "u3"]).await;
    let error = r#"{"code":"ofALaterVersion","params":{"much":1},"detail":"words","requestId":null}"#;
    test.append(
        "p",
        &format!(r#"{{"lines":[0],"outcome":{{"kind":"failed","error":{error},"more":true}}}}"#),
    )
    .await;
    test.append("p", r#"{"lines":[1],"outcome":{"kind":"postponed","until":7}}"#)
        .await;
    test.append(
        "p",
        r#"{"lines":[2],"outcome":{"kind":"applied"},"by":"somebody"}"#,
    )
    .await;
    test.append("p", r#"{"lines":"all"}"#).await;
    let plans = test.store().plans().await;
    let failed = Outcome::Failed {
        error: AppError::new(ErrorCode::UnknownCode {
            name: "ofALaterVersion".into(),
        })
        .with_detail("words"),
    };
    assert_eq!(
        outcomes(&plans[0]),
        [
            Some(failed.clone()),
            Some(Outcome::Unknown),
            Some(Outcome::Applied)
        ]
    );
    // Written again under the same name.
    record(&test.store_with_key().await, "p", 1, failed).await;
    let again = test.store().plans().await;
    assert_eq!(outcomes(&again[0])[0], outcomes(&again[0])[1]);
}

impl TestFiles {
    /// A store with its key loaded, as after its plans were offered.
    async fn store_with_key(&self) -> PlanStore {
        let store = self.store();
        store.plans().await;
        store
    }
}

/// security.md 59: truncated, empty, another plan's, random bytes.
#[tokio::test]
async fn a_plan_that_can_not_be_read_is_set_aside_with_its_results_and_said() {
    let test = TestFiles::new();
    let store = test.save("p", &["u1", "u2"]).await;
    record(&store, "p", 0, Outcome::Applied).await;
    let whole = std::fs::read(test.path("p.plan")).unwrap();
    let notes = std::fs::read(test.path("p.notes")).unwrap();
    let mut changed = whole.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    let damages = [whole[..middle].to_vec(), Vec::new(), b"{}".to_vec(), changed];
    for (n, damage) in damages.iter().enumerate() {
        std::fs::write(test.path("p.plan"), damage).unwrap();
        std::fs::write(test.path("p.notes"), &notes).unwrap();
        assert!(test.store().plans().await.is_empty());
        assert!(!test.path("p.plan").exists() && !test.path("p.notes").exists());
        assert_eq!(test.said().len(), n + 1);
        assert_eq!(test.said()[n], (DiskThing::Plan, DiskProblem::Damaged, true));
    }
    // Each file is still there, byte for byte.
    let mut kept: Vec<_> = std::fs::read_dir(test.folder())
        .unwrap()
        .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
        .collect();
    kept.sort();
    let mut wanted: Vec<_> = damages.into_iter().chain(std::iter::repeat_n(notes, 4)).collect();
    wanted.sort();
    assert_eq!(kept, wanted);
    // What was set aside adds no second notice.
    assert!(test.store().plans().await.is_empty());
    assert_eq!(test.said().len(), 4);
}

/// The app repairs the permissions of its own folders, so something else stands in for what can't be listed.
#[tokio::test]
async fn a_folder_that_can_not_be_listed_is_said() {
    let test = TestFiles::new();
    let folder = test.folder();
    std::fs::create_dir_all(folder.parent().unwrap()).unwrap();
    std::fs::write(&folder, "").unwrap();
    assert!(test.store().plans().await.is_empty());
    assert_eq!(test.said(), [(DiskThing::Plan, DiskProblem::Failed, false)]);
    std::fs::remove_file(&folder).unwrap();
    assert!(test.store().plans().await.is_empty());
    assert_eq!(test.said().len(), 1, "no folder is no plans");
}

#[tokio::test]
async fn one_plans_file_is_no_other_plan() {
    let test = TestFiles::new();
    test.save("p", &["u1"]).await;
    std::fs::copy(test.path("p.plan"), test.path("q.plan")).unwrap();
    let plans = test.store().plans().await;
    assert_eq!(plans.len(), 1);
    assert_eq!(test.names(), ["p.plan", "q.plan…"]);
}

#[tokio::test]
async fn a_file_of_another_version_is_left_alone() {
    let test = TestFiles::new();
    test.save("p", &["u1"]).await;
    let mut later = std::fs::read(test.path("p.plan")).unwrap();
    later[seal_version()] += 1;
    std::fs::write(test.path("q.plan"), &later).unwrap();
    for folder in ["plans", "plans.v2", "plans.v4"] {
        let folder = test.dir.path().join(folder).join("a/o");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("p.plan"), "another's").unwrap();
    }
    assert_eq!(test.store().plans().await.len(), 1);
    assert_eq!(test.names(), ["p.plan", "q.plan"]);
    assert_eq!(test.said(), [(DiskThing::Plan, DiskProblem::Damaged, false)]);
    for folder in ["plans", "plans.v2", "plans.v4"] {
        let path = test.dir.path().join(folder).join("a/o/p.plan");
        assert_eq!(std::fs::read(path).unwrap(), b"another's");
    }
}

/// The position of the version byte in a sealed file.
fn seal_version() -> usize {
    vault::seal::MAGIC.len()
}

#[tokio::test]
async fn plans_without_their_key_stay_where_they_are_and_open_again_with_it() {
    let mut test = TestFiles::new();
    let store = test.save("p", &["u1", "u2"]).await;
    let name = RecordName::file_key("a");
    let key = test.keychain.read_key(&name).await.unwrap().unwrap();
    test.keychain.delete_key(&name).await.unwrap();
    record(&store, "p", 0, Outcome::Applied).await;
    test.restart();
    assert!(test.store().plans().await.is_empty());
    assert_eq!(test.names(), ["p.notes", "p.plan"]);
    assert_eq!(test.said(), [(DiskThing::DataKey, DiskProblem::Missing, false)]);
    assert!(
        test.keychain.read_key(&name).await.unwrap().is_none(),
        "none is made for it"
    );
    test.keychain.write_key(&name, &key).await.unwrap();
    let plans = test.store().plans().await;
    assert_eq!(outcomes(&plans[0]), [Some(Outcome::Applied), None]);
}

/// The list or another organization's plan is stored while a run records its results.
#[tokio::test]
async fn a_key_that_is_lost_during_a_run_is_put_back_before_anything_else_is_stored() {
    let mut test = TestFiles::new();
    let store = test.save("p", &["u1", "u2", "u3"]).await;
    let name = RecordName::file_key("a");
    test.keychain.delete_key(&name).await.unwrap();
    record(&store, "p", 0, Outcome::Applied).await;
    assert!(save(&test.plans_of("a", "o2"), "q", &["u1"]).await);
    record(&store, "p", 1, Outcome::Applied).await;
    test.restart();
    let plans = test.store().plans().await;
    let applied = Some(Outcome::Applied);
    assert_eq!(outcomes(&plans[0]), [applied.clone(), applied, None]);
    assert_eq!(test.plans_of("a", "o2").plans().await.len(), 1);
    assert_eq!(test.said(), []);
}

/// Another process found no key and made one, or the keychain was replaced by another.
#[tokio::test]
async fn another_key_in_the_keychain_parts_no_plan_from_its_results() {
    let mut test = TestFiles::new();
    let store = test.save("p", &["u1", "u2"]).await;
    let name = RecordName::file_key("a");
    let first = test.keychain.read_key(&name).await.unwrap().unwrap();
    test.keychain.write_key(&name, &FileKey::random()).await.unwrap();
    record(&store, "p", 0, Outcome::Applied).await;
    assert!(save(&test.plans_of("a", "o2"), "q", &["u1"]).await);
    record(&store, "p", 1, Outcome::Applied).await;
    let files = ["p.plan", "p.notes"].map(|name| std::fs::read(test.path(name)).unwrap());
    test.restart();
    assert_eq!(test.plans_of("a", "o2").plans().await.len(), 1);
    assert!(test.store().plans().await.is_empty());
    assert_eq!(test.names(), ["p.notes…", "p.plan…"]);
    assert_eq!(test.said(), [(DiskThing::Plan, DiskProblem::Damaged, true)]);
    // Both open with the one key.
    for (name, file) in ["p.plan", "p.notes"].into_iter().zip(files) {
        std::fs::write(test.path(name), file).unwrap();
    }
    let plan = test.store().open(&test.path("p.plan"), &first).ok().flatten();
    let applied = Some(Outcome::Applied);
    assert_eq!(outcomes(&plan.unwrap()), [applied.clone(), applied]);
}

/// Its contents would be sealed by a key that no longer exists.
#[tokio::test]
async fn no_other_key_is_made_while_a_folder_of_the_account_can_not_be_listed() {
    let mut test = TestFiles::new();
    test.save("p", &["u1"]).await;
    let name = RecordName::file_key("a");
    test.keychain.delete_key(&name).await.unwrap();
    test.restart();
    let views = test.dir.path().join("views.v1");
    std::fs::create_dir_all(&views).unwrap();
    std::fs::write(views.join("a"), "a file where a folder should be").unwrap();
    assert!(!save(&test.store(), "q", &["u1"]).await);
    assert!(test.keychain.read_key(&name).await.unwrap().is_none());
    assert_eq!(test.names(), ["p.plan"], "it opens again when its key is back");
}

/// security.md 43: plans of one holder are not offered to another.
#[tokio::test]
async fn each_account_and_organization_has_its_own_plans() {
    let test = TestFiles::new();
    test.save("p", &["u1"]).await;
    for (account, organization) in [("b", "o"), ("a", "o2")] {
        let other = test.plans_of(account, organization);
        assert!(other.plans().await.is_empty());
        // Copied into the other folder the file does not open either, even with that holder's key.
        assert!(save(&other, "q", &["u1"]).await);
        let folder = other.0.folder.clone();
        std::fs::copy(test.path("p.plan"), folder.join("p.plan")).unwrap();
        let plans = test.plans_of(account, organization).plans().await;
        assert_eq!(plans.len(), 1);
        assert_eq!(plans[0].id.as_str(), "q");
    }
}

/// security.md 41: removes this holder's plans and no others; no later write brings one back.
#[tokio::test]
async fn a_sign_out_removes_the_plans_and_no_late_result_brings_one_back() {
    let test = TestFiles::new();
    let left = CancellationToken::new();
    let permission = WritePermission::new(left.clone());
    let store = PlanStore::new(test.files.slot(&id("a"), &id("o")), permission);
    assert!(save(&store, "p", &["u1"]).await);
    assert!(save(&test.plans_of("b", "o"), "p", &["u1"]).await);
    left.cancel();
    test.files.forget(&id("a")).await;
    record(&store, "p", 0, Outcome::Applied).await;
    assert!(!save(&store, "q", &["u1"]).await);
    assert!(!test.folder().exists());
    let key = test.keychain.read_key(&RecordName::file_key("a")).await;
    assert!(matches!(key, Ok(None)));
    assert_eq!(test.plans_of("b", "o").plans().await.len(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_on_the_computer_can_read_a_plan() {
    use std::os::unix::fs::PermissionsExt as _;
    let test = TestFiles::new();
    let store = test.save("p", &["u1", "u2"]).await;
    record(&store, "p", 0, Outcome::Applied).await;
    let mode = |name: &str| std::fs::metadata(test.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(""), mode("p.plan"), mode("p.notes")), (0o700, 0o600, 0o600));
}

/// security.md 62.
#[tokio::test]
async fn a_guest_reads_and_stores_plans_and_leaves_one_that_is_done_to_the_owner() {
    let test = TestFiles::new();
    let store = test.save("p", &["u1"]).await;
    record(&store, "p", 0, Outcome::Applied).await;
    test.save("q", &["u1"]).await;
    let (files, _) = test.guest();
    let guest = || {
        PlanStore::new(
            files.slot(&id("a"), &id("o")),
            WritePermission::new(CancellationToken::new()),
        )
    };
    let offered = guest().plans().await;
    assert_eq!(offered.len(), 1);
    let theirs = guest();
    assert!(save(&theirs, "r", &["u2"]).await);
    record(&theirs, "r", 0, Outcome::Unchanged).await;
    assert_eq!(test.names(), ["p.notes", "p.plan", "q.plan", "r.notes", "r.plan"]);
    test.store().plans().await;
    assert_eq!(test.names(), ["q.plan"]);
}

/// docs/decisions/0024.
#[tokio::test]
async fn a_claimed_plan_is_busy_for_others_and_one_without_a_file_is_gone_and_makes_none() {
    let test = TestFiles::new();
    let store = test.save("p", &["u1"]).await;
    record(&store, "p", 0, Outcome::Applied).await;
    let code = |claimed: Result<Claim, AppError>| claimed.err().map(|error| error.code);
    let claim = store.claim(&id("p"), 1).await.unwrap();
    assert_eq!(claim.outcomes.get(0), Some(&Outcome::Applied));
    assert_eq!(
        code(test.store().claim(&id("p"), 1).await),
        Some(ErrorCode::PlanBusy)
    );
    // The owner's next opening leaves a finished plan that somebody has claimed.
    assert!(test.store().plans().await.is_empty());
    assert!(test.path("p.plan").exists());
    drop(claim);
    assert!(test.store().plans().await.is_empty());
    assert!(!test.path("p.plan").exists() && !test.path("p.notes").exists());
    assert_eq!(code(store.claim(&id("p"), 1).await), Some(ErrorCode::PlanGone));
    test.files.forget(&id("a")).await;
    assert_eq!(code(store.claim(&id("p"), 1).await), Some(ErrorCode::PlanGone));
    assert!(!test.folder().exists(), "a sign-out removed it");
    assert_eq!(
        folder::names(&test.dir.path().join("locks/plans")),
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn a_plan_whose_lock_can_not_be_made_is_claimed_without_it() {
    let test = TestFiles::new();
    let store = test.save("p", &["u1"]).await;
    std::fs::create_dir_all(test.dir.path().join("locks/plans/p.lock")).unwrap();
    assert!(store.claim(&id("p"), 1).await.is_ok());
    record(&store, "p", 0, Outcome::Applied).await;
    assert!(test.store().plans().await.is_empty());
    assert!(
        !test.path("p.plan").exists(),
        "a finished plan is removed all the same"
    );
}

#[tokio::test]
async fn the_owner_removes_the_lock_of_a_plan_that_a_sign_out_removed_and_no_other() {
    let test = TestFiles::new();
    for account in ["a", "b"] {
        let store = test.plans_of(account, "o");
        let plan = format!("of-{account}");
        assert!(save(&store, &plan, &["u1"]).await);
        drop(store.claim(&id(&plan), 1).await.unwrap());
    }
    let locks = || folder::names(&test.dir.path().join("locks/plans"));
    assert_eq!(locks().len(), 2);
    test.files.forget(&id("a")).await;
    test.files.sweep(|| vec![id("b")]).await;
    assert_eq!(locks(), ["of-b.lock"]);
}
