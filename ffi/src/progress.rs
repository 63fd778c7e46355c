//! How far a long call is.

use std::ffi::c_void;

use crate::cluster::{Cluster, change};
use crate::error::Error;
use crate::status::Status;

/// Is told how far a long call is, `all` being 0 where that is not known, and says whether it goes on: with false the call ends with BAYPLAN_STOPPED, and
/// nothing is changed. It is called from the thread of the call or from one that the call began, one at a time, and must not use the cluster, nor throw.
pub type GoOn = Option<unsafe extern "C" fn(context: *mut c_void, done: usize, all: usize) -> bool>;

/// Who is told.
#[derive(Clone, Copy)]
pub(crate) struct Progress {
    go_on: unsafe extern "C" fn(context: *mut c_void, done: usize, all: usize) -> bool,
    context: *mut c_void,
}

// SAFETY: the header demands of the caller that the function may be called with the context from any thread.
unsafe impl Send for Progress {}
// SAFETY: as above.
unsafe impl Sync for Progress {}

impl Progress {
    pub(crate) fn tell(&self, done: usize, all: usize) -> bool {
        // SAFETY: the caller of bayplan_cluster_set_progress keeps function and context alive.
        unsafe { (self.go_on)(self.context, done, all) }
    }
}

/// From now on `go_on` is called in the long calls of this cluster and of its later forks (schedule, place, fit, ask), again and again, with `context`. Both must
/// live as long as it is set; null ends it. O(1)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_set_progress(
    cluster: *mut Cluster,
    go_on: GoOn,
    context: *mut c_void,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        change(cluster, error, |cluster| {
            cluster.progress = go_on.map(|go_on| Progress { go_on, context });
            Ok(())
        })
    }
}
