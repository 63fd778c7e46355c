//! A cluster behind a handle.

use std::ffi::c_char;
use std::sync::Arc;

use bayplan::objects::{Kind, Object};
use bayplan::{Cluster as Inner, PlaceOptions, read, render};

use crate::decision::Decisions;
use crate::error::{Error, Failure};
use crate::guard::{BAYPLAN_ZERO_ENDED, bytes, call, clear, drop_handle, get, give, optional, out, sized, text};
use crate::ids::Names;
use crate::in_use::{InUse, Inside};
use crate::options::{Options, Reads, read_options};
use crate::progress::Progress;
use crate::status::{self, Status};
use crate::text::Strings;

/// A cluster that can be asked where pods would land. Free it with bayplan_cluster_free.
///
/// It may be handed from thread to thread. While one thread is in a function that takes it without const, no other
/// may be in any function with the same cluster (BAYPLAN_MISUSE); functions that take it const may run side by side.
pub struct Cluster {
    inner: Inner,
    pub(crate) skipped: read::Skipped,
    /// How many pods the workloads of one call may make.
    pub(crate) max_pods: usize,
    /// How input is read.
    pub(crate) reading: read::Reading,
    /// A change was left half way by a fault.
    faulty: bool,
    /// Who is told how far a long call is.
    pub(crate) progress: Option<Progress>,
    /// The names that ids stand for.
    pub(crate) names: Names,
    /// Who is in it.
    in_use: Arc<InUse>,
}

impl Cluster {
    /// A cluster by itself.
    pub(crate) fn of(inner: Inner, skipped: read::Skipped, options: Reads) -> Cluster {
        Cluster {
            inner,
            skipped,
            max_pods: options.max_pods,
            reading: options.reading,
            faulty: false,
            progress: None,
            names: Names::default(),
            in_use: Arc::default(),
        }
    }

    /// Another cluster of the same options.
    pub(crate) fn with(&self, inner: Inner, skipped: read::Skipped) -> Cluster {
        Cluster {
            inner,
            skipped,
            max_pods: self.max_pods,
            reading: self.reading.clone(),
            faulty: false,
            progress: self.progress,
            names: self.names.clone(),
            in_use: Arc::default(),
        }
    }

    /// The library's own.
    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    /// The same to change.
    pub(crate) fn inner_mut(&mut self) -> &mut Inner {
        &mut self.inner
    }

    /// Comes in to look, where nobody changes it and no fault did.
    pub(crate) fn look(&self) -> Result<Inside<'_>, Failure> {
        let inside = self.in_use.look()?;
        self.sound().map(|()| inside)
    }

    /// Tells how far a long call is; whether it goes on.
    pub(crate) fn go_on(&self, done: usize, all: usize) -> bool {
        self.progress.is_none_or(|progress| progress.tell(done, all))
    }

    fn sound(&self) -> Result<(), Failure> {
        if !self.faulty {
            return Ok(());
        }
        let message = "an earlier call met a fault and left the cluster half changed: free it";
        Err(Failure::new(status::BAYPLAN_INTERNAL, message.to_owned()))
    }
}

/// Runs a call that changes the cluster.
///
/// # Safety
/// `cluster` is null or points to a live cluster; and as [`call`].
pub(crate) unsafe fn change(
    cluster: *mut Cluster,
    error: *mut *mut Error,
    body: impl FnOnce(&mut Cluster) -> Result<(), Failure>,
) -> Status {
    // SAFETY: as above.
    unsafe {
        call(error, || {
            if cluster.is_null() {
                return Err(Failure::argument("cluster is null".to_owned()));
            }
            // It lies beside the cluster, which is this call's alone from here on.
            let in_use = (*cluster).in_use.clone();
            let inside = in_use.change()?;
            let cluster = &mut *cluster;
            cluster.sound()?;
            cluster.faulty = true;
            let result = body(cluster);
            cluster.faulty = false;
            drop(inside);
            result
        })
    }
}

/// Runs a call that only looks.
///
/// # Safety
/// As [`get`] and [`call`].
pub(crate) unsafe fn look(
    cluster: *const Cluster,
    error: *mut *mut Error,
    body: impl FnOnce(&Cluster) -> Result<(), Failure>,
) -> Status {
    // SAFETY: as above.
    unsafe {
        call(error, || {
            let cluster = get(cluster, "cluster")?;
            let _inside = cluster.look()?;
            body(cluster)
        })
    }
}

/// Runs a call that only looks and gives a list of texts.
///
/// # Safety
/// As [`look`]; `strings` is null or may be written.
unsafe fn list(
    cluster: *const Cluster,
    strings: *mut *mut Strings,
    error: *mut *mut Error,
    body: impl FnOnce(&Cluster) -> Result<Strings, Failure>,
) -> Status {
    // SAFETY: as above.
    unsafe {
        look(cluster, error, |cluster| {
            let strings = out(strings, "strings")?;
            give(strings, body(cluster)?);
            Ok(())
        })
    }
}

/// Makes an empty cluster. Null options stand for the newest version and kube-scheduler's defaults. O(1)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_new(
    options: *const Options,
    cluster: *mut *mut Cluster,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        clear(cluster);

        call(error, || {
            let cluster = out(cluster, "cluster")?;
            let options = read_options(options)?;
            let inner = Inner::new(options.cluster)?;
            give(cluster, Cluster::of(inner, read::Skipped::default(), options.reads));
            Ok(())
        })
    }
}

/// Frees a cluster; nothing for null. O(all), or O(1) while forks share it
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_free(cluster: *mut Cluster) {
    // SAFETY: the caller passes null or a cluster that it has not freed.
    unsafe { drop_handle(cluster) }
}

/// Makes an independent copy: what happens to one no longer concerns the other. A fork.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_fork(
    cluster: *const Cluster,
    fork: *mut *mut Cluster,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        clear(fork);

        look(cluster, error, |cluster| {
            let fork = out(fork, "fork")?;
            memory_for(&cluster.inner)?;
            give(fork, cluster.with(cluster.inner.clone(), cluster.skipped.clone()));
            Ok(())
        })
    }
}

/// Takes in Kubernetes objects: JSON or YAML, a list as kubectl prints it, one object, or several documents. A later
/// object updates an earlier one of the same name, as kubectl apply does. An object with a `metadata.uid` is taken as an
/// API server returned it; one without is a manifest: what a server would fill in is filled in, and what it would refuse,
/// such as a field that it does not know or a container without an image, is `BAYPLAN_INVALID_INPUT`. `source` names the
/// input in messages; it may be null. On an error nothing is taken in. O(input), and a fork for more than 64 objects.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_load(
    cluster: *mut Cluster,
    data: *const c_char,
    length: usize,
    source: *const c_char,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        change(cluster, error, |cluster| {
            let input = input(data, length, source, &cluster.reading)?;
            if input.objects.len() > 1 {
                memory_for(&cluster.inner)?;
            }
            cluster.inner.load(input.objects)?;
            cluster.skipped.merge(&input.skipped);
            Ok(())
        })
    }
}

/// Puts in one object, in the place of the one of the same name: the door that a watch feeds. On an error the cluster
/// is as before. O(changed)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_upsert(
    cluster: *mut Cluster,
    data: *const c_char,
    length: usize,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        change(cluster, error, |cluster| {
            let object = one(input(data, length, std::ptr::null(), &cluster.reading)?)?;
            Ok(cluster.inner.upsert(object)?)
        })
    }
}

/// Takes an object away. `api_version` is as in the object ("v1", "apps/v1"); `namespace_name` may be null where the
/// kind has none. `found`, unless null, is set to whether it was there. O(changed)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_delete(
    cluster: *mut Cluster,
    api_version: *const c_char,
    kind: *const c_char,
    namespace_name: *const c_char,
    name: *const c_char,
    found: *mut bool,
    error: *mut *mut Error,
) -> Status {
    const ENDED: usize = BAYPLAN_ZERO_ENDED;
    // SAFETY: the caller's promise is the same.
    unsafe { bayplan_cluster_delete_n(cluster, api_version, kind, namespace_name, ENDED, name, ENDED, found, error) }
}

/// As bayplan_cluster_delete, for names with a length, which need not end in a zero byte. The same cost.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_delete_n(
    cluster: *mut Cluster,
    api_version: *const c_char,
    kind: *const c_char,
    namespace_name: *const c_char,
    namespace_length: usize,
    name: *const c_char,
    name_length: usize,
    found: *mut bool,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        change(cluster, error, |cluster| {
            let (version, kind) = (text(api_version, "api_version")?, text(kind, "kind")?);
            let is_left_out = namespace_name.is_null() && matches!(namespace_length, 0 | BAYPLAN_ZERO_ENDED);
            let namespace = if is_left_out { "" } else { sized(namespace_name, namespace_length, "namespace_name")? };
            let name = sized(name, name_length, "name")?;
            let known = kind_of(version, kind)?;
            let namespace = match (known.namespaced(), namespace) {
                (true, "") => "default",
                (true, namespace) => namespace,
                (false, _) => "",
            };
            let was_there = cluster.inner.delete(known, namespace, name)?;
            if !found.is_null() {
                found.write(was_there);
            }
            Ok(())
        })
    }
}

/// Binds a pending pod ("namespace/name") to a node, whether or not the rules allow it. `start` is its start time in
/// seconds since 1970. BAYPLAN_CONFLICT where the pod is on a node already. O(changed)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_bind(
    cluster: *mut Cluster,
    pod: *const c_char,
    node: *const c_char,
    start: i64,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller's promise is the same.
    unsafe { bayplan_cluster_bind_n(cluster, pod, BAYPLAN_ZERO_ENDED, node, BAYPLAN_ZERO_ENDED, start, error) }
}

/// As bayplan_cluster_bind, for texts with a length, which need not end in a zero byte. The same cost.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_bind_n(
    cluster: *mut Cluster,
    pod: *const c_char,
    pod_length: usize,
    node: *const c_char,
    node_length: usize,
    start: i64,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        change(cluster, error, |cluster| {
            Ok(cluster.inner.bind(sized(pod, pod_length, "pod")?, sized(node, node_length, "node")?, start)?)
        })
    }
}

/// Takes a pod ("namespace/name") off its node: it waits for a node again, as it did before bayplan_cluster_bind.
/// BAYPLAN_CONFLICT where it is on none; BAYPLAN_UNSUPPORTED where it has claims and came bound. O(changed)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_unbind(
    cluster: *mut Cluster,
    pod: *const c_char,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller's promise is the same.
    unsafe { bayplan_cluster_unbind_n(cluster, pod, BAYPLAN_ZERO_ENDED, error) }
}

/// As bayplan_cluster_unbind, for texts with a length, which need not end in a zero byte. The same cost.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_unbind_n(
    cluster: *mut Cluster,
    pod: *const c_char,
    pod_length: usize,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe { change(cluster, error, |cluster| Ok(cluster.inner.unbind(sized(pod, pod_length, "pod")?)?)) }
}

/// Takes a pod ("namespace/name") away at once. O(changed)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_evict(
    cluster: *mut Cluster,
    pod: *const c_char,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller's promise is the same.
    unsafe { bayplan_cluster_evict_n(cluster, pod, BAYPLAN_ZERO_ENDED, error) }
}

/// As bayplan_cluster_evict, for texts with a length, which need not end in a zero byte. The same cost.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_evict_n(
    cluster: *mut Cluster,
    pod: *const c_char,
    pod_length: usize,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe { change(cluster, error, |cluster| Ok(cluster.inner.evict(sized(pod, pod_length, "pod")?)?)) }
}

/// Lets pods that fit nowhere preempt others from now on, or not: in decisions, explanations and placements of this
/// cluster and its later forks. They do unless the options say otherwise. O(1)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_set_preemption(
    cluster: *mut Cluster,
    on: bool,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        change(cluster, error, |cluster| {
            cluster.inner.set_preemption(on);
            Ok(())
        })
    }
}

/// What preemption would do for one pending pod ("namespace/name"); changes nothing. `json` gets a list of one text:
/// "preemption" with what the event adds, the node, the victims and how many budgets they violate (null where the pod
/// fits somewhere); "candidates", every node on which it helps, each with "victims" and "violations"; and "best", those
/// of them that are as good as the one that is taken. O(nodes x their pods of lower priority)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_preempt_dry_run(
    cluster: *mut Cluster,
    pod: *const c_char,
    json: *mut *mut Strings,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller's promise is the same.
    unsafe { bayplan_cluster_preempt_dry_run_n(cluster, pod, BAYPLAN_ZERO_ENDED, json, error) }
}

/// As bayplan_cluster_preempt_dry_run, for texts with a length, which need not end in a zero byte. The same cost.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_preempt_dry_run_n(
    cluster: *mut Cluster,
    pod: *const c_char,
    pod_length: usize,
    json: *mut *mut Strings,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        clear(json);

        change(cluster, error, |cluster| {
            let json = out(json, "json")?;
            let weighed = cluster.inner.preempt_dry_run(sized(pod, pod_length, "pod")?)?;
            give(json, Strings::from_iter([serde_json::json!(weighed).to_string()]));
            Ok(())
        })
    }
}

/// One attempt for a pending pod ("namespace/name"), with what kube-scheduler does after one that fails: where
/// preemption helps, the victims are taken away at once and the pod is nominated to their node, to be decided for
/// again. A pod that finds a node is not bound. Gives one decision: preempts_on is the node, and
/// bayplan_decisions_victim names the pods that are gone.
/// O(nodes), and where none will do O(nodes x their pods of lower priority)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_preempt(
    cluster: *mut Cluster,
    pod: *const c_char,
    decisions: *mut *mut Decisions,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller's promise is the same.
    unsafe { bayplan_cluster_preempt_n(cluster, pod, BAYPLAN_ZERO_ENDED, decisions, error) }
}

/// As bayplan_cluster_preempt, for texts with a length, which need not end in a zero byte. The same cost.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_preempt_n(
    cluster: *mut Cluster,
    pod: *const c_char,
    pod_length: usize,
    decisions: *mut *mut Decisions,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        clear(decisions);

        change(cluster, error, |cluster| {
            let decisions = out(decisions, "decisions")?;
            let decision = cluster.inner.preempt(sized(pod, pod_length, "pod")?)?;
            give(decisions, Decisions::new(vec![decision], Vec::new()));
            Ok(())
        })
    }
}

/// Decides where one pending pod ("namespace/name") would go, and places nothing. Gives one decision; where no node
/// will do, it says whom the pod would preempt.
/// O(nodes), and where none will do O(nodes x their pods of lower priority)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_decide(
    cluster: *mut Cluster,
    pod: *const c_char,
    decisions: *mut *mut Decisions,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller's promise is the same.
    unsafe { bayplan_cluster_decide_n(cluster, pod, BAYPLAN_ZERO_ENDED, decisions, error) }
}

/// As bayplan_cluster_decide, for texts with a length, which need not end in a zero byte. The same cost.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_decide_n(
    cluster: *mut Cluster,
    pod: *const c_char,
    pod_length: usize,
    decisions: *mut *mut Decisions,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        clear(decisions);

        change(cluster, error, |cluster| {
            let decisions = out(decisions, "decisions")?;
            let decision = cluster.inner.decide(sized(pod, pod_length, "pod")?)?;
            give(decisions, Decisions::new(vec![decision], Vec::new()));
            Ok(())
        })
    }
}

/// Decides for pods one after the other and binds each that found a node, so that the next sees it there. `pods` are
/// `count` texts ("namespace/name"). `start` is the start time of the pods in seconds since 1970. Gives as many
/// decisions, in the same order; on an error nothing is bound. A fork, and a decision and a bind for each pod.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_schedule(
    cluster: *mut Cluster,
    pods: *const *const c_char,
    count: usize,
    start: i64,
    decisions: *mut *mut Decisions,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        clear(decisions);

        change(cluster, error, |cluster| {
            let decisions = out(decisions, "decisions")?;
            if pods.is_null() {
                return Err(Failure::argument("pods is null"));
            }
            if count > isize::MAX as usize / size_of::<*const c_char>() {
                return Err(Failure::argument(format!("pods cannot be {count} texts")));
            }
            let pods = std::slice::from_raw_parts(pods, count);
            let keys = pods.iter().enumerate().map(|(i, pod)| text(*pod, &format!("pods[{i}]")));
            let keys = keys.collect::<Result<Vec<_>, _>>()?;
            give(decisions, place(cluster, &keys, start)?);
            Ok(())
        })
    }
}

/// As bayplan_cluster_schedule, for all pods that wait for a node, in the order of the scheduler's queue: the highest
/// priority first, then the oldest. A fork, and a decision and a bind for each pod.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_schedule_pending(
    cluster: *mut Cluster,
    start: i64,
    decisions: *mut *mut Decisions,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        clear(decisions);

        change(cluster, error, |cluster| {
            let decisions = out(decisions, "decisions")?;
            let pending = cluster.inner.pending();
            let keys: Vec<&str> = pending.iter().map(String::as_str).collect();
            give(decisions, place(cluster, &keys, start)?);
            Ok(())
        })
    }
}

/// The pods that wait in the cluster are placed too, before others of their priority.
pub const BAYPLAN_PLACE_INCLUDE_PENDING: u32 = 1;
/// Pods that fit nowhere do not preempt others.
pub const BAYPLAN_PLACE_NO_PREEMPTION: u32 = 2;

/// Where would these workloads land? Places on a fork and leaves the cluster as it is. `data` are manifests, JSON or
/// YAML: pods and what makes pods (Deployment, ReplicaSet, ReplicationController, StatefulSet, DaemonSet, Job,
/// CronJob); objects of other kinds are taken into the fork first. Of a workload that is there already, only the pods
/// that are missing are placed. A pod that fits nowhere preempts pods of lower priority, as in a real cluster: see
/// bayplan_decisions_eviction; those that a controller owns come again, and are among the decisions. `source` names the
/// input in messages; it may be null. `flags` is any of the BAYPLAN_PLACE_ flags or 0. `after`, unless null, gets the
/// fork with the pods on it. A fork, and a decision and a bind for each pod.
#[allow(clippy::too_many_arguments, reason = "C has no other way")]
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_place(
    cluster: *const Cluster,
    data: *const c_char,
    length: usize,
    source: *const c_char,
    flags: u32,
    after: *mut *mut Cluster,
    decisions: *mut *mut Decisions,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        clear(after);
        clear(decisions);

        look(cluster, error, |cluster| {
            let decisions = out(decisions, "decisions")?;
            if flags & !(BAYPLAN_PLACE_INCLUDE_PENDING | BAYPLAN_PLACE_NO_PREEMPTION) != 0 {
                return Err(Failure::argument(format!("flags has unknown bits: {flags:#x}")));
            }
            let input = input(data, length, source, &cluster.reading)?;
            memory_for(&cluster.inner)?;
            let include_pending = flags & BAYPLAN_PLACE_INCLUDE_PENDING != 0;
            let preemption = (flags & BAYPLAN_PLACE_NO_PREEMPTION != 0).then_some(false);
            let options = PlaceOptions { include_pending, max_pods: cluster.max_pods, preemption };
            let placed =
                cluster.inner.place(Some(&input.objects), &options, &mut |done, all| cluster.go_on(done, all))?;
            let mut warnings = placed.warnings;
            let left_out: Vec<String> = input.left_out().into_iter().chain(placed.left_out).collect();
            warnings.extend(input.left_out());
            if !input.skipped.is_empty() {
                warnings.push(skipped(&input.skipped));
            }
            if !after.is_null() {
                let mut skipped = cluster.skipped.clone();
                skipped.merge(&input.skipped);
                give(after, cluster.with(placed.cluster, skipped));
            }
            give(decisions, Decisions::placed(placed.decisions, placed.evictions, warnings, left_out));
            Ok(())
        })
    }
}

/// Decides where one pending pod would go and says everything about it, as JSON (apiVersion bayplan/v1, kind
/// Explanation): the decision, every node's verdict, and every rule's score. `json` gets a list of one text.
/// O(nodes x rules), with texts.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_why(
    cluster: *mut Cluster,
    pod: *const c_char,
    json: *mut *mut Strings,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller's promise is the same.
    unsafe { bayplan_cluster_why_n(cluster, pod, BAYPLAN_ZERO_ENDED, json, error) }
}

/// As bayplan_cluster_why, for texts with a length, which need not end in a zero byte. The same cost.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_why_n(
    cluster: *mut Cluster,
    pod: *const c_char,
    pod_length: usize,
    json: *mut *mut Strings,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        clear(json);

        change(cluster, error, |cluster| {
            let json = out(json, "json")?;
            let explanation =
                render::json::explanation(&cluster.inner.why(sized(pod, pod_length, "pod")?)?).to_string();
            give(json, Strings::from_iter([explanation]));
            Ok(())
        })
    }
}

/// The pods that wait for a node ("namespace/name"), in the order of the scheduler's queue. O(pending)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_pending(
    cluster: *const Cluster,
    strings: *mut *mut Strings,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        clear(strings);
        list(cluster, strings, error, |cluster| Ok(cluster.inner.pending().into_iter().collect()))
    }
}

/// The names of the nodes, in node order. O(nodes)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_nodes(
    cluster: *const Cluster,
    strings: *mut *mut Strings,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        clear(strings);
        list(cluster, strings, error, |cluster| Ok(cluster.inner.nodes().into_iter().collect()))
    }
}

/// The pods bound to a node ("namespace/name"), by name. O(nodes), and the pods on it.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_pods_on(
    cluster: *const Cluster,
    node: *const c_char,
    strings: *mut *mut Strings,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller's promise is the same.
    unsafe { bayplan_cluster_pods_on_n(cluster, node, BAYPLAN_ZERO_ENDED, strings, error) }
}

/// As bayplan_cluster_pods_on, for texts with a length, which need not end in a zero byte. The same cost.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_pods_on_n(
    cluster: *const Cluster,
    node: *const c_char,
    node_length: usize,
    strings: *mut *mut Strings,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        clear(strings);

        list(cluster, strings, error, |cluster| {
            let node = sized(node, node_length, "node")?;
            if !cluster.inner.nodes().contains(&node) {
                return Err(Failure::new(status::BAYPLAN_NOT_FOUND, format!("there is no node {node}")));
            }
            Ok(cluster.inner.pods_on(node).into_iter().collect())
        })
    }
}

/// What is to be known of the input, a sentence each: configuration that is not honoured, pods on nodes that are not
/// there, kinds that were not read. O(nodes)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_warnings(
    cluster: *const Cluster,
    strings: *mut *mut Strings,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        clear(strings);

        list(cluster, strings, error, |cluster| {
            let mut warnings = cluster.inner.warnings();
            if !cluster.skipped.is_empty() {
                warnings.push(skipped(&cluster.skipped));
            }
            Ok(warnings.into_iter().collect())
        })
    }
}

/// # Safety
/// As [`bytes`] and [`optional`].
pub(crate) unsafe fn input(
    data: *const c_char,
    length: usize,
    source: *const c_char,
    reading: &read::Reading,
) -> Result<read::Input, Failure> {
    // SAFETY: as above.
    let (data, source) = unsafe { (bytes(data, length, "data")?, optional(source, "source")?) };
    has_memory(data.len().saturating_mul(MEMORY_OF_A_BYTE), "reading the input")?;
    let input = reading.bytes(data, source.unwrap_or("the input"))?;
    if !input.configurations.is_empty() {
        let message = "a KubeSchedulerConfiguration is not an object of the cluster: give it in the options";
        return Err(Failure::new(status::BAYPLAN_UNSUPPORTED, message.to_owned()));
    }
    Ok(input)
}

/// How much memory reading a byte of JSON takes at most: 6 of an indented dump with annotations, 14 of a compact one of small pods were measured.
const MEMORY_OF_A_BYTE: usize = 16;

/// Whether there is so much memory at once. Small pieces are not asked for one by one: a process that lacks even these ends, as others do.
fn has_memory(bytes: usize, what: &str) -> Result<(), Failure> {
    Vec::<u8>::new().try_reserve_exact(bytes).map_err(|_| {
        let message = format!("there is no memory for {what}: it may take {} MiB", (bytes >> 20) + 1);
        Failure::new(status::BAYPLAN_NO_MEMORY, message)
    })
}

/// Whether there is memory for a fork.
pub(crate) fn memory_for(cluster: &Inner) -> Result<(), Failure> {
    has_memory(size_of_val(cluster.block()), "a copy of the cluster's tables")
}

/// A kind by its names.
pub(crate) fn kind_of(version: &str, kind: &str) -> Result<Kind, Failure> {
    Kind::find(version, kind).ok_or_else(|| not_read(version, kind))
}

pub(crate) fn not_read(version: &str, kind: &str) -> Failure {
    Failure::new(status::BAYPLAN_UNSUPPORTED, format!("{kind} ({version}) is not a kind that is read"))
}

/// The only object of an input.
pub(crate) fn one(input: read::Input) -> Result<Object, Failure> {
    if let Some((version, kind, _)) = input.skipped.iter().next() {
        return Err(not_read(version, kind));
    }
    let [object] = <[Object; 1]>::try_from(input.objects).map_err(|found| {
        Failure::new(status::BAYPLAN_INVALID_INPUT, format!("one object is legal here, and there are {}", found.len()))
    })?;
    Ok(object)
}

pub(crate) fn skipped(skipped: &read::Skipped) -> String {
    format!("kinds that no decision looks at were not read: {skipped}")
}

/// Places on a fork, so that an error leaves the cluster as it was.
fn place(cluster: &mut Cluster, pods: &[&str], start: i64) -> Result<Decisions, Failure> {
    memory_for(&cluster.inner)?;
    let mut next = cluster.inner.clone();
    let mut decisions = Vec::with_capacity(pods.len());
    for (at, pod) in pods.iter().enumerate() {
        if !cluster.go_on(at, pods.len()) {
            return Err(Failure::new(status::BAYPLAN_STOPPED, "stopped: nothing is bound"));
        }
        let decision = next.decide(pod)?;
        if let Some(node) = &decision.node {
            next.bind(pod, node, start)?;
        }
        decisions.push(decision);
    }
    cluster.inner = next;
    Ok(Decisions::new(decisions, Vec::new()))
}

// The promise made at `Cluster`.
const _: () = {
    const fn shareable<T: Send + Sync>() {}
    shareable::<Cluster>();
};
