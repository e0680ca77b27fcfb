//! Starts on one data directory: windows, of which only one stays, and other programs (security.md 13, 62).

use resilience::headless::Headless;
use serde_json::Value;

use crate::world::World;

const LINK: &str = "dev.pressroom.console://oauth/callback?code=a&state=b";

fn window(world: &World, link: Option<&str>) -> Headless {
    Headless::start_window(&world.lane.profile, link).unwrap()
}

/// The result of a start.
async fn came_to(console: &Headless) -> Value {
    console.started().await.unwrap()["as"].clone()
}

async fn hears_the_link(window: &Headless) {
    let link = window
        .news("the link of the later start", |line| {
            line["link"]["link"].as_str().map(str::to_owned)
        })
        .await
        .unwrap();
    assert_eq!(link, LINK);
}

fn links(window: &Headless) -> usize {
    window.count(|line| line.get("link").is_some())
}

/// security.md 13.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_later_start_hands_its_link_over_and_ends_and_a_killed_window_is_followed_by_another() {
    let world = World::new(0).await;
    for _ in 0..2 {
        let first = window(&world, None);
        assert_eq!(came_to(&first).await, "first");
        let mut later = window(&world, Some(LINK));
        assert_eq!(came_to(&later).await, "handedOver");
        later.ended().await.unwrap();
        hears_the_link(&first).await;
        assert_eq!(links(&first), 1);
        // The lock is released, but the address is still there.
        first.kill().await.unwrap();
        assert!(left(&world, "owner.v1.json"));
        assert_eq!(left(&world, "owner.sock"), cfg!(unix));
    }
    let last = window(&world, None);
    assert_eq!(came_to(&last).await, "first");
    last.quit().await.unwrap();
    assert!(!left(&world, "owner.v1.json") && !left(&world, "owner.sock"));
}

fn left(world: &World, name: &str) -> bool {
    world.lane.profile.data_dir.join(name).exists()
}

/// security.md 13: like a window that is swapped out, or stuck in the kernel.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_that_stands_still_is_told_by_its_process_and_has_the_link_when_it_goes_on() {
    use rustix::process::{Pid, Signal, kill_process};
    let world = World::new(0).await;
    let first = window(&world, None);
    assert_eq!(came_to(&first).await, "first");
    let id = first.pid().and_then(|id| i32::try_from(id).ok()).unwrap();
    let signal = |signal| kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
    signal(Signal::STOP);
    let mut later = window(&world, Some(LINK));
    let started = later.started().await.unwrap();
    assert_eq!(
        started,
        serde_json::json!({ "as": "silent", "process": first.pid(), "delivered": true })
    );
    later.ended().await.unwrap();
    signal(Signal::CONT);
    hears_the_link(&first).await;
    assert_eq!(links(&first), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_starts_at_the_same_moment_one_is_the_window() {
    let world = World::new(0).await;
    let starts: Vec<_> = (0..6).map(|_| window(&world, None)).collect();
    let mut firsts = 0;
    for start in &starts {
        match came_to(start).await.as_str() {
            Some("first") => firsts += 1,
            other => assert_eq!(other, Some("handedOver")),
        }
    }
    assert_eq!(firsts, 1);
}

/// security.md 62.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beside_a_window_a_program_is_a_guest_until_its_end() {
    let world = World::new(0).await;
    let first = window(&world, None);
    assert_eq!(came_to(&first).await, "first");
    let guest = world.lane.start().unwrap();
    assert_eq!(came_to(&guest).await, "guest");
    first.kill().await.unwrap();
    let next = window(&world, None);
    assert_eq!(came_to(&next).await, "first", "a guest is in nobody's way");
    next.kill().await.unwrap();
    let alone = world.lane.start().unwrap();
    assert_eq!(came_to(&alone).await, "owner");
}
