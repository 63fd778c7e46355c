//! How a cluster decides.

use std::ffi::c_char;
use std::mem::{MaybeUninit, offset_of, size_of};

use bayplan::Overlay;
use bayplan::expand::MAX_PODS;
use bayplan::read::{self, Reading, Treat, Validation};
use serde_json::Value;

use crate::error::Failure;
use crate::guard::{bytes, optional};
use crate::plugin::{Plugin, read_plugins};

/// `seed` counts: among nodes of the same score one is drawn, the same for the same seed. Without it the first in
/// node order is taken.
pub const BAYPLAN_OPTION_SEED: u32 = 1;
/// Pods that fit nowhere do not preempt others: decisions say nothing of preemption, and no pod is evicted. See also
/// bayplan_cluster_set_preemption.
pub const BAYPLAN_OPTION_NO_PREEMPTION: u32 = 2;

/// A manifest takes the place of the live object of its name, as with `kubectl replace`. Without it is merged into it as
/// `kubectl apply` does.
pub const BAYPLAN_OPTION_OVERLAY_REPLACE: u32 = 4;
/// Fields of manifests that no API server knows are no error: the objects are taken without them.
pub const BAYPLAN_OPTION_VALIDATE_IGNORE: u32 = 8;
/// All objects are taken as an API server returns them, with a uid or without: nothing is filled in, and nothing refused.
pub const BAYPLAN_OPTION_OBJECTS_LIVE: u32 = 16;

const KNOWN: u32 = BAYPLAN_OPTION_SEED
    | BAYPLAN_OPTION_NO_PREEMPTION
    | BAYPLAN_OPTION_OVERLAY_REPLACE
    | BAYPLAN_OPTION_VALIDATE_IGNORE
    | BAYPLAN_OPTION_OBJECTS_LIVE;

/// How a cluster decides. Set struct_size to sizeof(bayplan_options_t) and the rest to zero, then what is wanted.
#[repr(C)]
#[derive(Debug)]
pub struct Options {
    /// sizeof(bayplan_options_t).
    pub struct_size: u32,
    /// Any of the BAYPLAN_OPTION_ flags, or 0.
    pub flags: u32,
    /// The Kubernetes minor version, as "1.37"; null for the newest.
    pub version: *const c_char,
    /// A KubeSchedulerConfiguration, as JSON or YAML; null for the defaults of the version.
    pub configuration: *const c_char,
    /// Its length in bytes.
    pub configuration_length: usize,
    /// See BAYPLAN_OPTION_SEED.
    pub seed: u64,
    /// How many pods the workloads of one call may make; 0 for the default, a million. More are TOO_MANY_PODS.
    pub max_pods: u64,
    /// Filters and scores of the caller's own; null for none. The library keeps their functions, not the structs.
    pub plugins: *const Plugin,
    /// How many.
    pub plugin_count: usize,
}

/// What earlier versions of the struct took.
const EARLIER: [usize; 2] = [offset_of!(Options, max_pods), offset_of!(Options, plugins)];

/// What the options come to.
pub(crate) struct Chosen {
    pub(crate) cluster: bayplan::Options,
    pub(crate) reads: Reads,
}

/// How input is read, and how much it may make.
pub(crate) struct Reads {
    pub(crate) max_pods: usize,
    pub(crate) reading: Reading,
}

/// The same without options.
pub(crate) fn bare() -> Reads {
    Reads { max_pods: MAX_PODS, reading: Reading::default() }
}

/// Reads the caller's options, whatever version of the struct it was built with.
///
/// # Safety
/// `options` is null or points to as many bytes as its `struct_size` says.
pub(crate) unsafe fn read_options(options: *const Options) -> Result<Chosen, Failure> {
    if options.is_null() {
        return Ok(Chosen { cluster: bayplan::Options::default(), reads: bare() });
    }
    // SAFETY: not null; the size is the first field.
    let size = unsafe { (&raw const (*options).struct_size).read() } as usize;
    if !EARLIER.contains(&size) && !(size_of::<Options>()..=4096).contains(&size) {
        let expected = size_of::<Options>();
        return Err(Failure::argument(format!(
            "options.struct_size is {size}: sizeof(bayplan_options_t) is {expected}"
        )));
    }
    let mut own = MaybeUninit::<Options>::zeroed();
    let known = size.min(size_of::<Options>());
    // SAFETY: as many bytes are there on both sides; all of the struct's bytes are valid for its fields.
    let own = unsafe {
        own.as_mut_ptr().cast::<u8>().copy_from_nonoverlapping(options.cast(), known);
        own.assume_init()
    };
    // A newer program may ask for what this library does not know; it must not be ignored.
    // SAFETY: the caller's struct is that long.
    let rest = unsafe { std::slice::from_raw_parts(options.cast::<u8>().add(known), size - known) };
    if rest.iter().any(|byte| *byte != 0) {
        return Err(Failure::argument("options has fields that this version of the library does not know"));
    }
    if own.flags & !KNOWN != 0 {
        return Err(Failure::argument(format!("options.flags has unknown bits: {:#x}", own.flags)));
    }
    // SAFETY: null or as the header says.
    let version = unsafe { optional(own.version, "options.version") }?;
    let configuration = if own.configuration.is_null() {
        None
    } else {
        // SAFETY: not null, and as the header says.
        Some(configuration(unsafe { bytes(own.configuration, own.configuration_length, "options.configuration") }?)?)
    };
    let cluster = bayplan::Options {
        version: version.map(str::parse).transpose()?.unwrap_or_default(),
        configuration,
        seed: (own.flags & BAYPLAN_OPTION_SEED != 0).then_some(own.seed),
        preemption: own.flags & BAYPLAN_OPTION_NO_PREEMPTION == 0,
        overlay: if own.flags & BAYPLAN_OPTION_OVERLAY_REPLACE != 0 { Overlay::Replace } else { Overlay::Apply },
        // SAFETY: as the header says.
        plugins: unsafe { read_plugins(own.plugins, own.plugin_count) }?,
    };
    let max_pods = match own.max_pods {
        0 => MAX_PODS,
        pods => usize::try_from(pods).unwrap_or(usize::MAX),
    };
    let mut reading = Reading::default();
    if own.flags & BAYPLAN_OPTION_VALIDATE_IGNORE != 0 {
        reading.validation = Validation::Ignore;
    }
    if own.flags & BAYPLAN_OPTION_OBJECTS_LIVE != 0 {
        reading.treat = Treat::Live;
    }
    Ok(Chosen { cluster, reads: Reads { max_pods, reading } })
}

fn configuration(text: &[u8]) -> Result<Value, Failure> {
    let input = read::from_bytes(text, "options.configuration")
        .map_err(|error| Failure::new(crate::status::BAYPLAN_INVALID_CONFIGURATION, error.to_string()))?;
    let [configuration] = <[Value; 1]>::try_from(input.configurations).map_err(|found| {
        Failure::new(
            crate::status::BAYPLAN_INVALID_CONFIGURATION,
            format!(
                "options.configuration holds {} objects of the kind KubeSchedulerConfiguration: one is legal",
                found.len()
            ),
        )
    })?;
    Ok(configuration)
}

// A struct that grows does so at its end, and its size comes first.
const _: () = assert!(offset_of!(Options, struct_size) == 0);
