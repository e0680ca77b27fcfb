//! Refreshes: one at a time, stored before used, in time, and with a result for all callers.

use super::*;

/// security.md 31.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_who_ask_at_once_make_one_refresh() {
    let bench = Bench::with(rotating()).await;
    let askers: Vec<_> = (0..100)
        .map(|n| {
            let session = bench.session.clone();
            tokio::spawn(async move {
                if n % 2 == 0 {
                    session.access().await
                } else {
                    session.renew(1).await
                }
            })
        })
        .collect();
    for asker in askers {
        let access = patiently(asker).await.unwrap().unwrap();
        assert_eq!((access.generation, organization(&access)), (2, Some("A")));
    }
    assert_eq!(bench.server.count(TOKEN), 1);
}

/// security.md 31: a late refusal of an old token does not discard a new one.
#[tokio::test]
async fn a_late_refusal_of_an_old_token_gets_the_newer_one_without_a_refresh() {
    let bench = Bench::with(rotating()).await;
    let first = bench.session.access().await.unwrap();
    let second = bench.session.renew(first.generation).await.unwrap();
    assert_eq!(second.generation, first.generation + 1);
    assert_eq!(
        bench.session.renew(first.generation).await.unwrap().generation,
        second.generation
    );
    assert_eq!(bench.server.count(TOKEN), 2);
}

/// security.md 33.
#[tokio::test]
async fn a_locked_or_read_only_store_means_that_no_token_is_spent() {
    let bench = Bench::with(rotating()).await;
    bench.shelf.lock(true);
    assert_eq!(
        bench.session.access().await.unwrap_err(),
        SessionError::Store(Shelf::refusal())
    );
    bench.shelf.lock(false);
    bench.shelf.plan(&[WriteFault::Refuse]);
    assert_eq!(
        bench.session.access().await.unwrap_err(),
        SessionError::Store(Shelf::refusal())
    );
    assert_eq!(bench.server.count(TOKEN), 0);
    assert_eq!(bench.state(), SessionState::Live);
    bench.session.access().await.unwrap();
}

/// security.md 33, 34: the order of a refresh.
#[tokio::test]
async fn the_store_is_proven_before_the_token_is_spent_and_holds_the_new_one_before_it_is_used() {
    let events = Arc::new(Mutex::new(Vec::new()));
    let seen = events.clone();
    let mut rotate = rotating();
    let bench = Bench::with(move |request| {
        seen.lock()
            .unwrap()
            .push(format!("spent {}", request.form["refresh_token"]));
        rotate(request)
    })
    .await;
    let shelf = Arc::new(Shelf {
        events: events.clone(),
        ..Shelf::default()
    });
    shelf.inner.write(&name(), &record("r1")).await.unwrap();
    let session = Session::restore(oauth(&bench.server.url), shelf, name())
        .await
        .unwrap()
        .unwrap();
    session.access().await.unwrap();
    events.lock().unwrap().push("used".into());
    assert_eq!(
        *events.lock().unwrap(),
        ["stored r1", "spent r1", "stored r2", "used"]
    );
}

/// security.md 34.
#[tokio::test]
async fn tokens_that_the_store_did_not_take_are_kept_and_stored_later_without_another_spending() {
    let bench = Bench::with(rotating()).await;
    let proof_works = WriteFault::None;
    bench.shelf.plan(&[
        proof_works,
        WriteFault::Refuse,
        WriteFault::Refuse,
        WriteFault::Refuse,
    ]);
    assert_eq!(
        bench.session.access().await.unwrap_err(),
        SessionError::Store(Shelf::refusal())
    );
    assert_eq!(bench.stored().await.as_deref(), Some("r1"));
    let access = bench.session.access().await.unwrap();
    assert_eq!(access.generation, 2);
    assert_eq!(bench.stored().await.as_deref(), Some("r2"));
    assert_eq!(bench.server.count(TOKEN), 1);
}

/// security.md 34: a single failure of the store has no effect.
#[tokio::test]
async fn a_store_that_refuses_once_is_asked_again() {
    let bench = Bench::with(rotating()).await;
    bench.shelf.plan(&[WriteFault::None, WriteFault::Refuse]);
    assert_eq!(bench.session.access().await.unwrap().generation, 2);
    assert_eq!(bench.stored().await.as_deref(), Some("r2"));
}

/// security.md 35.
#[tokio::test]
async fn a_refresh_runs_on_although_its_caller_went_away() {
    let gate = Arc::new(Notify::new());
    let (open, mut rotate) = (gate.clone(), rotating());
    let bench = Bench::with(move |request| Reply::After(open.clone(), Box::new(rotate(request)))).await;
    let session = bench.session.clone();
    let caller = tokio::spawn(async move { session.access().await });
    bench.server.wait_for(1).await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    gate.notify_one();
    assert_eq!(patiently(bench.session.access()).await.unwrap().generation, 2);
    assert_eq!(bench.stored().await.as_deref(), Some("r2"));
    assert_eq!(bench.server.count(TOKEN), 1);
}

/// security.md 39.
#[tokio::test]
async fn a_token_is_renewed_when_the_clock_says_so_and_a_clock_set_back_is_not_believed_alone() {
    let bench = Bench::with(rotating()).await;
    assert_eq!(bench.session.access().await.unwrap().generation, 2);
    bench.clock.ahead(Duration::from_secs(3600 - 61));
    assert_eq!(bench.session.access().await.unwrap().generation, 2);
    // Within the margin; as after a sleep, only the wall clock has moved.
    bench.clock.ahead(Duration::from_secs(1));
    assert_eq!(bench.session.access().await.unwrap().generation, 3);
    bench.clock.ahead(Duration::from_secs(7200));
    assert_eq!(bench.session.access().await.unwrap().generation, 4);
    bench.clock.back(Duration::from_secs(7200));
    assert_eq!(
        bench.session.access().await.unwrap().generation,
        4,
        "two hours back make no refresh storm"
    );
    // If the token has really expired, the API refuses it, and that counts.
    assert_eq!(bench.session.renew(4).await.unwrap().generation, 5);
}

/// security.md 39: the steady clock counts if the wall clock was set back.
#[tokio::test]
async fn a_token_runs_out_although_the_wall_clock_stands_still() {
    let bench = Bench::with(rotating()).await;
    assert_eq!(bench.session.access().await.unwrap().generation, 2);
    time_passes(Duration::from_secs(3_000)).await;
    assert_eq!(bench.session.access().await.unwrap().generation, 2);
    time_passes(Duration::from_secs(600)).await;
    assert_eq!(bench.session.access().await.unwrap().generation, 3);
}

/// security.md 39: at half of its lifetime, while the guard exists.
#[tokio::test]
async fn a_guarded_session_is_renewed_in_the_background_and_no_longer_when_the_guard_is_gone() {
    let bench = Bench::with(rotating()).await;
    let holders = || Arc::strong_count(&bench.session.core);
    let alone = holders();
    let guard = bench.session.keep_fresh();
    for generation in 2..5 {
        patiently(bench.until_generation(generation)).await;
        time_passes(Duration::from_secs(1_801)).await;
    }
    patiently(bench.until_generation(5)).await;
    drop(guard);
    // Neither the loop nor a refresh that it started holds the session any more.
    patiently(async {
        while holders() > alone {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let count = bench.server.count(TOKEN);
    time_passes(Duration::from_secs(36_000)).await;
    all_have_a_turn().await;
    assert_eq!(bench.server.count(TOKEN), count);
}

/// security.md 39: after a sleep the wall clock has moved and the steady one has not.
#[tokio::test]
async fn a_sleep_is_noticed_by_the_background_refresh() {
    let bench = Bench::with(rotating()).await;
    bench.session.access().await.unwrap();
    let guard = bench.session.keep_fresh_polling_every(Duration::from_millis(20));
    bench.clock.ahead(Duration::from_secs(1801));
    patiently(bench.server.wait_for(2)).await;
    assert_eq!(patiently(bench.session.renew(2)).await.unwrap().generation, 3);
    drop(guard);
}

/// security.md 39: after a sleep the pause of a failed refresh is over, too.
#[tokio::test]
async fn a_pause_after_a_failure_ends_with_the_sleep_of_the_computer() {
    let mut rotate = rotating();
    let mut failing = 1;
    let bench = Bench::with(move |request| {
        if failing > 0 {
            failing -= 1;
            return Reply::Text(
                429,
                vec![
                    ("Retry-After", "3600".into()),
                    ("Content-Type", "text/html".into()),
                ],
                String::new(),
            );
        }
        rotate(request)
    })
    .await;
    let guard = bench.session.keep_fresh_polling_every(Duration::from_millis(20));
    patiently(bench.server.wait_for(1)).await;
    while bench.session.core.inner().quiet.is_none() {
        tokio::task::yield_now().await;
    }
    time_passes(Duration::from_secs(1_800)).await;
    all_have_a_turn().await;
    assert_eq!(bench.server.count(TOKEN), 1);
    bench.clock.ahead(Duration::from_secs(2 * 3600));
    patiently(bench.server.wait_for(2)).await;
    assert_eq!(patiently(bench.session.access()).await.unwrap().generation, 2);
    drop(guard);
}

/// security.md 39: a wall clock set back by two hours neither stops the background refresh nor causes many.
#[tokio::test]
async fn a_clock_set_back_leaves_the_background_refresh_to_the_steady_clock() {
    let mut number = 1;
    let bench = Bench::with(move |_| {
        number += 1;
        tokens_for(&jwt(number, "p", "A"), &format!("r{number}"), 2)
    })
    .await;
    bench.session.access().await.unwrap();
    let guard = bench.session.keep_fresh_polling_every(Duration::from_millis(20));
    bench.clock.back(Duration::from_secs(2 * 3600));
    patiently(bench.server.wait_for(3)).await;
    assert!(bench.server.count(TOKEN) <= 4);
    drop(guard);
}

/// security.md 40.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_that_falls_over_wakes_everyone_and_the_next_one_works() {
    let bench = Bench::with(rotating()).await;
    bench.shelf.plan(&[WriteFault::Panic]);
    let askers: Vec<_> = (0..20)
        .map(|_| {
            let session = bench.session.clone();
            tokio::spawn(async move { session.access().await })
        })
        .collect();
    let mut interrupted = 0;
    for asker in askers {
        match patiently(asker).await.unwrap() {
            Err(SessionError::Interrupted) => interrupted += 1,
            // One that came after the panic made the next refresh.
            Ok(access) => assert_eq!(access.generation, 2),
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(interrupted >= 1);
    assert_eq!(bench.session.access().await.unwrap().generation, 2);
}

/// security.md 40: a failed one, too. On one thread, so that a task counted as waiting does wait.
#[tokio::test]
async fn a_refresh_that_fails_tells_everyone_who_waited() {
    let gate = Arc::new(Notify::new());
    let open = gate.clone();
    let bench = Bench::with(move |_| Reply::After(open.clone(), Box::new(refused("invalid_client")))).await;
    let waiting = Arc::new(AtomicUsize::new(0));
    let askers: Vec<_> = (0..20)
        .map(|_| {
            let (session, waiting) = (bench.session.clone(), waiting.clone());
            tokio::spawn(async move {
                waiting.fetch_add(1, Ordering::SeqCst);
                session.access().await
            })
        })
        .collect();
    bench.server.wait_for(1).await;
    while waiting.load(Ordering::SeqCst) < 20 {
        tokio::task::yield_now().await;
    }
    gate.notify_one();
    for asker in askers {
        assert_eq!(
            patiently(asker).await.unwrap().unwrap_err(),
            SessionError::Token(TokenError::InvalidClient)
        );
    }
    assert_eq!(bench.server.count(TOKEN), 1);
}
