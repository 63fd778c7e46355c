//! What was saved, as objects again. Pods are decoded on a thread of their own, while others are taken in.

use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use rmp_serde::decode::{Deserializer, ReadRefReader};
use serde::Deserialize;

use super::sibling::Sibling;
use super::{Fields, damaged};
use crate::error::Error;
use crate::objects::{Kind, Object, Pod, Provenance};
use crate::state::reload::{Beside, Known};

/// How many pods cross between the threads at once, and how many such lots may wait.
const LOT: u64 = 256;
const LOTS: usize = 64;

/// Decodes pods, each of which is whole or a sibling of one that is.
pub(super) struct Pods<'b> {
    bytes: &'b [u8],
    from: From<'b>,
    left: u64,
    whole: Vec<Arc<Pod>>,
}

type From<'b> = Deserializer<ReadRefReader<'b, [u8]>>;

/// So many objects, each behind the number of its kind.
pub(super) fn objects(bytes: &[u8], count: u64) -> Result<Vec<Object>, Error> {
    let mut from = Deserializer::from_read_ref(bytes);
    (0..count).map(|_| object(&mut from)).collect()
}

fn object(from: &mut From<'_>) -> Result<Object, Error> {
    let kind = u8::deserialize(&mut *from).map_err(damaged)?;
    let kind = Kind::ALL.get(usize::from(kind)).ok_or_else(|| damaged("it names a kind that is not there"))?;
    let fields = Fields::deserialize(&mut *from).map_err(damaged)?;
    let mut object = kind.deserialize(from).map_err(damaged)?;
    fields.give(&mut object);
    Ok(object)
}

fn made(mut pod: Pod, is_made: bool) -> Pod {
    pod.metadata.provenance = if is_made { Provenance::Admitted(None) } else { Provenance::Unsaid };
    pod
}

impl<'b> Pods<'b> {
    pub(super) fn new(bytes: &'b [u8], count: u64) -> Self {
        Pods { bytes, from: Deserializer::from_read_ref(bytes), left: count, whole: Vec::new() }
    }

    fn pod(&mut self) -> Result<Known, Error> {
        let of = Beside::deserialize(&mut self.from).map_err(damaged)?;
        if let Some(sibling) = Option::<Sibling>::deserialize(&mut self.from).map_err(damaged)? {
            let first = self.whole.get(sibling.of as usize);
            let first = first.ok_or_else(|| damaged("a pod is like one that is not there"))?;
            let labelled_as = Some((sibling.of, sibling.labels.clone()));
            let pod = Arc::new(made(sibling.pod(first, of.pin.as_deref()), of.is_made));
            return Ok(Known { pod, of, labelled_as });
        }
        let pod = Arc::new(made(Pod::deserialize(&mut self.from).map_err(damaged)?, of.is_made));
        let labelled_as = Some((self.whole.len() as u32, Vec::new()));
        self.whole.push(pod.clone());
        Ok(Known { pod, of, labelled_as })
    }

    /// Sends them in lots, until one cannot be decoded or nobody wants them any more.
    fn send(mut self, to: &SyncSender<Vec<Result<Known, Error>>>) {
        while self.left > 0 {
            let lot: Vec<_> = self.by_ref().take(LOT as usize).collect();
            if to.send(lot).is_err() {
                return;
            }
        }
    }

    /// Runs something that takes them, on this thread, while they are decoded on another one, if the system has one to give.
    pub(super) fn beside<R>(self, run: impl FnOnce(&mut dyn Iterator<Item = Result<Known, Error>>) -> R) -> R {
        let (bytes, count) = (self.bytes, self.left);
        thread::scope(|scope| {
            let (send, receive) = sync_channel(LOTS);
            let worker = thread::Builder::new().spawn_scoped(scope, move || Pods::new(bytes, count).send(&send));
            match worker {
                Ok(_) => run(&mut receive.into_iter().flatten()),
                Err(_) => run(&mut Pods::new(bytes, count)),
            }
        })
    }
}

impl Iterator for Pods<'_> {
    type Item = Result<Known, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let pod = self.pod();
        if pod.is_err() {
            self.left = 0;
        }
        Some(pod)
    }
}
