//! Many forks at once: one thread a core, each with the next of the list.

use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use crate::error::Error;

/// How often `progress` is asked whether to go on.
const PATIENCE: Duration = Duration::from_millis(50);

/// Does something with each of so many things, on `threads` threads (0: one a core); the results in their order.
///
/// # Errors
/// The first that one gives, and where `progress` says stop: it is told how many are done.
pub(super) fn each<R: Send>(
    count: usize,
    threads: usize,
    progress: &mut dyn FnMut(usize, usize) -> bool,
    one: impl Fn(usize) -> Result<R, Error> + Sync,
) -> Result<Vec<R>, Error> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = if threads == 0 { cores } else { threads }.min(count).max(1);
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let mut results: Vec<Option<Result<R, Error>>> = (0..count).map(|_| None).collect();
    let mut stopped = false;
    thread::scope(|scope| {
        let (send, receive) = channel();
        for _ in 0..threads {
            let (send, next, stop, one) = (send.clone(), &next, &stop, &one);
            scope.spawn(move || {
                loop {
                    let nth = next.fetch_add(1, Ordering::Relaxed);
                    if nth >= count || stop.load(Ordering::Relaxed) || send.send((nth, one(nth))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(send);
        let mut done = 0;
        loop {
            match receive.recv_timeout(PATIENCE) {
                Ok((nth, result)) => {
                    done += 1;
                    if result.is_err() {
                        stop.store(true, Ordering::Relaxed);
                    }
                    results[nth] = Some(result);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if !stopped && !progress(done, count) {
                stopped = true;
                stop.store(true, Ordering::Relaxed);
            }
        }
    });
    if stopped {
        return Err(Error::stopped());
    }
    // One that was not begun stands behind an error.
    let mut done = Vec::with_capacity(count);
    let mut failed = None;
    for result in results.into_iter().flatten() {
        match result {
            Ok(result) => done.push(result),
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    match failed {
        Some(error) => Err(error),
        None => Ok(done),
    }
}
