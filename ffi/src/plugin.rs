//! Filters and scores of the caller's own, in the place of kube-scheduler's out-of-tree plugins.

use std::cell::OnceCell;
use std::ffi::{c_char, c_void};
use std::mem::{offset_of, size_of};
use std::sync::Arc;

use bayplan::CustomPlugin;
use bayplan::custom::{Ask, Normalize, Question as Asked};

use crate::error::Failure;
use crate::guard::{sized, text};

/// Scores count as they are: from 0 to 100.
pub const BAYPLAN_NORMALIZE_NONE: u32 = 0;
/// The highest score of the feasible nodes becomes 100, 0 stays 0.
pub const BAYPLAN_NORMALIZE_HIGHEST: u32 = 1;
/// The highest becomes 0 and 0 becomes 100.
pub const BAYPLAN_NORMALIZE_REVERSE: u32 = 2;

/// The bit of a filter's code that says that evicting pods from the node cannot help.
pub const BAYPLAN_UNRESOLVABLE: u32 = 2_147_483_648;

/// What a plugin is asked: about one pod, and all nodes. It lives as long as the call to the plugin.
pub struct Question {
    pod: String,
    object: *const bayplan::objects::Pod,
    json: OnceCell<Vec<u8>>,
    asked: *const c_void,
    nodes: usize,
    fault: Option<String>,
}

/// Filters: writes a code for each node to `codes`, which come as zeros: 0 lets it pass, another number rejects it, see BAYPLAN_UNRESOLVABLE. With
/// false, or after bayplan_question_fail, the attempt ends as an error.
pub type Filter =
    Option<unsafe extern "C" fn(context: *mut c_void, question: *mut Question, codes: *mut u32, nodes: usize) -> bool>;
/// Scores: writes a score of 0 or more for each node to `scores`, which come as zeros. As for a filter.
pub type Score =
    Option<unsafe extern "C" fn(context: *mut c_void, question: *mut Question, scores: *mut i64, nodes: usize) -> bool>;
/// Writes the words for a code, as they stand in messages behind the number of nodes: up to `capacity` bytes, without a zero byte. How many it wrote.
pub type ReasonText =
    Option<unsafe extern "C" fn(context: *mut c_void, code: u32, text: *mut c_char, capacity: usize) -> usize>;

/// A plugin of the caller's own. Its functions are asked for all nodes at once, once in an attempt unless the pod has claims or extenders look at it. They
/// are asked of the cluster as it is: where preemption takes pods off a node, the answer for the node stands. They are called from the thread of a call or from one that the call began, several at a time where clusters are asked at the
/// same time. They must not use a cluster, nor throw, nor jump. They and `context` must live as long as a cluster that was made with them, or a fork of it.
/// The struct itself is only read. Begin with zeros, and set struct_size to sizeof(bayplan_plugin_t).
#[repr(C)]
#[derive(Debug)]
pub struct Plugin {
    /// sizeof(bayplan_plugin_t).
    pub struct_size: u32,
    /// One of the BAYPLAN_NORMALIZE_ numbers.
    pub normalize: u32,
    /// Its name, in the configuration and in answers; not one of kube-scheduler's plugins.
    pub name: *const c_char,
    /// Its filter, or null.
    pub filter: Filter,
    /// Its score, or null.
    pub score: Score,
    /// The words for the filter's codes; must be there where the filter is.
    pub reason: ReasonText,
    /// The weight of its score, 1 or more; what the configuration says counts before it.
    pub weight: i64,
    /// What its functions are called with.
    pub context: *mut c_void,
}

/// The caller's functions.
struct Functions {
    filter: Filter,
    score: Score,
    reason: ReasonText,
    context: *mut c_void,
}

// SAFETY: the header demands of the caller that the functions may be called with the context from any thread, several at a time.
unsafe impl Send for Functions {}
// SAFETY: as above.
unsafe impl Sync for Functions {}

/// The longest reason.
const WORDS: usize = 1024;

impl Functions {
    fn ask(&self, asked: &Asked<'_>, call: impl FnOnce(*mut c_void, *mut Question) -> bool) -> Result<(), String> {
        let metadata = &asked.pod.metadata;
        let mut question = Question {
            pod: format!("{}/{}", metadata.namespace, metadata.name),
            object: asked.pod,
            json: OnceCell::new(),
            asked: (&raw const *asked).cast(),
            nodes: asked.nodes.len(),
            fault: None,
        };
        let is_told = call(self.context, &raw mut question);
        match question.fault {
            None if is_told => Ok(()),
            fault => Err(fault.unwrap_or_else(|| "it did not say why".to_owned())),
        }
    }
}

impl Ask for Functions {
    fn filter(&self, asked: &Asked<'_>, codes: &mut [u32]) -> Result<(), String> {
        let Some(filter) = self.filter else { return Ok(()) };
        // SAFETY: the caller's function, with its context and an array of that length.
        self.ask(asked, |context, question| unsafe { filter(context, question, codes.as_mut_ptr(), codes.len()) })
    }

    fn score(&self, asked: &Asked<'_>, scores: &mut [i64]) -> Result<(), String> {
        let Some(score) = self.score else { return Ok(()) };
        // SAFETY: as above.
        self.ask(asked, |context, question| unsafe { score(context, question, scores.as_mut_ptr(), scores.len()) })
    }

    fn reason(&self, code: u32) -> String {
        let Some(reason) = self.reason else { return String::new() };
        let mut words = [0u8; WORDS];
        // SAFETY: as above.
        let length = unsafe { reason(self.context, code, words.as_mut_ptr().cast(), WORDS) };
        String::from_utf8_lossy(&words[..length.min(WORDS)]).into_owned()
    }
}

/// Reads the caller's plugins.
///
/// # Safety
/// `plugins` is null or points to `count` structs as the header says.
pub(crate) unsafe fn read_plugins(plugins: *const Plugin, count: usize) -> Result<Vec<CustomPlugin>, Failure> {
    if count == 0 {
        return Ok(Vec::new());
    }
    if plugins.is_null() {
        return Err(Failure::argument("options.plugins is null, and options.plugin_count is not 0"));
    }
    if count > MOST {
        return Err(Failure::argument(format!("options.plugin_count is {count}: {MOST} is the most")));
    }
    // SAFETY: not null, and as many as the caller says.
    let plugins = unsafe { std::slice::from_raw_parts(plugins, count) };
    let mut own = Vec::with_capacity(count);
    for (at, plugin) in plugins.iter().enumerate() {
        let wrong = |field: &str, what: String| Failure::argument(format!("options.plugins[{at}].{field} {what}"));
        if plugin.struct_size as usize != size_of::<Plugin>() {
            let sizeof = size_of::<Plugin>();
            let what = format!("is {}: sizeof(bayplan_plugin_t) is {sizeof}", plugin.struct_size);
            return Err(wrong("struct_size", what));
        }
        if plugin.filter.is_some() && plugin.reason.is_none() {
            return Err(wrong("reason", "is null, and there is a filter".to_owned()));
        }
        let normalize = match plugin.normalize {
            BAYPLAN_NORMALIZE_NONE => Normalize::None,
            BAYPLAN_NORMALIZE_HIGHEST => Normalize::Highest,
            BAYPLAN_NORMALIZE_REVERSE => Normalize::Reverse,
            other => return Err(wrong("normalize", format!("is {other}: no such number"))),
        };
        // SAFETY: null or as the header says.
        let name = unsafe { text(plugin.name, &format!("options.plugins[{at}].name")) }?;
        let Plugin { filter, score, reason, context, .. } = *plugin;
        let mut given = CustomPlugin::new(name, Arc::new(Functions { filter, score, reason, context }));
        if filter.is_some() {
            given = given.filters();
        }
        if score.is_some() {
            given = given.scores(plugin.weight, normalize);
        }
        own.push(given);
    }
    Ok(own)
}

/// More plugins than anybody has; the core's lists are short.
const MOST: usize = 8;

/// Gives a text to the caller; null where there is none.
unsafe fn show(text: &[u8], length: *mut usize) -> *const c_char {
    if !length.is_null() {
        // SAFETY: not null, and the caller lets it be written.
        unsafe { length.write(text.len()) };
    }
    text.as_ptr().cast()
}

/// The pod that a plugin is asked about, "namespace/name": `length` bytes, without a zero byte behind them. O(1)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_question_pod(question: *const Question, length: *mut usize) -> *const c_char {
    // SAFETY: the caller passes the question that it was called with.
    unsafe { question.as_ref().map_or(std::ptr::null(), |question| show(question.pod.as_bytes(), length)) }
}

/// The pod as JSON, with the fields that decisions look at: `length` bytes. O(pod), the first time
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_question_pod_json(question: *const Question, length: *mut usize) -> *const c_char {
    // SAFETY: the caller passes the question that it was called with, and the pod lives as long.
    unsafe {
        let Some(question) = question.as_ref() else { return std::ptr::null() };
        let json = question.json.get_or_init(|| serde_json::to_vec(&*question.object).unwrap_or_default());
        show(json, length)
    }
}

/// The rows of the nodes, in the order of the answers; `count` is how many. See bayplan_cluster_node_of_row. O(1)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_question_nodes(question: *const Question, count: *mut usize) -> *const u32 {
    // SAFETY: the caller passes the question that it was called with.
    unsafe {
        let Some(question) = question.as_ref() else { return std::ptr::null() };
        if !count.is_null() {
            count.write(question.nodes);
        }
        // A node's id is transparent over its row.
        (*question.asked.cast::<Asked<'_>>()).nodes.as_ptr().cast()
    }
}

/// The name of the node at a place of the answers, `length` bytes; null where the place is beyond the last. O(1)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_question_node_name(
    question: *const Question,
    at: usize,
    length: *mut usize,
) -> *const c_char {
    // SAFETY: the caller passes the question that it was called with.
    unsafe {
        let Some(question) = question.as_ref() else { return std::ptr::null() };
        let asked = &*question.asked.cast::<Asked<'_>>();
        match asked.nodes.get(at) {
            Some(node) => show(asked.node_name(*node).as_bytes(), length),
            None => std::ptr::null(),
        }
    }
}

/// Says why a plugin cannot tell: the attempt then ends as an error with these words. `length` may be BAYPLAN_ZERO_ENDED. O(1)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_question_fail(question: *mut Question, words: *const c_char, length: usize) {
    // SAFETY: the caller passes the question that it was called with, and a text as the header says.
    unsafe {
        let words = sized(words, length, "words").map_or_else(|_| "it did not say why".to_owned(), str::to_owned);
        if let Some(question) = question.as_mut() {
            question.fault = Some(words);
        }
    }
}

// A struct that grows does so at its end, and its size comes first.
const _: () = assert!(offset_of!(Plugin, struct_size) == 0);
const _: () = assert!(BAYPLAN_UNRESOLVABLE == bayplan::custom::UNRESOLVABLE);
