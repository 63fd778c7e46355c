//! The configuration's extenders, whose requests the caller carries.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use bayplan::custom::CallExtender;

use crate::cluster::{Cluster, change};
use crate::error::Error;
use crate::guard::{bytes, sized};
use crate::status::Status;

/// An answer that is being written; it lives as long as the call for it.
#[derive(Default)]
pub struct Reply {
    body: Vec<u8>,
    fault: Option<String>,
}

/// Posts `length` bytes of JSON to a URL, as kube-scheduler does for an extender, and writes what came back to `reply`, where the answer's status was 200.
/// Pods and nodes have the fields that decisions look at, and no others. With false, or after bayplan_reply_fail, the extender failed. The URL ends in a zero byte.
pub type PostToExtender = Option<
    unsafe extern "C" fn(
        context: *mut c_void,
        url: *const c_char,
        body: *const c_char,
        length: usize,
        reply: *mut Reply,
    ) -> bool,
>;

struct Calls {
    post: unsafe extern "C" fn(*mut c_void, *const c_char, *const c_char, usize, *mut Reply) -> bool,
    context: *mut c_void,
}

// SAFETY: the header demands of the caller that the function may be called with the context from any thread, several at a time.
unsafe impl Send for Calls {}
// SAFETY: as above.
unsafe impl Sync for Calls {}

impl CallExtender for Calls {
    fn call(&self, url: &str, body: &[u8]) -> Result<Vec<u8>, String> {
        let url = std::ffi::CString::new(url).map_err(|_| "its URL has a zero byte".to_owned())?;
        let mut reply = Reply::default();
        // SAFETY: the caller's function, with its context, a text that ends in a zero byte, and a body of that length.
        let is_told =
            unsafe { (self.post)(self.context, url.as_ptr(), body.as_ptr().cast(), body.len(), &raw mut reply) };
        match reply.fault {
            None if is_told => Ok(reply.body),
            fault => Err(fault.unwrap_or_else(|| "it did not say why".to_owned())),
        }
    }
}

/// From now on the extenders of the configuration are asked in attempts of this cluster and of its later forks, through `post`: filter and prioritize, with
/// weights, managed resources, nodeCacheCapable and ignorable as kube-scheduler honours them. Preemption does not ask them, which decisions then say. Null
/// asks nobody, as before: decisions say where an extender concerns a pod. `post` and `context` must live as long as a cluster that has them. It is called
/// from the thread of a call or from one that the call began, several at a time where clusters are asked at the same time; it must not use a cluster, nor
/// throw, nor jump. O(1)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_set_extenders(
    cluster: *mut Cluster,
    post: PostToExtender,
    context: *mut c_void,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        change(cluster, error, |cluster| {
            let calls = post.map(|post| Arc::new(Calls { post, context }) as Arc<dyn CallExtender>);
            cluster.inner_mut().set_extender_calls(calls);
            Ok(())
        })
    }
}

/// Adds bytes to the answer; nothing for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_reply_write(reply: *mut Reply, data: *const c_char, length: usize) {
    // SAFETY: the caller passes the reply that it was called with, and as many bytes as it says.
    unsafe {
        if let (Some(reply), Ok(data)) = (reply.as_mut(), bytes(data, length, "data")) {
            reply.body.extend_from_slice(data);
        }
    }
}

/// Says why there is no answer, in the words that an event will have. `length` may be BAYPLAN_ZERO_ENDED. O(1)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_reply_fail(reply: *mut Reply, words: *const c_char, length: usize) {
    // SAFETY: the caller passes the reply that it was called with, and a text as the header says.
    unsafe {
        if let Some(reply) = reply.as_mut() {
            let words = sized(words, length, "words");
            reply.fault = Some(words.map_or_else(|_| "it did not say why".to_owned(), str::to_owned));
        }
    }
}
