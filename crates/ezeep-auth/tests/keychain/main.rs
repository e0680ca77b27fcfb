//! The native keychain on Linux: a real gnome-keyring on the test's own bus, and services that misbehave.
//! `cargo test` needs no setup except the packages dbus and gnome-keyring.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![cfg(target_os = "linux")]

mod child;
#[path = "../support/fake_keychain.rs"]
mod fake_keychain;
#[path = "../support/keyring.rs"]
mod keyring;

use std::path::Path;

use fake_keychain::{FakeKeychain, Habit};
use keyring::{Bus, held, run_without_a_bus};

const CANARY: &str = "canary-refresh-token-7f3a";

/// security.md 29, and that a record outlives the process, the store object and the keychain's daemon.
#[test]
fn a_record_is_written_read_back_by_another_process_replaced_and_deleted() {
    let bus = Bus::start();
    let keyring = bus.keyring(true);
    held(&bus.run("child::writes"));
    held(&bus.run("child::reads_and_replaces"));
    drop(keyring);
    let keyring = bus.keyring(true);
    held(&bus.run("child::reads_the_replacement_and_deletes_it"));
    held(&bus.run("child::finds_nothing"));
    drop(keyring);
}

/// security.md 25: the key of a holder's files outlives the process, and is removed by itself.
#[test]
fn a_key_is_kept_in_a_record_of_its_own() {
    let bus = Bus::start();
    let keyring = bus.keyring(true);
    held(&bus.run("child::writes_a_key_beside_the_record"));
    drop(keyring);
    let keyring = bus.keyring(true);
    held(&bus.run("child::finds_the_key_and_deletes_it"));
    drop(keyring);
}

/// security.md 25.
#[test]
fn the_token_is_nowhere_on_disk_in_plain_text() {
    let bus = Bus::start();
    let _keyring = bus.keyring(true);
    held(&bus.run("child::writes"));
    let mut files = 0;
    search(bus.home(), &mut |bytes| {
        files += 1;
        assert!(
            !bytes
                .windows(CANARY.len())
                .any(|window| window == CANARY.as_bytes())
        );
    });
    assert!(files > 1, "the keyring's own file must be among them");
}

/// security.md 26.
#[test]
fn a_service_that_never_answers_times_out_blocks_nobody_and_lets_the_process_end() {
    let bus = Bus::start();
    let _mute = bus.mute();
    held(&bus.run("child::times_out_while_the_async_thread_goes_on"));
}

/// security.md 26: and works again when the service does, without making calls late that were given up.
#[test]
fn a_service_that_comes_back_is_used_again() {
    let bus = Bus::start();
    let mute = bus.mute();
    let flag = bus.home().join("timed-out");
    std::thread::scope(|scope| {
        let child = scope.spawn(|| bus.run("child::times_out_and_then_writes"));
        wait_for(&flag);
        drop(mute);
        let _keyring = bus.keyring(true);
        held(&child.join().unwrap());
    });
}

/// security.md 29: a restarted keychain does not count as missing.
#[test]
fn a_restarted_service_is_not_noticed() {
    let bus = Bus::start();
    let keyring = bus.keyring(true);
    std::thread::scope(|scope| {
        let child = scope.spawn(|| bus.run("child::writes_and_reads_again_after_a_restart"));
        wait_for(&bus.home().join("written"));
        drop(keyring);
        let _keyring = bus.keyring(true);
        std::fs::write(bus.home().join("restarted"), "").unwrap();
        held(&child.join().unwrap());
    });
}

/// security.md 25, 29: no service on the bus, and no bus.
#[test]
fn an_absent_keychain_is_reported() {
    held(&Bus::start().run("child::is_unavailable"));
    held(&run_without_a_bus("child::is_unavailable"));
}

/// security.md 29: the service is there, and no keyring was ever made: there is nothing to unlock.
#[test]
fn a_service_without_any_keyring_is_told_from_a_locked_one() {
    let bus = Bus::start();
    let _keyring = bus.keyring(false);
    held(&bus.run("child::has_no_keyring"));
}

/// security.md 29, 33: locked, and nothing can show a prompt for the password.
#[test]
fn a_locked_keychain_is_reported_and_keeps_what_it_holds() {
    let bus = Bus::start();
    let keyring = bus.keyring(true);
    held(&bus.run("child::writes"));
    drop(keyring);
    let keyring = bus.keyring(false);
    held(&bus.run("child::is_locked"));
    drop(keyring);
    let _keyring = bus.keyring(true);
    held(&bus.run("child::reads_and_replaces"));
}

/// security.md 26, 29: the prompt stays open; when the keychain is unlocked in another way, the next call
/// works, without a restart of the app.
#[test]
fn a_prompt_that_nobody_answers_times_out_and_an_unlocked_keychain_is_used_again() {
    let bus = Bus::start();
    let keyring = bus.keyring(true);
    held(&bus.run("child::writes"));
    drop(keyring);
    let _keyring = bus.keyring(false);
    let _prompter = bus.own("org.gnome.keyring.SystemPrompter");
    std::thread::scope(|scope| {
        let child = scope.spawn(|| bus.run("child::times_out_and_works_when_unlocked"));
        wait_for(&bus.home().join("timed-out"));
        bus.unlock();
        std::fs::write(bus.home().join("unlocked"), "").unwrap();
        held(&child.join().unwrap());
    });
}

/// security.md 29, 33: locked for one call, open for the next.
#[test]
fn a_keychain_that_is_unlocked_later_is_used_without_a_restart() {
    let bus = Bus::start();
    let keyring = bus.keyring(true);
    held(&bus.run("child::writes"));
    drop(keyring);
    let _keyring = bus.keyring(false);
    std::thread::scope(|scope| {
        let child = scope.spawn(|| bus.run("child::is_locked_and_works_when_unlocked"));
        wait_for(&bus.home().join("locked"));
        bus.unlock();
        std::fs::write(bus.home().join("unlocked"), "").unwrap();
        held(&child.join().unwrap());
    });
}

/// security.md 29, 33: the user closes the prompt; it does not appear again for the same call.
#[test]
fn a_dismissed_question_is_a_locked_keychain_and_is_asked_once() {
    for habit in [Habit::IsLockedAndStaysSo, Habit::AsksBeforeWriting] {
        let bus = Bus::start();
        let keychain = FakeKeychain::start(bus.address(), habit);
        held(&bus.run("child::is_dismissed"));
        assert_eq!(keychain.questions(), 1);
    }
}

/// security.md 29, 33: there, open, and it refuses.
#[test]
fn a_keychain_that_refuses_to_keep_anything_is_told_from_one_that_is_absent_or_locked() {
    let bus = Bus::start();
    let keychain = FakeKeychain::start(bus.address(), Habit::RefusesWrites);
    held(&bus.run("child::is_refused"));
    assert_eq!(keychain.questions(), 0);
}

/// security.md 29: a keychain that reports success and keeps nothing is detected by the probe at the start.
#[test]
fn a_keychain_that_keeps_nothing_is_found_out() {
    let bus = Bus::start();
    let _keychain = FakeKeychain::start(bus.address(), Habit::Forgets);
    held(&bus.run("child::keeps_nothing"));
}

/// security.md 26: slow, within the limit.
#[test]
fn a_slow_keychain_is_waited_for() {
    let bus = Bus::start();
    let keyring = bus.keyring(true);
    held(&bus.run("child::writes"));
    keyring.pause();
    std::thread::scope(|scope| {
        let child = scope.spawn(|| bus.run("child::waits_for_a_slow_keychain"));
        wait_for(&bus.home().join("waiting"));
        keyring.resume();
        held(&child.join().unwrap());
    });
}

/// security.md 26: hangs during a session, and recovers; calls that were given up are not made late.
#[test]
fn a_keychain_that_hangs_for_a_while_times_out_and_is_used_again() {
    let bus = Bus::start();
    let keyring = bus.keyring(true);
    std::thread::scope(|scope| {
        let child = scope.spawn(|| bus.run("child::writes_hangs_and_goes_on"));
        wait_for(&bus.home().join("written"));
        keyring.pause();
        std::fs::write(bus.home().join("paused"), "").unwrap();
        wait_for(&bus.home().join("timed-out"));
        keyring.resume();
        std::fs::write(bus.home().join("resumed"), "").unwrap();
        held(&child.join().unwrap());
    });
}

/// security.md 59: truncated, empty, and of another version: not parsed, and not treated as absent.
#[test]
fn a_record_and_a_key_that_can_not_be_read_are_told_from_none() {
    let bus = Bus::start();
    let _keyring = bus.keyring(true);
    held(&bus.run("child::is_damaged"));
}

/// security.md 29.
#[test]
fn two_records_of_one_name_are_reported() {
    let bus = Bus::start();
    let _keyring = bus.keyring(true);
    held(&bus.run("child::is_ambiguous"));
}

fn wait_for(file: &Path) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !file.exists() && std::time::Instant::now() < deadline {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

fn search(folder: &Path, check: &mut dyn FnMut(&[u8])) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match std::fs::symlink_metadata(&path).unwrap().file_type() {
            kind if kind.is_dir() => search(&path, check),
            kind if kind.is_file() => check(&std::fs::read(&path).unwrap()),
            _ => {}
        }
    }
}
