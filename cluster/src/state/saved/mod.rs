//! A cluster as bytes, to be kept or sent to another process: its objects as they were read, and what is known beside. The tables are
//! made again when it is opened, so nothing in the bytes is trusted but that they are objects.
//!
//! The bytes are a line that names the format, then an LZ4 frame with a checksum. In it are MessagePack values: a head, then each object behind
//! the number of its kind, then each pod, whole or as what differs from one that is (`sibling`), behind what is known beside.

mod decode;
mod sibling;

use std::collections::HashMap;
use std::io::{Read, Write};
use std::sync::Arc;

use lz4_flex::frame::{FrameDecoder, FrameEncoder, FrameInfo};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::reload::{Known, Sizes};
use crate::error::{Error, ErrorKind};
use crate::objects::{Object, Pod, Provenance, TemplateHashes};
use crate::state::store::controller;
use crate::state::{Cluster, Options, Overlay};
use sibling::Sibling;

/// What the bytes begin with, the number of the format behind it. Another number is another form.
const MAGIC: &[u8] = b"bayplan cluster ";
const FORMAT: &[u8] = b"5\n";

/// What is not an object.
#[derive(Serialize, Deserialize)]
struct Head {
    version: String,
    configuration: Option<Value>,
    seed: Option<u64>,
    preemption: bool,
    overlay: Overlay,
    overlaid: Vec<String>,
    draws: u64,
    clock: i64,
    changes: u64,
    /// How many objects follow that are no pods, and how many pods.
    others: u64,
    pods: u64,
    /// The bytes that the objects take that are no pods.
    others_end: u64,
    /// How many classes and how many sets of labels the pods have, for tables that are made in one go.
    classes: u32,
    label_sets: u32,
}

/// What an object has beside the fields that are read: all of its JSON, or its `spec`; and the template that it had at first.
#[derive(Serialize, Deserialize)]
enum Fields {
    None,
    Kept(String, Option<TemplateHashes>),
    Admitted(String, Option<TemplateHashes>),
}

impl Fields {
    fn of(object: &Object) -> Self {
        let provenance = &object.metadata().provenance;
        match provenance {
            Provenance::Kept(text) => Fields::Kept(text.to_string(), provenance.original()),
            Provenance::Admitted(Some(whole)) => Fields::Admitted(Value::to_string(whole), provenance.original()),
            _ => Fields::None,
        }
    }

    fn give(self, object: &mut Object) {
        let (mut provenance, original) = match self {
            Fields::None => return,
            Fields::Kept(text, original) => (Provenance::Kept(Arc::new(text.into_boxed_str().into())), original),
            Fields::Admitted(text, original) => {
                let whole: Option<Value> = serde_json::from_str(&text).ok();
                (Provenance::Admitted(whole.map(|whole| Arc::new(whole.into()))), original)
            }
        };
        provenance.set_original(original);
        object.metadata_mut().provenance = provenance;
    }
}

impl Cluster {
    /// The cluster as bytes, for [`Self::from_bytes`]: its objects, the options that it was made with, and how often it has drawn among
    /// equal nodes. They are meant to be opened by the same version of bayplan; another one says so where it cannot.
    ///
    /// # Errors
    /// Where an object cannot be written, which none that was read is known to be; [`ErrorKind::Unsupported`] with plugins of the caller's own: what was
    /// opened would decide without them.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        if let Some(plugin) = self.compiler.plugins.first() {
            let problem = format!("plugin {}, which is the caller's own, cannot be saved", plugin.name());
            return Err(Error::new(ErrorKind::Unsupported, problem).hint("save a cluster that was made without it"));
        }
        let pods = self.grouped_pods();
        let mut others = Vec::new();
        for object in self.other_objects() {
            put(&mut others, &(object.kind() as u8))?;
            put(&mut others, &Fields::of(object))?;
            object.write(&mut rmp_serde::Serializer::new(&mut others).with_struct_map()).map_err(cannot)?;
        }
        let others_end = others.len() as u64;
        let mut plain = others;
        // The pods that are saved whole, and by controller and class the first of them.
        let mut whole: Vec<&Pod> = Vec::new();
        let mut firsts: HashMap<_, u32> = HashMap::new();
        for Known { pod, of, .. } in &pods {
            put(&mut plain, of)?;
            let owner = controller(&pod.metadata).map(|owner| (owner.kind.as_str(), owner.name.as_str()));
            let next = whole.len() as u32;
            let first = *firsts.entry((of.group, pod.metadata.namespace.as_str(), owner)).or_insert(next);
            let like = whole.get(first as usize).filter(|_| owner.is_some());
            let sibling = like.and_then(|like| Sibling::of(first, like, pod, of.pin.as_deref()));
            put(&mut plain, &sibling)?;
            if sibling.is_none() {
                let struct_map = &mut rmp_serde::Serializer::new(&mut plain).with_struct_map();
                pod.serialize(struct_map).map_err(cannot)?;
                whole.push(pod);
            }
        }
        let classes = pods.iter().filter_map(|known| known.of.group).max().map_or(0, |most| most + 1);
        let head = Head {
            version: self.compiler.version.name().to_owned(),
            configuration: self.configuration.as_deref().cloned(),
            seed: self.seed,
            preemption: self.preemption,
            overlay: self.overlay,
            overlaid: self.overlaid.iter().map(ToString::to_string).collect(),
            draws: self.draws,
            clock: self.clock,
            changes: self.changes,
            others: self.other_objects().count() as u64,
            pods: pods.len() as u64,
            others_end,
            classes,
            label_sets: whole.len() as u32,
        };
        let mut frame = FrameEncoder::with_frame_info(FrameInfo::new().content_checksum(true), Vec::new());
        rmp_serde::encode::write(&mut frame, &head).map_err(cannot)?;
        frame.write_all(&plain).map_err(cannot)?;
        Ok([MAGIC, FORMAT, &frame.finish().map_err(cannot)?].concat())
    }

    /// Opens what [`Self::to_bytes`] wrote: the same cluster, which decides the same.
    ///
    /// # Errors
    /// Where the bytes are no saved cluster, are of another format, or are damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let Some(rest) = bytes.strip_prefix(MAGIC) else {
            return Err(Error::input("these bytes are no saved cluster").hint("give what to_bytes made, all of it"));
        };
        let Some(frame) = rest.strip_prefix(FORMAT) else {
            let hint = "open it with the version of bayplan that saved it, or load the objects again";
            return Err(Error::new(ErrorKind::Unsupported, "the cluster was saved in another format").hint(hint));
        };
        let mut plain = Vec::new();
        FrameDecoder::new(frame).read_to_end(&mut plain).map_err(damaged)?;
        let mut rest = &plain[..];
        let head: Head = rmp_serde::from_read(&mut rest).map_err(damaged)?;
        let Head { configuration, seed, preemption, overlay, overlaid, .. } = head;
        let options =
            Options { version: head.version.parse()?, configuration, seed, preemption, overlay, plugins: Vec::new() };
        let mut cluster = Cluster::new(options)?;
        cluster.overlaid = overlaid.into_iter().map(Arc::from).collect();
        (cluster.draws, cluster.clock, cluster.changes) = (head.draws, head.clock, head.changes);
        let others_end = usize::try_from(head.others_end).unwrap_or(usize::MAX);
        let Some((others, pods)) = rest.split_at_checked(others_end) else { return Err(damaged("it ends too early")) };
        // Whatever the head counts takes a byte at least.
        let most = |count: u64| u32::try_from(count.min(rest.len() as u64)).unwrap_or(u32::MAX);
        let sizes = Sizes {
            pods: most(head.pods) as usize,
            classes: most(head.classes.into()),
            label_sets: most(head.label_sets.into()),
        };
        decode::Pods::new(pods, head.pods)
            .beside(|pods| cluster.take_in_again(decode::objects(others, head.others)?, pods, sizes))?;
        cluster.needed = cluster.rows()?;
        Ok(cluster)
    }
}

fn put(to: &mut Vec<u8>, value: &impl Serialize) -> Result<(), Error> {
    value.serialize(&mut rmp_serde::Serializer::new(to)).map_err(cannot)
}

fn cannot(why: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Internal, format!("the cluster cannot be written: {why}"))
}

fn damaged(why: impl std::fmt::Display) -> Error {
    Error::input(format!("the saved cluster is damaged: {why}")).hint("save it again, or load the objects again")
}
