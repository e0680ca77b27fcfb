//! Starts on one data directory, over real sockets. Starts in several processes are in tests/resilience.

use std::path::Path;
#[cfg(unix)]
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use vault::DataDirectory;

use super::first::First;
use super::server::FirstWindow;
#[cfg(unix)]
use super::server::serve;
use super::start::{Start, start_within};
use super::{os, owner_file};

/// Far longer than any step here takes.
const PATIENCE: Duration = Duration::from_secs(60);
/// The limit of a start that is not answered.
const SHORT: Duration = Duration::from_millis(300);
const LINK: &str = "dev.pressroom.console://oauth/callback?code=a&state=\"b\"";

/// A window that comes to the front when a test lets it.
struct Window {
    links: Mutex<Vec<String>>,
    asked: Notify,
    may_raise: Semaphore,
}

impl Window {
    /// A window that comes to the front this many times.
    fn raising(times: usize) -> Arc<Self> {
        Arc::new(Self {
            links: Mutex::default(),
            asked: Notify::new(),
            may_raise: Semaphore::new(times),
        })
    }

    fn links(&self) -> Vec<String> {
        self.links.lock().unwrap().clone()
    }

    fn serve(self: &Arc<Self>, first: &First) {
        let (first, window) = (first.clone(), Arc::clone(self));
        tokio::spawn(async move { first.serve(window).await });
    }
}

#[async_trait]
impl FirstWindow for Window {
    fn open_link(&self, link: &str) {
        self.links.lock().unwrap().push(link.to_owned());
    }

    async fn raise(&self) -> bool {
        self.asked.notify_one();
        let may_raise = self.may_raise.acquire().await;
        may_raise.map(SemaphorePermit::forget).is_ok()
    }
}

async fn first(data_dir: &Path) -> First {
    match start_within(data_dir, None, PATIENCE).await {
        Start::First(first) => first,
        _ => panic!("there is another one"),
    }
}

fn address(data_dir: &Path) -> String {
    owner_file::read(data_dir).unwrap().address.unwrap()
}

#[tokio::test]
async fn a_later_start_ends_when_the_window_is_in_front_and_has_its_link() {
    let dir = tempfile::tempdir().unwrap();
    let first = first(dir.path()).await;
    let window = Window::raising(0);
    window.serve(&first);
    let path = dir.path().to_owned();
    let later = tokio::spawn(async move { start_within(&path, Some(LINK), PATIENCE).await });
    window.asked.notified().await;
    assert_eq!(window.links(), [LINK]);
    assert!(!later.is_finished(), "the window is not in front");
    window.may_raise.add_permits(1);
    assert!(matches!(later.await.unwrap(), Start::HandedOver));
    window.may_raise.add_permits(1);
    let without = start_within(dir.path(), None, PATIENCE).await;
    assert!(matches!(without, Start::HandedOver));
    assert_eq!(window.links(), [LINK]);
}

#[tokio::test]
async fn a_window_that_does_not_come_to_the_front_has_the_link_and_is_told_by_its_process() {
    let dir = tempfile::tempdir().unwrap();
    let first = first(dir.path()).await;
    let ours = Some(std::process::id());
    // Not served yet, like a stopped process.
    let later = start_within(dir.path(), Some(LINK), SHORT).await;
    assert!(matches!(later, Start::Silent { process, delivered: true } if process == ours));
    let window = Window::raising(0);
    window.serve(&first);
    window.asked.notified().await;
    assert_eq!(window.links(), [LINK], "when it goes on");
    let later = start_within(dir.path(), Some("b"), SHORT).await;
    assert!(matches!(later, Start::Silent { process, delivered: true } if process == ours));
    assert_eq!(window.links(), [LINK, "b"]);
}

/// It is ending, and takes the link of a start once, however often that one asks.
#[tokio::test]
async fn a_window_that_can_not_come_to_the_front_takes_a_link_once() {
    let dir = tempfile::tempdir().unwrap();
    let first = first(dir.path()).await;
    let window = Window::raising(0);
    window.may_raise.close();
    window.serve(&first);
    let later = start_within(dir.path(), Some(LINK), SHORT).await;
    assert!(matches!(later, Start::Silent { delivered: true, .. }));
    assert_eq!(window.links(), [LINK]);
}

/// A closing window ends the connection, and releases the lock when the lists are saved.
#[tokio::test]
async fn a_start_while_the_window_goes_gets_a_window_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let going = first(dir.path()).await;
    let window = Window::raising(0);
    window.serve(&going);
    let path = dir.path().to_owned();
    let later = tokio::spawn(async move { start_within(&path, Some(LINK), PATIENCE).await });
    window.asked.notified().await;
    going.close();
    assert!(owner_file::read(dir.path()).is_none());
    tokio::task::yield_now().await;
    assert!(!later.is_finished(), "the lists are being saved");
    going.release();
    let Start::First(next) = later.await.unwrap() else {
        panic!("no window of its own")
    };
    assert!(next.directory().is_owner() && !going.directory().is_owner());
    // Closing twice does not affect the next one.
    going.close();
    drop(going);
    assert!(owner_file::read(dir.path()).is_some());
}

#[tokio::test]
async fn of_many_starts_at_one_moment_one_has_the_window() {
    let dir = tempfile::tempdir().unwrap();
    let window = Window::raising(20);
    let starts = (0..20).map(|n| {
        let (path, window) = (dir.path().to_owned(), Arc::clone(&window));
        tokio::spawn(async move {
            let start = start_within(&path, Some(&n.to_string()), PATIENCE).await;
            if let Start::First(first) = &start {
                window.serve(first);
            }
            start
        })
    });
    let mut firsts = Vec::new();
    for start in starts.collect::<Vec<_>>() {
        match start.await.unwrap() {
            Start::First(first) => firsts.push(first),
            Start::HandedOver => {}
            Start::Silent { .. } => panic!("not answered"),
        }
    }
    assert_eq!((firsts.len(), window.links().len()), (1, 19));
}

#[tokio::test]
async fn two_data_directories_never_meet() {
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let firsts = [first(dirs[0].path()).await, first(dirs[1].path()).await];
    assert!(firsts.iter().all(|first| first.directory().is_owner()));
}

#[tokio::test]
async fn an_owner_that_listens_nowhere_is_told_and_the_link_is_not_called_delivered() {
    let dir = tempfile::tempdir().unwrap();
    let owner = DataDirectory::own(dir.path()).unwrap();
    let later = start_within(dir.path(), Some(LINK), SHORT).await;
    assert!(matches!(
        later,
        Start::Silent {
            process: None,
            delivered: false
        }
    ));
    owner.release();
    first(dir.path()).await;
}

#[tokio::test]
async fn where_nothing_can_be_locked_the_start_has_its_window() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a file");
    std::fs::write(&file, "").unwrap();
    let first = first(&file).await;
    assert!(first.directory().is_owner());
    drop(first);
    assert_eq!(std::fs::read(&file).unwrap(), b"");
}

/// Its locks could not be opened for a moment, for example.
#[tokio::test]
async fn a_start_that_can_lock_hands_over_to_a_window_that_could_not() {
    let dir = tempfile::tempdir().unwrap();
    let locks = dir.path().join("locks");
    std::fs::write(&locks, "").unwrap();
    let unlocked = first(dir.path()).await;
    assert!(!unlocked.directory().is_locked());
    let window = Window::raising(1);
    window.serve(&unlocked);
    std::fs::remove_file(&locks).unwrap();
    let later = start_within(dir.path(), Some(LINK), PATIENCE).await;
    assert!(matches!(later, Start::HandedOver));
    assert_eq!(window.links(), [LINK]);
}

/// A backup that was restored beside it, for example.
#[tokio::test]
async fn a_copy_of_a_data_directory_has_a_window_of_its_own_and_leaves_the_other_one_alone() {
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let original = first(dirs[0].path()).await;
    let window = Window::raising(1);
    window.serve(&original);
    let [from, to] = dirs.each_ref().map(|dir| dir.path().join("owner.v1.json"));
    std::fs::copy(from, to).unwrap();
    drop(first(dirs[1].path()).await);
    let later = start_within(dirs[0].path(), None, PATIENCE).await;
    assert!(matches!(later, Start::HandedOver));
}

/// Anything but a message of this version changes nothing, and the next connection is served.
#[tokio::test]
async fn what_is_no_hand_over_is_closed_unanswered_and_holds_nobody_up() {
    let dir = tempfile::tempdir().unwrap();
    let first = first(dir.path()).await;
    let window = Window::raising(1);
    window.serve(&first);
    let (open, _) = os::connect(&address(dir.path())).await.unwrap();
    let other_version = json!({ "version": 2, "link": "a" }).to_string() + "\n";
    let endless = vec![b'a'; 200 * 1024];
    let web = b"GET / HTTP/1.1\r\n\r\n";
    for line in [&web[..], b"{}\n", other_version.as_bytes(), &endless] {
        let (mut stream, _) = os::connect(&address(dir.path())).await.unwrap();
        let _ = stream.write_all(line).await;
        let mut answer = Vec::new();
        let ended = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
        ended.expect("it is closed").ok();
        assert_eq!(answer, b"");
    }
    let (mut half, _) = os::connect(&address(dir.path())).await.unwrap();
    half.write_all(br#"{"version":1,"link":"a"}"#).await.unwrap();
    drop(half);
    let later = start_within(dir.path(), Some(LINK), PATIENCE).await;
    assert!(matches!(later, Start::HandedOver));
    assert_eq!(window.links(), [LINK]);
    drop(open);
}

/// A field that a later version adds is ignored.
#[tokio::test]
async fn a_later_versions_fields_are_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let first = first(dir.path()).await;
    let window = Window::raising(1);
    window.serve(&first);
    let (mut stream, _) = os::connect(&address(dir.path())).await.unwrap();
    let line = json!({ "version": 1, "link": LINK, "later": [1] }).to_string() + "\n";
    stream.write_all(line.as_bytes()).await.unwrap();
    let mut answer = [0; 64];
    let read = stream.read(&mut answer).await.unwrap();
    assert_eq!(&answer[..read], b"{\"version\":1,\"raised\":true}\n");
    assert_eq!(window.links(), [LINK]);
}

/// security.md 13.
#[cfg(unix)]
#[tokio::test]
async fn another_users_hand_over_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let first = first(dir.path()).await;
    let listener = first.take_listener().unwrap().for_another_user();
    let window = Window::raising(9);
    let serving = tokio::spawn(serve(listener, window.clone()));
    let later = start_within(dir.path(), Some(LINK), SHORT).await;
    assert!(matches!(later, Start::Silent { delivered: false, .. }));
    assert_eq!(window.links(), [""; 0]);
    serving.abort();
}

#[cfg(unix)]
fn long(dir: &Path) -> PathBuf {
    dir.join("a".repeat(90)).join("b".repeat(90))
}

#[cfg(unix)]
#[tokio::test]
async fn a_path_too_long_for_a_socket_has_it_elsewhere_and_all_of_it_is_closed_to_others() {
    use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
    let dir = tempfile::tempdir().unwrap();
    for (data_dir, inside) in [(dir.path().join("data"), true), (long(dir.path()), false)] {
        let first = first(&data_dir).await;
        let socket = PathBuf::from(address(&data_dir));
        assert_eq!(socket.starts_with(&data_dir), inside);
        let window = Window::raising(1);
        window.serve(&first);
        let later = start_within(&data_dir, None, PATIENCE).await;
        assert!(matches!(later, Start::HandedOver));
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let folder = socket.parent().unwrap();
        assert!(std::fs::metadata(&socket).unwrap().file_type().is_socket());
        assert_eq!((mode(&socket), mode(folder)), (0o600, 0o700));
        assert_eq!(mode(&data_dir.join("owner.v1.json")), 0o600);
        first.close();
        assert!(!socket.exists() && folder.exists() == inside);
    }
}

/// A killed process no longer listens, and has removed nothing.
#[cfg(unix)]
#[tokio::test]
async fn what_a_killed_owner_left_is_removed_by_the_next_one() {
    use std::os::unix::net::UnixListener;
    let dir = tempfile::tempdir().unwrap();
    let elsewhere = dir.path().join("pressroom-abc");
    let theirs = dir.path().join("theirs.sock");
    drop(UnixListener::bind(&theirs).unwrap());
    for (data_dir, left) in [
        (dir.path().join("data"), dir.path().join("data/owner.sock")),
        (long(dir.path()), elsewhere.join("owner.sock")),
        (dir.path().join("odd"), theirs.clone()),
    ] {
        std::fs::create_dir_all(&data_dir).unwrap();
        std::fs::create_dir_all(left.parent().unwrap()).unwrap();
        if left != theirs {
            drop(UnixListener::bind(&left).unwrap());
        }
        let directory = owner_file::name(&data_dir);
        let owner = json!({ "directory": directory, "process": 1, "address": left });
        std::fs::write(data_dir.join("owner.v1.json"), owner.to_string()).unwrap();
        let first = first(&data_dir).await;
        let window = Window::raising(1);
        window.serve(&first);
        let later = start_within(&data_dir, None, PATIENCE).await;
        assert!(matches!(later, Start::HandedOver));
    }
    assert!(!elsewhere.exists());
    assert!(theirs.exists(), "not ours");
}
