//! How many pods may be made in one call, and the caller's word on whether to go on.

use crate::error::{Error, ErrorKind};

/// How many pods a call makes at most unless it is told otherwise: more than the largest clusters hold, and few enough for the
/// memory of a large machine (some 5 KB each).
pub const MAX_PODS: usize = 1_000_000;

/// What is left of the pods that may be made. A workload that asks for more than that is refused before any is made.
pub struct Allowance<'p> {
    max_pods: usize,
    asked: usize,
    progress: &'p mut dyn FnMut(usize, usize) -> bool,
}

impl<'p> Allowance<'p> {
    /// So many pods, all workloads of the call together. `progress` is called before each is made, with 0, as none is
    /// placed yet, and the number of pods asked for so far; where it says `false`, no more are made.
    pub fn new(max_pods: usize, progress: &'p mut dyn FnMut(usize, usize) -> bool) -> Self {
        Allowance { max_pods, asked: 0, progress }
    }

    /// A workload asks for so many, in this field, if it is a field that says how many.
    pub(super) fn ask(&mut self, pods: usize, field: &str) -> Result<(), Error> {
        let left = self.max_pods - self.asked;
        if pods > left {
            let asked =
                if self.asked > 0 { format!(" beside {} of other workloads", self.asked) } else { String::new() };
            let s = if pods == 1 { "" } else { "s" };
            let problem = format!("it asks for {pods} pod{s}{asked}, and no more than {} may be made", self.max_pods);
            return Err(Error::new(ErrorKind::TooManyPods, problem)
                .at(field)
                .hint("raise max_pods (--max-pods of the command) if so many are meant"));
        }
        self.asked += pods;
        Ok(())
    }

    /// Shall one more be made?
    pub(super) fn go_on(&mut self) -> Result<(), Error> {
        if (self.progress)(0, self.asked) { Ok(()) } else { Err(Error::stopped()) }
    }
}
