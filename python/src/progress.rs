//! Long calls: Python's signals are seen to, and progress is reported, a few times a second.

use std::time::{Duration, Instant};

use pyo3::prelude::*;

const EVERY: Duration = Duration::from_millis(50);

/// Is handed to a long call that runs detached from the interpreter.
pub(crate) struct Progress {
    callback: Option<Py<PyAny>>,
    last: Instant,
    fault: Option<PyErr>,
}

impl Progress {
    pub(crate) fn new(callback: Option<Py<PyAny>>) -> Self {
        Progress { callback, last: Instant::now(), fault: None }
    }

    /// Shall the call go on? Attaches to the interpreter only once in a while.
    pub(crate) fn step(&mut self, done: usize, all: usize) -> bool {
        if self.last.elapsed() < EVERY {
            return true;
        }
        let told = Python::attach(|py| {
            py.check_signals()?;
            match &self.callback {
                Some(callback) => callback.call1(py, (done, all)).map(drop),
                None => Ok(()),
            }
        });
        self.last = Instant::now();
        match told {
            Ok(()) => true,
            Err(fault) => {
                self.fault = Some(fault);
                false
            }
        }
    }

    /// The exception that ended the call, if one did.
    pub(crate) fn finish(self) -> PyResult<()> {
        self.fault.map_or(Ok(()), Err)
    }
}
