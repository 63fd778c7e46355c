// bayplan: where kube-scheduler would place pods, and why.
//
// Conventions:
// - A function that can fail returns a bayplan_status_t. Outputs are the last arguments and are written only on
//   BAYPLAN_OK. `error`, if it is not null, is written only on failure; free what it then points to. Every other
//   pointer must not be null unless the comment says so: a null one gives BAYPLAN_INVALID_ARGUMENT. Null with a length
//   of 0 is the empty text.
// - Every handle (bayplan_cluster_t, bayplan_decisions_t, bayplan_strings_t, bayplan_error_t) is freed once, with its
//   own function; freeing null does nothing. Handles do not depend on each other and are freed in any order.
// - Arguments are read during the call and never kept. Texts are UTF-8; those without a length end in a zero byte.
// - Structs that begin with struct_size may grow at their end in later versions.
//
// Written by cbindgen from ffi/src; do not edit.


#ifndef BAYPLAN_H
#define BAYPLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The version of this interface: raised when a function or a struct changes in a way that breaks programs built
// before, never when one is added.
#define BAYPLAN_ABI_VERSION 0

// `seed` counts: among nodes of the same score one is drawn, the same for the same seed. Without it the first in
// node order is taken.
#define BAYPLAN_OPTION_SEED 1

// Pods that fit nowhere do not preempt others: decisions say nothing of preemption, and no pod is evicted. See also
// bayplan_cluster_set_preemption.
#define BAYPLAN_OPTION_NO_PREEMPTION 2

// A manifest takes the place of the live object of its name, as with `kubectl replace`. Without it is merged into it as
// `kubectl apply` does.
#define BAYPLAN_OPTION_OVERLAY_REPLACE 4

// Fields of manifests that no API server knows are no error: the objects are taken without them.
#define BAYPLAN_OPTION_VALIDATE_IGNORE 8

// All objects are taken as an API server returns them, with a uid or without: nothing is filled in, and nothing refused.
#define BAYPLAN_OPTION_OBJECTS_LIVE 16

// An outcome that this header does not know.
#define BAYPLAN_OUTCOME_UNKNOWN 0

// A node was found.
#define BAYPLAN_OUTCOME_SCHEDULED 1

// No node will do.
#define BAYPLAN_OUTCOME_UNSCHEDULABLE 2

// Scheduling gates hold the pod back.
#define BAYPLAN_OUTCOME_GATED 3

// The scheduler fails on the pod.
#define BAYPLAN_OUTCOME_ERROR 4

// The pod is not for this scheduler to place: no profile has its scheduler name, it is on a node already, or it has run
// to its end.
#define BAYPLAN_OUTCOME_IGNORED 5

// The pods that wait in the cluster are placed too, before others of their priority.
#define BAYPLAN_PLACE_INCLUDE_PENDING 1

// Pods that fit nowhere do not preempt others.
#define BAYPLAN_PLACE_NO_PREEMPTION 2

// Replicas may preempt pods of lower priority.
#define BAYPLAN_FIT_PREEMPTION 1

// A node will do.
#define BAYPLAN_NODE_FEASIBLE 1

// No preemption can help.
#define BAYPLAN_NODE_UNRESOLVABLE 2

// A cluster that can be asked where pods would land. Free it with bayplan_cluster_free.
//
// It may be handed from thread to thread. While one thread is in a function that takes it without const, no other
// may be in any function with the same cluster (BAYPLAN_MISUSE); functions that take it const may run side by side.
typedef struct bayplan_cluster_t bayplan_cluster_t;

// Decisions for pods, in the order in which they were asked for. Free it with bayplan_decisions_free.
typedef struct bayplan_decisions_t bayplan_decisions_t;

// Why a call failed, with a message. Free it with bayplan_error_free.
typedef struct bayplan_error_t bayplan_error_t;

// A list of texts. Free it with bayplan_strings_free.
typedef struct bayplan_strings_t bayplan_strings_t;

// What a call came to: OK, or why it failed.
typedef uint32_t bayplan_status_t;

// A text that a handle owns: UTF-8, with a zero byte after its last that the length leaves out. Never null; an absent
// text is "". Lives as long as the handle that it was read from.
typedef struct bayplan_string_t {
  // The first byte.
  const char *data;
  // How many bytes.
  size_t length;
} bayplan_string_t;

// What was decided for one pod. Set struct_size to sizeof(bayplan_decision_t) before it is read into. The texts live
// as long as the bayplan_decisions_t.
typedef struct bayplan_decision_t {
  // sizeof(bayplan_decision_t).
  uint32_t struct_size;
  // One of the BAYPLAN_OUTCOME_ numbers.
  uint32_t outcome;
  // The pod, "namespace/name".
  struct bayplan_string_t pod;
  // The node, or "".
  struct bayplan_string_t node;
  // Why it is not placed, word for word as kube-scheduler says it; "" where it is.
  struct bayplan_string_t message;
  // The node's total score; 0 where it was the only feasible one, as scoring is then skipped.
  int64_t score;
  // How many nodes have that score.
  uint32_t ties;
  // How many nodes are feasible.
  uint32_t feasible;
  // How many rules concern the pod and were not applied, so that the real decision may be another: see
  // bayplan_decisions_not_applied.
  uint32_t not_applied;
  // How many objects a rule needed that are not there: see bayplan_decisions_missing.
  uint32_t missing;
  // The node from which pods of lower priority are to be evicted so that this one fits, or "".
  struct bayplan_string_t preempts_on;
  // What the event says of preemption after the message, word for word; it may be "".
  struct bayplan_string_t preemption_message;
  // How many pods are to be evicted: see bayplan_decisions_victim.
  uint32_t victims;
  // How many of them violate a disruption budget.
  uint32_t violations;
} bayplan_decision_t;

// A pod that was evicted to make room for another. Set struct_size to sizeof(bayplan_eviction_t) before it is read
// into. The texts live as long as the bayplan_decisions_t.
typedef struct bayplan_eviction_t {
  // sizeof(bayplan_eviction_t).
  uint32_t struct_size;
  // Its priority.
  int32_t priority;
  // The pod, "namespace/name".
  struct bayplan_string_t pod;
  // The node that it was on.
  struct bayplan_string_t node;
  // The pod that it made room for.
  struct bayplan_string_t by;
  // The pod that its controller makes in its place, or "" where no controller owns it: it is gone for good.
  struct bayplan_string_t replaced_by;
} bayplan_eviction_t;

// How a cluster decides. Set struct_size to sizeof(bayplan_options_t) and the rest to zero, then what is wanted.
typedef struct bayplan_options_t {
  // sizeof(bayplan_options_t).
  uint32_t struct_size;
  // Any of the BAYPLAN_OPTION_ flags, or 0.
  uint32_t flags;
  // The Kubernetes minor version, as "1.37"; null for the newest.
  const char *version;
  // A KubeSchedulerConfiguration, as JSON or YAML; null for the defaults of the version.
  const char *configuration;
  // Its length in bytes.
  size_t configuration_length;
  // See BAYPLAN_OPTION_SEED.
  uint64_t seed;
  // How many pods the workloads of one call may make; 0 for the default, a million. More are TOO_MANY_PODS.
  uint64_t max_pods;
} bayplan_options_t;

// What one node comes to for a pod. `rule` and `reason` are the numbers of bayplan_core.h: a plugin by its place in
// kube-scheduler's default order, and which of its reasons.
typedef struct bayplan_node_result_t {
  // Its row: bayplan_cluster_node_of_row() has its name.
  uint32_t node;
  // BAYPLAN_NODE_FEASIBLE and so on.
  uint32_t flags;
  // The rule that rejects it first; UINT32_MAX where none does, or the pod is rejected before any node is looked at.
  uint32_t rule;
  // Which of its reasons.
  uint32_t reason;
  // Its total score, where it is feasible.
  int64_t total;
} bayplan_node_result_t;

// A pod by rows of its cluster's block: the fields of a bayplan_core_request_t of the same names. UINT32_MAX is no row.
typedef struct bayplan_pod_rows_t {
  // Its spec class.
  uint32_t spec;
  // Its label class.
  uint32_t labels;
  // The only node that its affinity admits by name.
  uint32_t pin;
  // The pods that it is spread from by default.
  uint32_t default_selector;
  // The volumes and claims that it uses.
  uint32_t uses;
  // Its own nomination.
  uint32_t nomination;
} bayplan_pod_rows_t;

// The call did what it should.
#define BAYPLAN_OK 0

// An argument is null, not UTF-8, too long, or a struct of a size that cannot be.
#define BAYPLAN_INVALID_ARGUMENT 1

// The input is wrong: not JSON or YAML, or an object with a field that is not legal.
#define BAYPLAN_INVALID_INPUT 2

// What was named does not exist.
#define BAYPLAN_NOT_FOUND 3

// The scheduler's configuration or the version is wrong.
#define BAYPLAN_INVALID_CONFIGURATION 4

// A table has no room left.
#define BAYPLAN_FULL 5

// The input is legal but asks for something that is not supported.
#define BAYPLAN_UNSUPPORTED 6

// A fault of the library. The cluster that it happened to can only be freed.
#define BAYPLAN_INTERNAL 7

// A file could not be read.
#define BAYPLAN_IO 8

// The caller asked to stop.
#define BAYPLAN_STOPPED 9

// A workload asks for more pods than options.max_pods allows.
#define BAYPLAN_TOO_MANY_PODS 10

// The state does not allow it: the pod is on a node already, or on none, or has run to its end.
#define BAYPLAN_CONFLICT 12

// Two threads are in functions with one cluster, and one of them changes it.
#define BAYPLAN_MISUSE 13

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// The BAYPLAN_ABI_VERSION of the library that is loaded; a program should compare it with the header's.
uint32_t bayplan_abi_version(void);

// The version of the library, as "0.1.0"; lives as long as the library is loaded.
const char *bayplan_version(void);

// The name of a status, as "NOT_FOUND"; "UNKNOWN" for another number. Lives as long as the library is loaded.
const char *bayplan_status_name(bayplan_status_t status);

// The status of the call that failed; OK for null.
bayplan_status_t bayplan_error_status(const struct bayplan_error_t *error);

// The message: which object, which field, what is wrong and what is legal. UTF-8, lives as long as the error; "" for
// null.
const char *bayplan_error_message(const struct bayplan_error_t *error);

// Frees an error; nothing for null.
void bayplan_error_free(struct bayplan_error_t *error);

// How many texts there are; 0 for null.
size_t bayplan_strings_count(const struct bayplan_strings_t *strings);

// One of the texts; it lives as long as the list.
bayplan_status_t bayplan_strings_get(const struct bayplan_strings_t *strings,
                                     size_t index,
                                     struct bayplan_string_t *text,
                                     struct bayplan_error_t **error);

// Frees a list; nothing for null.
void bayplan_strings_free(struct bayplan_strings_t *strings);

// How many decisions there are; 0 for null.
size_t bayplan_decisions_count(const struct bayplan_decisions_t *decisions);

// Reads `count` decisions from the one at `first` on into an array of as many. The struct_size of its first element
// holds for all.
bayplan_status_t bayplan_decisions_read(const struct bayplan_decisions_t *decisions,
                                        size_t first,
                                        size_t count,
                                        struct bayplan_decision_t *array,
                                        struct bayplan_error_t **error);

// One of the rules that concern a pod and were not applied: `rule` as kube-scheduler names it, and `why` it concerns
// the pod. `decision` says whose, `index` which: less than the decision's `not_applied`. Both live as long as the
// decisions.
bayplan_status_t bayplan_decisions_not_applied(const struct bayplan_decisions_t *decisions,
                                               size_t decision,
                                               size_t index,
                                               struct bayplan_string_t *rule,
                                               struct bayplan_string_t *why,
                                               struct bayplan_error_t **error);

// One of the objects that a rule needed and that are not there, as "PriorityClass high". `decision` says whose,
// `index` which: less than the decision's `missing`. The text lives as long as the decisions.
bayplan_status_t bayplan_decisions_missing(const struct bayplan_decisions_t *decisions,
                                           size_t decision,
                                           size_t index,
                                           struct bayplan_string_t *object,
                                           struct bayplan_error_t **error);

// One of the pods that are to be evicted so that a pod fits, the most important first. `decision` says for whom,
// `index` which: less than the decision's `victims`. The text lives as long as the decisions.
bayplan_status_t bayplan_decisions_victim(const struct bayplan_decisions_t *decisions,
                                          size_t decision,
                                          size_t index,
                                          struct bayplan_string_t *pod,
                                          struct bayplan_error_t **error);

// How many pods were evicted to make room for those that were placed; 0 for null.
size_t bayplan_decisions_eviction_count(const struct bayplan_decisions_t *decisions);

// Reads one of the pods that were evicted to make room for those that were placed, in the order of the evictions.
bayplan_status_t bayplan_decisions_eviction(const struct bayplan_decisions_t *decisions,
                                            size_t index,
                                            struct bayplan_eviction_t *eviction,
                                            struct bayplan_error_t **error);

// What is to be known of the input that was placed, a sentence each, as of replicas that are there already.
bayplan_status_t bayplan_decisions_warnings(const struct bayplan_decisions_t *decisions,
                                            struct bayplan_strings_t **strings,
                                            struct bayplan_error_t **error);

// All decisions as one JSON document (apiVersion bayplan/v1, kind Placements). `json` gets a list of one text.
bayplan_status_t bayplan_decisions_json(const struct bayplan_decisions_t *decisions,
                                        struct bayplan_strings_t **json,
                                        struct bayplan_error_t **error);

// Frees decisions; nothing for null.
void bayplan_decisions_free(struct bayplan_decisions_t *decisions);

// Makes an empty cluster. Null options stand for the newest version and kube-scheduler's defaults.
bayplan_status_t bayplan_cluster_new(const struct bayplan_options_t *options,
                                     struct bayplan_cluster_t **cluster,
                                     struct bayplan_error_t **error);

// Frees a cluster; nothing for null.
void bayplan_cluster_free(struct bayplan_cluster_t *cluster);

// Makes an independent copy: what happens to one no longer concerns the other.
bayplan_status_t bayplan_cluster_fork(const struct bayplan_cluster_t *cluster,
                                      struct bayplan_cluster_t **fork,
                                      struct bayplan_error_t **error);

// Takes in Kubernetes objects: JSON or YAML, a list as kubectl prints it, one object, or several documents. A later
// object updates an earlier one of the same name, as kubectl apply does. An object with a `metadata.uid` is taken as an
// API server returned it; one without is a manifest: what a server would fill in is filled in, and what it would refuse,
// such as a field that it does not know or a container without an image, is `BAYPLAN_INVALID_INPUT`. `source` names the
// input in messages; it may be null. On an error nothing is taken in.
bayplan_status_t bayplan_cluster_load(struct bayplan_cluster_t *cluster,
                                      const char *data,
                                      size_t length,
                                      const char *source,
                                      struct bayplan_error_t **error);

// Puts in one object, in the place of the one of the same name: the door that a watch feeds. On an error the cluster
// is as before.
bayplan_status_t bayplan_cluster_upsert(struct bayplan_cluster_t *cluster,
                                        const char *data,
                                        size_t length,
                                        struct bayplan_error_t **error);

// Takes an object away. `api_version` is as in the object ("v1", "apps/v1"); `namespace_name` may be null where the
// kind has none. `found`, unless null, is set to whether it was there.
bayplan_status_t bayplan_cluster_delete(struct bayplan_cluster_t *cluster,
                                        const char *api_version,
                                        const char *kind,
                                        const char *namespace_name,
                                        const char *name,
                                        bool *found,
                                        struct bayplan_error_t **error);

// Binds a pending pod ("namespace/name") to a node, whether or not the rules allow it. `start` is its start time in
// seconds since 1970. BAYPLAN_CONFLICT where the pod is on a node already.
bayplan_status_t bayplan_cluster_bind(struct bayplan_cluster_t *cluster,
                                      const char *pod,
                                      const char *node,
                                      int64_t start,
                                      struct bayplan_error_t **error);

// Takes a pod ("namespace/name") off its node, as if bayplan_cluster_bind had not been called: it waits for a node again.
// BAYPLAN_CONFLICT where it is on none; BAYPLAN_UNSUPPORTED where it has claims, which were bound with it.
bayplan_status_t bayplan_cluster_unbind(struct bayplan_cluster_t *cluster,
                                        const char *pod,
                                        struct bayplan_error_t **error);

// Takes a pod ("namespace/name") away at once.
bayplan_status_t bayplan_cluster_evict(struct bayplan_cluster_t *cluster,
                                       const char *pod,
                                       struct bayplan_error_t **error);

// Lets pods that fit nowhere preempt others from now on, or not: in decisions, explanations and placements of this
// cluster and its later forks. They do unless the options say otherwise.
bayplan_status_t bayplan_cluster_set_preemption(struct bayplan_cluster_t *cluster,
                                                bool on,
                                                struct bayplan_error_t **error);

// What preemption would do for one pending pod ("namespace/name"); changes nothing. `json` gets a list of one text:
// "preemption" with what the event adds, the node, the victims and how many budgets they violate (null where the pod
// fits somewhere); "candidates", every node on which it helps, each with "victims" and "violations"; and "best", those
// of them that are as good as the one that is taken.
bayplan_status_t bayplan_cluster_preempt_dry_run(struct bayplan_cluster_t *cluster,
                                                 const char *pod,
                                                 struct bayplan_strings_t **json,
                                                 struct bayplan_error_t **error);

// One attempt for a pending pod ("namespace/name"), with what kube-scheduler does after one that fails: where
// preemption helps, the victims are taken away at once and the pod is nominated to their node, to be decided for
// again. A pod that finds a node is not bound. Gives one decision: preempts_on is the node, and
// bayplan_decisions_victim names the pods that are gone.
bayplan_status_t bayplan_cluster_preempt(struct bayplan_cluster_t *cluster,
                                         const char *pod,
                                         struct bayplan_decisions_t **decisions,
                                         struct bayplan_error_t **error);

// Decides where one pending pod ("namespace/name") would go, and places nothing. Gives one decision; where no node
// will do, it says whom the pod would preempt.
bayplan_status_t bayplan_cluster_decide(struct bayplan_cluster_t *cluster,
                                        const char *pod,
                                        struct bayplan_decisions_t **decisions,
                                        struct bayplan_error_t **error);

// Decides for pods one after the other and binds each that found a node, so that the next sees it there. `pods` are
// `count` texts ("namespace/name"). `start` is the start time of the pods in seconds since 1970. Gives as many
// decisions, in the same order; on an error nothing is bound.
bayplan_status_t bayplan_cluster_schedule(struct bayplan_cluster_t *cluster,
                                          const char *const *pods,
                                          size_t count,
                                          int64_t start,
                                          struct bayplan_decisions_t **decisions,
                                          struct bayplan_error_t **error);

// As bayplan_cluster_schedule, for all pods that wait for a node, in the order of the scheduler's queue: the highest
// priority first, then the oldest.
bayplan_status_t bayplan_cluster_schedule_pending(struct bayplan_cluster_t *cluster,
                                                  int64_t start,
                                                  struct bayplan_decisions_t **decisions,
                                                  struct bayplan_error_t **error);

// Where would these workloads land? Places on a fork and leaves the cluster as it is. `data` are manifests, JSON or
// YAML: pods and what makes pods (Deployment, ReplicaSet, ReplicationController, StatefulSet, DaemonSet, Job,
// CronJob); objects of other kinds are taken into the fork first. Of a workload that is there already, only the pods
// that are missing are placed. A pod that fits nowhere preempts pods of lower priority, as in a real cluster: see
// bayplan_decisions_eviction; those that a controller owns come again, and are among the decisions. `source` names the
// input in messages; it may be null. `flags` is any of the BAYPLAN_PLACE_ flags or 0. `after`, unless null, gets the
// fork with the pods on it.
bayplan_status_t bayplan_cluster_place(const struct bayplan_cluster_t *cluster,
                                       const char *data,
                                       size_t length,
                                       const char *source,
                                       uint32_t flags,
                                       struct bayplan_cluster_t **after,
                                       struct bayplan_decisions_t **decisions,
                                       struct bayplan_error_t **error);

// How many more replicas of a template fit, `limit` at most? Places on a fork and leaves the cluster as it is. `data`
// is one manifest: a pod, or a workload that makes equal pods. `json` gets a list of one text (apiVersion bayplan/v1,
// kind Fit): how many on which node, and what stops the next one. `replicas` gets the number. `flags` is
// BAYPLAN_FIT_PREEMPTION or 0.
bayplan_status_t bayplan_cluster_fit(const struct bayplan_cluster_t *cluster,
                                     const char *data,
                                     size_t length,
                                     size_t limit,
                                     uint32_t flags,
                                     size_t *replicas,
                                     struct bayplan_strings_t **json,
                                     struct bayplan_error_t **error);

// Decides where one pending pod would go and says everything about it, as JSON (apiVersion bayplan/v1, kind
// Explanation): the decision, every node's verdict, and every rule's score. `json` gets a list of one text.
bayplan_status_t bayplan_cluster_why(struct bayplan_cluster_t *cluster,
                                     const char *pod,
                                     struct bayplan_strings_t **json,
                                     struct bayplan_error_t **error);

// The pods that wait for a node ("namespace/name"), in the order of the scheduler's queue.
bayplan_status_t bayplan_cluster_pending(const struct bayplan_cluster_t *cluster,
                                         struct bayplan_strings_t **strings,
                                         struct bayplan_error_t **error);

// The names of the nodes, in node order.
bayplan_status_t bayplan_cluster_nodes(const struct bayplan_cluster_t *cluster,
                                       struct bayplan_strings_t **strings,
                                       struct bayplan_error_t **error);

// The pods bound to a node ("namespace/name"), by name.
bayplan_status_t bayplan_cluster_pods_on(const struct bayplan_cluster_t *cluster,
                                         const char *node,
                                         struct bayplan_strings_t **strings,
                                         struct bayplan_error_t **error);

// What is to be known of the input, a sentence each: configuration that is not honoured, pods on nodes that are not
// there, kinds that were not read.
bayplan_status_t bayplan_cluster_warnings(const struct bayplan_cluster_t *cluster,
                                          struct bayplan_strings_t **strings,
                                          struct bayplan_error_t **error);

// The block of a cluster, for bayplan_core.h: `data` points to `size` bytes that the cluster owns. They stay until the
// cluster is changed, asked with a function that takes it without const, or freed, and may only be read: copy them with
// bayplan_core_fork(data, size, memory, size, fault). O(1); the copy is O(state).
bayplan_status_t bayplan_cluster_block(const struct bayplan_cluster_t *cluster,
                                       const void **data,
                                       size_t *size,
                                       struct bayplan_error_t **error);

// What each node comes to for a pending pod ("namespace/name"), in node order: what an extender of kube-scheduler answers.
// Writes up to `capacity` results, and to `count` how many nodes there are. Nodes are scored even where one alone is
// feasible; preemption is not weighed. BAYPLAN_CONFLICT for a pod that is on a node. O(nodes), without texts.
bayplan_status_t bayplan_cluster_evaluate(struct bayplan_cluster_t *cluster,
                                          const char *pod,
                                          struct bayplan_node_result_t *results,
                                          size_t capacity,
                                          size_t *count,
                                          struct bayplan_error_t **error);

// The rows of a pending pod ("namespace/name"). It may make new classes, which are rows of the block: copy the block
// afterwards. Rows stay what they are in copies; the cluster itself may make its tables anew when it is changed.
// BAYPLAN_UNSUPPORTED for a pod of which rows do not say all, such as one with claims. O(1) for a class that is known.
bayplan_status_t bayplan_cluster_pod_rows(struct bayplan_cluster_t *cluster,
                                          const char *pod,
                                          struct bayplan_pod_rows_t *rows,
                                          struct bayplan_error_t **error);

// The row of a pod ("namespace/name") that is bound to a node. O(1)
bayplan_status_t bayplan_cluster_bound_row(const struct bayplan_cluster_t *cluster,
                                           const char *pod,
                                           uint32_t *row,
                                           struct bayplan_error_t **error);

// The row of a node. O(1)
bayplan_status_t bayplan_cluster_node_row(const struct bayplan_cluster_t *cluster,
                                          const char *node,
                                          uint32_t *row,
                                          struct bayplan_error_t **error);

// The name of the node in a row, or of the one that was there: `length` bytes from `data` on, without a zero byte behind
// them. They live until the cluster is changed or freed. O(1)
bayplan_status_t bayplan_cluster_node_of_row(const struct bayplan_cluster_t *cluster,
                                             uint32_t row,
                                             const char **data,
                                             size_t *length,
                                             struct bayplan_error_t **error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* BAYPLAN_H */
