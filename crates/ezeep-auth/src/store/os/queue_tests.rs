//! The keychain's thread, with work that hangs, panics and counts.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

const LONG: Duration = Duration::from_secs(60);

fn job() -> (Job, oneshot::Receiver<Result<Bytes, StoreError>>) {
    let (done, answer) = oneshot::channel();
    let call = Call::Probe(RecordName::probe(1), None);
    (Job { call, done }, answer)
}

/// A gate that threads wait at. Counts those that passed and changed something.
struct Gate {
    open: Mutex<bool>,
    news: Condvar,
    waiting: AtomicUsize,
    changes: AtomicUsize,
}

impl Gate {
    const fn new() -> Self {
        Self {
            open: Mutex::new(false),
            news: Condvar::new(),
            waiting: AtomicUsize::new(0),
            changes: AtomicUsize::new(0),
        }
    }

    fn pass(&self) {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let mut open = self.open.lock().unwrap();
        while !*open {
            open = self.news.wait(open).unwrap();
        }
    }

    fn open(&self) {
        *self.open.lock().unwrap() = true;
        self.news.notify_all();
    }

    fn change(&self, job: ActiveJob) {
        let outcome = job.change(|| {
            self.changes.fetch_add(1, Ordering::SeqCst);
            Ok(())
        });
        job.done(outcome.map(|()| None));
    }

    fn until_waiting(&self, count: usize) {
        let deadline = Instant::now() + LONG;
        while self.waiting.load(Ordering::SeqCst) < count {
            assert!(Instant::now() < deadline, "no such thread");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// security.md 26: a thread that hangs at a prompt is abandoned, and changes nothing when the prompt is
/// answered late.
#[test]
fn a_thread_that_was_left_behind_changes_nothing_any_more() {
    static GATE: Gate = Gate::new();
    fn work(jobs: &mut dyn Iterator<Item = ActiveJob>) {
        for job in jobs {
            GATE.pass();
            GATE.change(job);
        }
    }
    let queue = Queue::default();
    let (first, first_answer) = job();
    queue.push(first, LONG, work).unwrap();
    GATE.until_waiting(1);
    let (second, second_answer) = job();
    queue.push(second, Duration::ZERO, work).unwrap();
    GATE.until_waiting(2);
    GATE.open();
    assert_eq!(first_answer.blocking_recv().unwrap(), Err(StoreError::TimedOut));
    assert_eq!(second_answer.blocking_recv().unwrap(), Ok(None));
    assert_eq!(GATE.changes.load(Ordering::SeqCst), 1);
}

/// security.md 26: a call that its caller gave up during the prompt is not made when the prompt is answered.
#[test]
fn a_call_that_was_given_up_changes_nothing() {
    static GATE: Gate = Gate::new();
    fn work(jobs: &mut dyn Iterator<Item = ActiveJob>) {
        for job in jobs {
            GATE.pass();
            GATE.change(job);
        }
    }
    let queue = Queue::default();
    let (first, gave_up) = job();
    queue.push(first, LONG, work).unwrap();
    GATE.until_waiting(1);
    drop(gave_up);
    let (second, gave_up) = job();
    queue.push(second, LONG, work).unwrap();
    drop(gave_up);
    let (third, answer) = job();
    queue.push(third, LONG, work).unwrap();
    GATE.open();
    assert_eq!(answer.blocking_recv().unwrap(), Ok(None));
    assert_eq!(GATE.changes.load(Ordering::SeqCst), 1);
}

/// However long it hangs and however often it is called, there are only a few threads.
#[test]
fn not_more_than_a_few_threads_hang_at_the_same_time() {
    static GATE: Gate = Gate::new();
    static THREADS: Mutex<Vec<std::thread::ThreadId>> = Mutex::new(Vec::new());
    fn work(jobs: &mut dyn Iterator<Item = ActiveJob>) {
        for job in jobs {
            let (mut threads, me) = (THREADS.lock().unwrap(), std::thread::current().id());
            if !threads.contains(&me) {
                threads.push(me);
            }
            drop(threads);
            GATE.pass();
            GATE.change(job);
        }
    }
    let queue = Queue::default();
    for n in 0..20 {
        let (job, _answer) = job();
        queue.push(job, Duration::ZERO, work).unwrap();
        GATE.until_waiting((n + 1).min(LEFT_BEHIND + 1));
    }
    assert_eq!(THREADS.lock().unwrap().len(), LEFT_BEHIND + 1);
    GATE.open();
    let (last, answer) = job();
    queue.push(last, LONG, work).unwrap();
    assert_eq!(answer.blocking_recv().unwrap(), Ok(None));
    // All calls that reached the keychain, including late ones.
    assert!(
        THREADS.lock().unwrap().len() <= LEFT_BEHIND + 2,
        "one more may do the last"
    );
}

/// A panic of the library affects no other call: the waiting callers get an error at once, and the next call
/// finds a new thread.
#[test]
fn a_thread_that_falls_over_is_replaced() {
    static FALLS: AtomicUsize = AtomicUsize::new(0);
    fn work(jobs: &mut dyn Iterator<Item = ActiveJob>) {
        for job in jobs {
            if FALLS.fetch_add(1, Ordering::SeqCst) == 0 {
                panic!("a library that falls over");
            }
            job.done(Ok(None));
        }
    }
    let queue = Queue::default();
    let (first, answer) = job();
    queue.push(first, LONG, work).unwrap();
    assert!(answer.blocking_recv().is_err());
    loop {
        let (next, answer) = job();
        queue.push(next, LONG, work).unwrap();
        // A call that came during the panic gets an error, too.
        if let Ok(outcome) = answer.blocking_recv() {
            break assert_eq!(outcome, Ok(None));
        }
    }
}

/// security.md 26: one call at a time.
#[test]
fn calls_are_made_one_at_a_time() {
    static NOW: AtomicUsize = AtomicUsize::new(0);
    static MOST: AtomicUsize = AtomicUsize::new(0);
    fn work(jobs: &mut dyn Iterator<Item = ActiveJob>) {
        for job in jobs {
            let now = NOW.fetch_add(1, Ordering::SeqCst) + 1;
            MOST.fetch_max(now, Ordering::SeqCst);
            std::thread::yield_now();
            NOW.fetch_sub(1, Ordering::SeqCst);
            job.done(Ok(None));
        }
    }
    let queue = Queue::default();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let (job, answer) = job();
                    queue.push(job, LONG, work).unwrap();
                    answer.blocking_recv().unwrap().unwrap();
                }
            });
        }
    });
    assert_eq!(MOST.load(Ordering::SeqCst), 1);
}
