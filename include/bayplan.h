// bayplan: where kube-scheduler would place pods, and why.
//
// Conventions:
// - A function that can fail returns a bayplan_status_t. Outputs are the last arguments: handles are null after a
//   failure, numbers and structs are written only on BAYPLAN_OK. `error`, if it is not null, is written only on failure;
//   free what it then points to. Every other pointer must not be null unless the comment says so: a null one gives
//   BAYPLAN_INVALID_ARGUMENT. Null with a length of 0 is the empty text.
// - Every handle (bayplan_cluster_t, bayplan_decisions_t, bayplan_answer_t, bayplan_strings_t, bayplan_error_t) is freed once, with its
//   own function; freeing null does nothing. Handles do not depend on each other and are freed in any order.
// - Arguments are read during the call and never kept. Texts are UTF-8; those without a length end in a zero byte. Functions
//   that take the name of a pod or a node have a form for names with a length, which ends in _n, or take one.
// - Structs that begin with struct_size may grow at their end in later versions, as may those that a bayplan_answer_
//   function returns a pointer to; the others are frozen.
// - The library prints nothing, writes no file, and ends the process only where the system has no memory left for small
//   things: BAYPLAN_NO_MEMORY is for large ones. A stack of 256 KiB is enough.
// - Costs: O(1); O(changed) is what an object that came or went touches; O(nodes), O(pods); O(all) objects; a fork shares
//   the objects and copies the tables (0.2 ms at 5,000 nodes).
//
// Written by cbindgen from ffi/src; do not edit.


#ifndef BAYPLAN_H
#define BAYPLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Before each function: define it as an attribute of your own, such as __declspec(dllimport) on Windows.
#ifndef BAYPLAN_API
#define BAYPLAN_API
#endif

// Define BAYPLAN_CHECK_STATUS before the header, and the compiler warns where a status is not looked at (GCC, Clang).
#if defined(BAYPLAN_CHECK_STATUS) && defined(__GNUC__)
#define BAYPLAN_MUST_USE __attribute__((warn_unused_result))
#else
#define BAYPLAN_MUST_USE
#endif

// The length of a text that ends in a zero byte, where a length is asked for.
#define BAYPLAN_ZERO_ENDED SIZE_MAX

// The version of this interface: raised when a function or a struct changes in a way that breaks programs built
// before, never when one is added.
#define BAYPLAN_ABI_VERSION 0

// The version of the library that this header is of: 1 in 1.2.3.
#define BAYPLAN_VERSION_MAJOR 0

// 2 in 1.2.3.
#define BAYPLAN_VERSION_MINOR 1

// 3 in 1.2.3.
#define BAYPLAN_VERSION_PATCH 0

// The whole message, as bayplan_error_message gives it.
#define BAYPLAN_ERROR_MESSAGE 0

// The object that is wrong, as "Pod shop/web-1".
#define BAYPLAN_ERROR_OBJECT 1

// The field that is wrong, as "spec.containers[0].name".
#define BAYPLAN_ERROR_FIELD 2

// What is wrong, without where.
#define BAYPLAN_ERROR_PROBLEM 3

// What to do about it.
#define BAYPLAN_ERROR_HINT 4

// The input that it is in, as the caller named it.
#define BAYPLAN_ERROR_SOURCE 5

// Scores count as they are: from 0 to 100.
#define BAYPLAN_NORMALIZE_NONE 0

// The highest score of the feasible nodes becomes 100, 0 stays 0.
#define BAYPLAN_NORMALIZE_HIGHEST 1

// The highest becomes 0 and 0 becomes 100.
#define BAYPLAN_NORMALIZE_REVERSE 2

// The bit of a filter's code that says that evicting pods from the node cannot help.
#define BAYPLAN_UNRESOLVABLE 2147483648

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

// Each pod that found a node is bound to it, so that the next sees it there.
#define BAYPLAN_DECIDE_BIND 1

// Replicas may preempt pods of lower priority.
#define BAYPLAN_FIT_PREEMPTION 1

// A node will do.
#define BAYPLAN_NODE_FEASIBLE 1

// No preemption can help.
#define BAYPLAN_NODE_UNRESOLVABLE 2

// The answer to a question as structs: see the bayplan_answer_ functions. Free it with bayplan_answer_free; everything that is read from it lives as long as
// it does. Threads may read it side by side.
typedef struct bayplan_answer_t bayplan_answer_t;

// A cluster that can be asked where pods would land. Free it with bayplan_cluster_free.
//
// It may be handed from thread to thread. While one thread is in a function that takes it without const, no other
// may be in any function with the same cluster (BAYPLAN_MISUSE); functions that take it const may run side by side.
typedef struct bayplan_cluster_t bayplan_cluster_t;

// Decisions for pods, in the order in which they were asked for. Free it with bayplan_decisions_free.
typedef struct bayplan_decisions_t bayplan_decisions_t;

// Why a call failed, with a message. Free it with bayplan_error_free.
typedef struct bayplan_error_t bayplan_error_t;

// What a plugin is asked: about one pod, and all nodes. It lives as long as the call to the plugin.
typedef struct bayplan_question_t bayplan_question_t;

// An answer that is being written; it lives as long as the call for it.
typedef struct bayplan_reply_t bayplan_reply_t;

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

// Is told how far a long call is, `all` being 0 where that is not known, and says whether it goes on: with false the call ends with BAYPLAN_STOPPED, and
// nothing is changed. It is called from the thread of the call or from one that the call began, one at a time, and must not use the cluster, nor throw.
typedef bool (*bayplan_go_on_t)(void *context, size_t done, size_t all);

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

// Filters: writes a code for each node to `codes`, which come as zeros: 0 lets it pass, another number rejects it, see BAYPLAN_UNRESOLVABLE. With
// false, or after bayplan_question_fail, the attempt ends as an error.
typedef bool (*bayplan_filter_t)(void *context, struct bayplan_question_t *question, uint32_t *codes, size_t nodes);

// Scores: writes a score of 0 or more for each node to `scores`, which come as zeros. As for a filter.
typedef bool (*bayplan_score_t)(void *context, struct bayplan_question_t *question, int64_t *scores, size_t nodes);

// Writes the words for a code, as they stand in messages behind the number of nodes: up to `capacity` bytes, without a zero byte. How many it wrote.
typedef size_t (*bayplan_reason_t)(void *context, uint32_t code, char *text, size_t capacity);

// A plugin of the caller's own. Its functions are asked for all nodes at once, once in an attempt unless the pod has claims or extenders look at it. They
// are asked of the cluster as it is: where preemption takes pods off a node, the answer for the node stands. They are called from the thread of a call or from one that the call began, several at a time where clusters are asked at the
// same time. They must not use a cluster, nor throw, nor jump. They and `context` must live as long as a cluster that was made with them, or a fork of it.
// The struct itself is only read. Begin with zeros, and set struct_size to sizeof(bayplan_plugin_t).
typedef struct bayplan_plugin_t {
  // sizeof(bayplan_plugin_t).
  uint32_t struct_size;
  // One of the BAYPLAN_NORMALIZE_ numbers.
  uint32_t normalize;
  // Its name, in the configuration and in answers; not one of kube-scheduler's plugins.
  const char *name;
  // Its filter, or null.
  bayplan_filter_t filter;
  // Its score, or null.
  bayplan_score_t score;
  // The words for the filter's codes; must be there where the filter is.
  bayplan_reason_t reason;
  // The weight of its score, 1 or more; what the configuration says counts before it.
  int64_t weight;
  // What its functions are called with.
  void *context;
} bayplan_plugin_t;

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
  // Filters and scores of the caller's own; null for none. The library keeps their functions, not the structs.
  const struct bayplan_plugin_t *plugins;
  // How many.
  size_t plugin_count;
} bayplan_options_t;

// What became of objects that came. Set struct_size to sizeof(bayplan_changes_t) before it is written to.
typedef struct bayplan_changes_t {
  // sizeof(bayplan_changes_t).
  uint32_t struct_size;
  // 0.
  uint32_t reserved;
  // How many objects were not known.
  uint64_t added;
  // How many were, and changed.
  uint64_t updated;
  // How many pods that this cluster had bound are on that node.
  uint64_t confirmed;
  // How many events changed nothing: they are no newer than what is known, or of the time before this cluster bound the pod.
  uint64_t unchanged;
  // How many objects are gone.
  uint64_t removed;
  // How many pods are on another node than was known: somebody else bound them, and that stands.
  uint64_t moved;
} bayplan_changes_t;

// What was decided for a pod, in numbers.
typedef struct bayplan_decision_numbers_t {
  // The pod.
  uint64_t pod;
  // The node's total score; 0 where it was the only feasible one, as scoring is then skipped.
  int64_t score;
  // One of the BAYPLAN_OUTCOME_ numbers.
  uint32_t outcome;
  // The node's row, see bayplan_cluster_node_of_row; UINT32_MAX where none was found.
  uint32_t node;
  // How many nodes have that score.
  uint32_t ties;
  // How many nodes are feasible.
  uint32_t feasible;
  // The row of the node from which pods of lower priority are to be evicted so that this one fits; UINT32_MAX for none.
  uint32_t preempts_on;
  // How many pods are to be evicted.
  uint32_t victims;
  // How many rules concern the pod and were not applied, so that the real decision may be another.
  uint32_t not_applied;
  // How many objects a rule needed that are not there.
  uint32_t missing;
} bayplan_decision_numbers_t;

// How much a cluster has. Set struct_size to sizeof(bayplan_counts_t) before it is written to.
typedef struct bayplan_counts_t {
  // sizeof(bayplan_counts_t).
  uint32_t struct_size;
  // The Kubernetes minor version that it decides as: 37 for 1.37.
  uint32_t minor;
  // Nodes.
  uint64_t nodes;
  // Pods, with those that have ended.
  uint64_t pods;
  // Pods that wait for a node.
  uint64_t pending;
  // Pods that hold room on a node that is there.
  uint64_t bound;
} bayplan_counts_t;

// Some texts.
typedef struct bayplan_texts_t {
  // The first of them; null where there are none.
  const struct bayplan_string_t *texts;
  // How many.
  size_t count;
} bayplan_texts_t;

// What workloads add up to.
typedef struct bayplan_totals_t {
  // How many pods are on another node.
  size_t moved;
  // How many went and come no more.
  size_t lost;
  // How many are asked for and not on nodes.
  size_t missing;
  // How many of those were not missing before.
  size_t newly_missing;
  // How many were evicted to make room for others.
  size_t preempted;
} bayplan_totals_t;

// A workload whose pods came, moved or went, or that lacks some.
typedef struct bayplan_workload_t {
  // The kind of what nobody controls: a Deployment rather than its ReplicaSets.
  struct bayplan_string_t kind;
  // Its namespace.
  struct bayplan_string_t namespace_name;
  // Its name.
  struct bayplan_string_t name;
  // The priority of its pods.
  int32_t priority;
  // How many pods it asks for, after.
  size_t wanted;
  // How many were on nodes before.
  size_t before;
  // How many are on nodes after.
  size_t after;
  // How many of those before are on another node now, or were replaced by one that is on a node.
  size_t moved;
  // How many went and come no more: nobody controls them.
  size_t lost;
  // How many it asks for and has not on nodes, after.
  size_t missing;
  // The same before.
  size_t missing_before;
  // How many were evicted to make room for pods of higher priority.
  size_t preempted;
} bayplan_workload_t;

// A pod that is there no more.
typedef struct bayplan_gone_t {
  // The pod, "namespace/name".
  struct bayplan_string_t pod;
  // The node that it was on, or "".
  struct bayplan_string_t node;
  // "Deleted", "Evicted" by a drain, "Preempted", "TaintEviction" or "Finished".
  struct bayplan_string_t why;
  // The pod that it made room for, or "".
  struct bayplan_string_t by;
} bayplan_gone_t;

// A node that was to be drained.
typedef struct bayplan_drained_t {
  // The node.
  struct bayplan_string_t node;
  // Every pod that had to go is gone.
  bool is_drained;
  // The pods that had to go and are still there; where kubectl does not begin, those that keep it from that.
  struct bayplan_texts_t left;
  // What kubectl says of this node where it fails: pods that it does not delete, evictions that were refused, the timeout.
  struct bayplan_texts_t errors;
  // The budgets that let no more pods go.
  struct bayplan_texts_t budgets;
} bayplan_drained_t;

// What nodes give of a resource, and what pods ask of it: thousandths of a core of cpu, bytes, pieces.
typedef struct bayplan_amount_t {
  // The resource.
  struct bayplan_string_t resource;
  // What is allocatable.
  int64_t allocatable;
  // What is requested.
  int64_t requested;
  // In a group of nodes: the most that is free on one of them that is ready and not cordoned. 0 elsewhere.
  int64_t largest_free;
} bayplan_amount_t;

// What is requested of a cluster.
typedef struct bayplan_utilisation_t {
  // How many nodes there are.
  size_t nodes;
  // The sums over them, a row a resource that some node has.
  const struct bayplan_amount_t *amounts;
  // How many rows.
  size_t amount_count;
} bayplan_utilisation_t;

// What became of a cluster: the answer to "simulate" and "drain". The decisions are in bayplan_answer_decisions.
typedef struct bayplan_simulated_t {
  // What the workloads add up to.
  struct bayplan_totals_t totals;
  // The workloads that something happened to, or whose pods wait.
  const struct bayplan_workload_t *workloads;
  // How many.
  size_t workload_count;
  // The pods that went.
  const struct bayplan_gone_t *gone;
  // How many.
  size_t gone_count;
  // The nodes that were drained, in order.
  const struct bayplan_drained_t *drained;
  // How many.
  size_t drained_count;
  // What was requested before.
  struct bayplan_utilisation_t before;
  // The same after.
  struct bayplan_utilisation_t after;
} bayplan_simulated_t;

// What happens when a domain fails, or two at once.
typedef struct bayplan_failure_t {
  // The domains that fail together.
  struct bayplan_texts_t domains;
  // How many nodes go.
  size_t nodes;
  // What the workloads add up to.
  struct bayplan_totals_t totals;
  // The workloads that something happened to, or whose pods wait.
  const struct bayplan_workload_t *workloads;
  // How many.
  size_t workload_count;
  // What is requested of the nodes that stay.
  struct bayplan_utilisation_t after;
  // How many attempts to preempt were made.
  size_t preemption_attempts;
  // What was left out or not applied, so that the real cluster may do otherwise.
  struct bayplan_texts_t unsure;
} bayplan_failure_t;

// The answer to "fail".
typedef struct bayplan_fail_t {
  // The label whose values are the domains.
  struct bayplan_string_t by;
  // A row a domain, or a pair of them.
  const struct bayplan_failure_t *failures;
  // How many.
  size_t failure_count;
  // The nodes without the label, which never fail.
  struct bayplan_texts_t without_label;
  // How many pods are missing while none fails.
  size_t missing_before;
  // What is requested while none fails.
  struct bayplan_utilisation_t before;
} bayplan_fail_t;

// A node that can be switched off.
typedef struct bayplan_emptied_t {
  // The node.
  struct bayplan_string_t node;
  // Is its price known?
  bool has_price;
  // What it costs; 0 where that is not known.
  double price;
  // The pods that move, in order.
  struct bayplan_texts_t moves;
} bayplan_emptied_t;

// A name, and why: a node that stays, or a pod that nothing carries.
typedef struct bayplan_because_t {
  // The node or the pod.
  struct bayplan_string_t name;
  // Why.
  struct bayplan_string_t why;
} bayplan_because_t;

// The answer to "shrink".
typedef struct bayplan_shrink_t {
  // The nodes that can be switched off together, in the order in which they are drained.
  const struct bayplan_emptied_t *emptied;
  // How many.
  size_t emptied_count;
  // The nodes that were tried and stay, and why; nodes that were not tried are in neither list.
  const struct bayplan_because_t *kept;
  // How many.
  size_t kept_count;
  // Has a node a price?
  bool has_prices;
  // What the nodes that have a price cost before.
  double price_before;
  // The same after.
  double price_after;
  // What is requested before.
  struct bayplan_utilisation_t before;
  // The same after.
  struct bayplan_utilisation_t after;
} bayplan_shrink_t;

// Nodes of one shape in one zone.
typedef struct bayplan_bought_t {
  // The shape.
  struct bayplan_string_t shape;
  // The zone, or "" where there are none.
  struct bayplan_string_t zone;
  // How many.
  uint32_t count;
  // What one costs.
  double price;
} bayplan_bought_t;

// Nodes to buy, and what they cost.
typedef struct bayplan_priced_t {
  // Was such a mix found? The rest is 0 where not, and where none was looked for: there is no packing where a failure is to be survived.
  bool is_found;
  // What all cost.
  double price;
  // How many nodes.
  uint32_t nodes;
  // A row a shape and zone.
  const struct bayplan_bought_t *bought;
  // How many rows.
  size_t bought_count;
} bayplan_priced_t;

// The answer to "size".
typedef struct bayplan_size_t {
  // How many pods are to be carried.
  size_t pods;
  // How many classes of them differ.
  size_t classes;
  // No mix that carries the pods costs less.
  double bound;
  // The cheapest mix found on which the scheduler places all pods.
  struct bayplan_priced_t scheduled;
  // The cheapest mix found whose nodes can be packed with all pods.
  struct bayplan_priced_t packed;
  // The cheapest of one shape alone on which the scheduler places all.
  struct bayplan_priced_t single;
  // The pods that nothing of the catalogue carries, and why.
  const struct bayplan_because_t *impossible;
  // How many.
  size_t impossible_count;
  // The zones in which nodes were bought.
  struct bayplan_texts_t zones;
  // What may be lost: "node", "zone", or "".
  struct bayplan_string_t survives;
  // What is requested of the nodes of `scheduled`, and of those that are kept.
  struct bayplan_utilisation_t after;
} bayplan_size_t;

// One node of an upgrade.
typedef struct bayplan_upgrade_step_t {
  // The node.
  struct bayplan_string_t node;
  // The node that takes its place.
  struct bayplan_string_t replacement;
  // Was it drained and removed?
  bool is_done;
  // How many of its pods were evicted.
  size_t evicted;
  // How many pods more than at the beginning were on no node once it was drained.
  size_t missing;
  // Who keeps it from being drained: budgets, or in kubectl's words what else.
  struct bayplan_texts_t blocked_by;
} bayplan_upgrade_step_t;

// The answer to "upgrade".
typedef struct bayplan_upgrade_t {
  // The steps, in order.
  const struct bayplan_upgrade_step_t *steps;
  // How many.
  size_t step_count;
  // How many nodes there were at most beyond those at the beginning.
  size_t peak_extra_nodes;
  // How many pods were missing at most beyond those at the beginning.
  size_t peak_missing;
} bayplan_upgrade_t;

// The GPUs of a node, or of a pool.
typedef struct bayplan_gpu_row_t {
  // The node, or the pool.
  struct bayplan_string_t name;
  // The pool of a node, or "".
  struct bayplan_string_t pool;
  // The resource.
  struct bayplan_string_t resource;
  // How many nodes.
  size_t nodes;
  // How many GPUs there are.
  int64_t total;
  // How many are requested.
  int64_t used;
  // How many are not.
  int64_t free;
  // How many of these no pod can use: cpu, memory or room for pods is gone, or the node is cordoned or not ready.
  int64_t stranded;
  // The most that one pod can have.
  int64_t largest;
  // How many pods of 1, 2, 4 and 8 GPUs still fit, each size alone.
  int64_t fits[4];
} bayplan_gpu_row_t;

// What a pod is taken to need beside each GPU.
typedef struct bayplan_beside_gpu_t {
  // The resource of the GPUs.
  struct bayplan_string_t resource;
  // Thousandths of a core.
  int64_t milli_cpu;
  // Bytes.
  int64_t memory;
} bayplan_beside_gpu_t;

// The fewest moves that free a block of GPUs.
typedef struct bayplan_freed_gpus_t {
  // The resource.
  struct bayplan_string_t resource;
  // How many GPUs the block has.
  int64_t size;
  // The node.
  struct bayplan_string_t node;
  // The pods that move.
  struct bayplan_texts_t moves;
} bayplan_freed_gpus_t;

// The answer to "gpus".
typedef struct bayplan_gpus_t {
  // By node.
  const struct bayplan_gpu_row_t *nodes;
  // How many rows.
  size_t node_count;
  // By pool.
  const struct bayplan_gpu_row_t *pools;
  // How many rows.
  size_t pool_count;
  // What a pod is taken to need beside each GPU.
  const struct bayplan_beside_gpu_t *beside;
  // How many.
  size_t beside_count;
  // Blocks that no node has free, and that moves can free.
  const struct bayplan_freed_gpus_t *freed;
  // How many.
  size_t freed_count;
} bayplan_gpus_t;

// A node on which preemption helps.
typedef struct bayplan_preemption_candidate_t {
  // The node.
  struct bayplan_string_t node;
  // The pods that would be evicted, the most important first.
  struct bayplan_texts_t victims;
  // How many of them violate a disruption budget.
  uint32_t violations;
  // No other node is better.
  bool is_best;
} bayplan_preemption_candidate_t;

// The answer to "preempt". The decision is in bayplan_answer_decisions.
typedef struct bayplan_preempt_t {
  // The node that is chosen, or "" where preemption helps nowhere or the pod fits.
  struct bayplan_string_t node;
  // Every node on which it helps, in node order.
  const struct bayplan_preemption_candidate_t *candidates;
  // How many.
  size_t candidate_count;
} bayplan_preempt_t;

// A node of the cluster.
typedef struct bayplan_node_row_t {
  // Its name.
  struct bayplan_string_t name;
  // Its zone, or "".
  struct bayplan_string_t zone;
  // Its instance type, or "".
  struct bayplan_string_t instance_type;
  // How many pods are on it.
  size_t pods;
  // Is it cordoned?
  bool is_cordoned;
  // Is it ready?
  bool is_ready;
  // Its taints: "key=value:Effect".
  struct bayplan_texts_t taints;
  // Its labels: "key=value".
  struct bayplan_texts_t labels;
  // A row a resource.
  const struct bayplan_amount_t *amounts;
  // How many rows.
  size_t amount_count;
} bayplan_node_row_t;

// Nodes that have the same value of a label.
typedef struct bayplan_node_group_t {
  // Have they the label at all?
  bool has_label;
  // The value.
  struct bayplan_string_t value;
  // How many nodes.
  size_t nodes;
  // How many pods are on them.
  size_t pods;
  // The sums, a row a resource.
  const struct bayplan_amount_t *amounts;
  // How many rows.
  size_t amount_count;
} bayplan_node_group_t;

// The answer to "nodes".
typedef struct bayplan_nodes_t {
  // The nodes, in node order.
  const struct bayplan_node_row_t *nodes;
  // How many.
  size_t node_count;
  // The label that was asked for, or "".
  struct bayplan_string_t by;
  // Groups of the nodes by that label.
  const struct bayplan_node_group_t *groups;
  // How many.
  size_t group_count;
} bayplan_nodes_t;

// A name or a reason, and how many.
typedef struct bayplan_counted_t {
  // The node, or the reason.
  struct bayplan_string_t name;
  // How many replicas are on the node, or how many nodes have the reason.
  size_t count;
} bayplan_counted_t;

// The answer of bayplan_cluster_fit_answer. The decision for the first replica that did not fit is in bayplan_answer_decisions.
typedef struct bayplan_fit_t {
  // How many were placed.
  size_t replicas;
  // The limit ended it, so that more may fit.
  bool is_limit_reached;
  // How many went to each node that got some.
  const struct bayplan_counted_t *by_node;
  // How many rows.
  size_t by_node_count;
  // Why the next one does not fit: each reason, and on how many nodes it holds.
  const struct bayplan_counted_t *reasons;
  // How many rows.
  size_t reason_count;
  // What a server says that refuses the next one, or "".
  struct bayplan_string_t refused;
} bayplan_fit_t;

// Posts `length` bytes of JSON to a URL, as kube-scheduler does for an extender, and writes what came back to `reply`, where the answer's status was 200.
// Pods and nodes have the fields that decisions look at, and no others. With false, or after bayplan_reply_fail, the extender failed. The URL ends in a zero byte.
typedef bool (*bayplan_post_t)(void *context,
                               const char *url,
                               const char *body,
                               size_t length,
                               struct bayplan_reply_t *reply);

// What one node comes to for a pod. `rule` and `reason` are the numbers of bayplan_core.h: a plugin by its place in
// kube-scheduler's default order, and which of its reasons.
typedef struct bayplan_node_result_t {
  // Its row: bayplan_cluster_node_of_row() has its name.
  uint32_t node;
  // BAYPLAN_NODE_FEASIBLE and so on.
  uint32_t flags;
  // The rule that rejects it first; 253 for an extender, 254 where the affinity names other nodes, 255 for a plugin of the caller's own; UINT32_MAX where none does, or the pod is
  // rejected before any node is looked at.
  uint32_t rule;
  // Which of its reasons; the code that it gave, where it is a plugin of the caller's own.
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

// There is not enough memory. The cluster is as it was.
#define BAYPLAN_NO_MEMORY 17

// A plugin of the caller's own failed.
#define BAYPLAN_PLUGIN 18

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// The BAYPLAN_ABI_VERSION of the library that is loaded; a program should compare it with the header's.
BAYPLAN_API uint32_t bayplan_abi_version(void);

// The version of the library, as "0.1.0"; lives as long as the library is loaded.
BAYPLAN_API const char *bayplan_version(void);

// The name of a status, as "NOT_FOUND"; "UNKNOWN" for another number. Lives as long as the library is loaded.
BAYPLAN_API const char *bayplan_status_name(bayplan_status_t status);

// The status of the call that failed; OK for null.
BAYPLAN_API BAYPLAN_MUST_USE bayplan_status_t bayplan_error_status(const struct bayplan_error_t *error);

// The message: which object, which field, what is wrong and what is legal. UTF-8, lives as long as the error; "" for
// null.
BAYPLAN_API const char *bayplan_error_message(const struct bayplan_error_t *error);

// A part of the message by its BAYPLAN_ERROR_ number; "" where it has none, for null, and for another number. Lives as long as the error. O(1)
BAYPLAN_API
struct bayplan_string_t bayplan_error_part(const struct bayplan_error_t *error,
                                           uint32_t part);

// Frees an error; nothing for null.
BAYPLAN_API void bayplan_error_free(struct bayplan_error_t *error);

// How many texts there are; 0 for null.
BAYPLAN_API size_t bayplan_strings_count(const struct bayplan_strings_t *strings);

// One of the texts; it lives as long as the list.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_strings_get(const struct bayplan_strings_t *strings,
                                     size_t index,
                                     struct bayplan_string_t *text,
                                     struct bayplan_error_t **error);

// Frees a list; nothing for null.
BAYPLAN_API void bayplan_strings_free(struct bayplan_strings_t *strings);

// The pod that a plugin is asked about, "namespace/name": `length` bytes, without a zero byte behind them. O(1)
BAYPLAN_API const char *bayplan_question_pod(const struct bayplan_question_t *question, size_t *length);

// The pod as JSON, with the fields that decisions look at: `length` bytes. O(pod), the first time
BAYPLAN_API const char *bayplan_question_pod_json(const struct bayplan_question_t *question, size_t *length);

// The rows of the nodes, in the order of the answers; `count` is how many. See bayplan_cluster_node_of_row. O(1)
BAYPLAN_API const uint32_t *bayplan_question_nodes(const struct bayplan_question_t *question, size_t *count);

// The name of the node at a place of the answers, `length` bytes; null where the place is beyond the last. O(1)
BAYPLAN_API
const char *bayplan_question_node_name(const struct bayplan_question_t *question,
                                       size_t at,
                                       size_t *length);

// Says why a plugin cannot tell: the attempt then ends as an error with these words. `length` may be BAYPLAN_ZERO_ENDED. O(1)
BAYPLAN_API
void bayplan_question_fail(struct bayplan_question_t *question,
                           const char *words,
                           size_t length);

// From now on `go_on` is called in the long calls of this cluster and of its later forks (schedule, place, fit, ask), again and again, with `context`. Both must
// live as long as it is set; null ends it. O(1)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_set_progress(struct bayplan_cluster_t *cluster,
                                              bayplan_go_on_t go_on,
                                              void *context,
                                              struct bayplan_error_t **error);

// How many decisions there are; 0 for null.
BAYPLAN_API size_t bayplan_decisions_count(const struct bayplan_decisions_t *decisions);

// Reads `count` decisions from the one at `first` on into an array of as many. The struct_size of its first element
// holds for all.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_decisions_read(const struct bayplan_decisions_t *decisions,
                                        size_t first,
                                        size_t count,
                                        struct bayplan_decision_t *array,
                                        struct bayplan_error_t **error);

// One of the rules that concern a pod and were not applied: `rule` as kube-scheduler names it, and `why` it concerns
// the pod. `decision` says whose, `index` which: less than the decision's `not_applied`. Both live as long as the
// decisions.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_decisions_not_applied(const struct bayplan_decisions_t *decisions,
                                               size_t decision,
                                               size_t index,
                                               struct bayplan_string_t *rule,
                                               struct bayplan_string_t *why,
                                               struct bayplan_error_t **error);

// One of the objects that a rule needed and that are not there, as "PriorityClass high". `decision` says whose,
// `index` which: less than the decision's `missing`. The text lives as long as the decisions.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_decisions_missing(const struct bayplan_decisions_t *decisions,
                                           size_t decision,
                                           size_t index,
                                           struct bayplan_string_t *object,
                                           struct bayplan_error_t **error);

// One of the pods that are to be evicted so that a pod fits, the most important first. `decision` says for whom,
// `index` which: less than the decision's `victims`. The text lives as long as the decisions.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_decisions_victim(const struct bayplan_decisions_t *decisions,
                                          size_t decision,
                                          size_t index,
                                          struct bayplan_string_t *pod,
                                          struct bayplan_error_t **error);

// How many pods were evicted to make room for those that were placed; 0 for null.
BAYPLAN_API size_t bayplan_decisions_eviction_count(const struct bayplan_decisions_t *decisions);

// Reads one of the pods that were evicted to make room for those that were placed, in the order of the evictions.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_decisions_eviction(const struct bayplan_decisions_t *decisions,
                                            size_t index,
                                            struct bayplan_eviction_t *eviction,
                                            struct bayplan_error_t **error);

// What is to be known of the input that was placed, a sentence each, as of replicas that are there already.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_decisions_warnings(const struct bayplan_decisions_t *decisions,
                                            struct bayplan_strings_t **strings,
                                            struct bayplan_error_t **error);

// All decisions as one JSON document (apiVersion bayplan/v1, kind Placements). `json` gets a list of one text.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_decisions_json(const struct bayplan_decisions_t *decisions,
                                        struct bayplan_strings_t **json,
                                        struct bayplan_error_t **error);

// Frees decisions; nothing for null.
BAYPLAN_API void bayplan_decisions_free(struct bayplan_decisions_t *decisions);

// Makes an empty cluster. Null options stand for the newest version and kube-scheduler's defaults. O(1)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_new(const struct bayplan_options_t *options,
                                     struct bayplan_cluster_t **cluster,
                                     struct bayplan_error_t **error);

// Frees a cluster; nothing for null. O(all), or O(1) while forks share it
BAYPLAN_API void bayplan_cluster_free(struct bayplan_cluster_t *cluster);

// Makes an independent copy: what happens to one no longer concerns the other. A fork.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_fork(const struct bayplan_cluster_t *cluster,
                                      struct bayplan_cluster_t **fork,
                                      struct bayplan_error_t **error);

// Takes in Kubernetes objects: JSON or YAML, a list as kubectl prints it, one object, or several documents. A later
// object updates an earlier one of the same name, as kubectl apply does. An object with a `metadata.uid` is taken as an
// API server returned it; one without is a manifest: what a server would fill in is filled in, and what it would refuse,
// such as a field that it does not know or a container without an image, is `BAYPLAN_INVALID_INPUT`. `source` names the
// input in messages; it may be null. On an error nothing is taken in. O(input), and a fork for more than 64 objects.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_load(struct bayplan_cluster_t *cluster,
                                      const char *data,
                                      size_t length,
                                      const char *source,
                                      struct bayplan_error_t **error);

// Puts in one object, in the place of the one of the same name: the door that a watch feeds. On an error the cluster
// is as before. O(changed)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_upsert(struct bayplan_cluster_t *cluster,
                                        const char *data,
                                        size_t length,
                                        struct bayplan_error_t **error);

// Takes an object away. `api_version` is as in the object ("v1", "apps/v1"); `namespace_name` may be null where the
// kind has none. `found`, unless null, is set to whether it was there. O(changed)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_delete(struct bayplan_cluster_t *cluster,
                                        const char *api_version,
                                        const char *kind,
                                        const char *namespace_name,
                                        const char *name,
                                        bool *found,
                                        struct bayplan_error_t **error);

// As bayplan_cluster_delete, for names with a length, which need not end in a zero byte. The same cost.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_delete_n(struct bayplan_cluster_t *cluster,
                                          const char *api_version,
                                          const char *kind,
                                          const char *namespace_name,
                                          size_t namespace_length,
                                          const char *name,
                                          size_t name_length,
                                          bool *found,
                                          struct bayplan_error_t **error);

// Binds a pending pod ("namespace/name") to a node, whether or not the rules allow it. `start` is its start time in
// seconds since 1970. BAYPLAN_CONFLICT where the pod is on a node already. O(changed)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_bind(struct bayplan_cluster_t *cluster,
                                      const char *pod,
                                      const char *node,
                                      int64_t start,
                                      struct bayplan_error_t **error);

// As bayplan_cluster_bind, for texts with a length, which need not end in a zero byte. The same cost.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_bind_n(struct bayplan_cluster_t *cluster,
                                        const char *pod,
                                        size_t pod_length,
                                        const char *node,
                                        size_t node_length,
                                        int64_t start,
                                        struct bayplan_error_t **error);

// Takes a pod ("namespace/name") off its node: it waits for a node again, as it did before bayplan_cluster_bind.
// BAYPLAN_CONFLICT where it is on none; BAYPLAN_UNSUPPORTED where it has claims and came bound. O(changed)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_unbind(struct bayplan_cluster_t *cluster,
                                        const char *pod,
                                        struct bayplan_error_t **error);

// As bayplan_cluster_unbind, for texts with a length, which need not end in a zero byte. The same cost.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_unbind_n(struct bayplan_cluster_t *cluster,
                                          const char *pod,
                                          size_t pod_length,
                                          struct bayplan_error_t **error);

// Takes a pod ("namespace/name") away at once. O(changed)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_evict(struct bayplan_cluster_t *cluster,
                                       const char *pod,
                                       struct bayplan_error_t **error);

// As bayplan_cluster_evict, for texts with a length, which need not end in a zero byte. The same cost.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_evict_n(struct bayplan_cluster_t *cluster,
                                         const char *pod,
                                         size_t pod_length,
                                         struct bayplan_error_t **error);

// Lets pods that fit nowhere preempt others from now on, or not: in decisions, explanations and placements of this
// cluster and its later forks. They do unless the options say otherwise. O(1)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_set_preemption(struct bayplan_cluster_t *cluster,
                                                bool on,
                                                struct bayplan_error_t **error);

// What preemption would do for one pending pod ("namespace/name"); changes nothing. `json` gets a list of one text:
// "preemption" with what the event adds, the node, the victims and how many budgets they violate (null where the pod
// fits somewhere); "candidates", every node on which it helps, each with "victims" and "violations"; and "best", those
// of them that are as good as the one that is taken. O(nodes x their pods of lower priority)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_preempt_dry_run(struct bayplan_cluster_t *cluster,
                                                 const char *pod,
                                                 struct bayplan_strings_t **json,
                                                 struct bayplan_error_t **error);

// As bayplan_cluster_preempt_dry_run, for texts with a length, which need not end in a zero byte. The same cost.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_preempt_dry_run_n(struct bayplan_cluster_t *cluster,
                                                   const char *pod,
                                                   size_t pod_length,
                                                   struct bayplan_strings_t **json,
                                                   struct bayplan_error_t **error);

// One attempt for a pending pod ("namespace/name"), with what kube-scheduler does after one that fails: where
// preemption helps, the victims are taken away at once and the pod is nominated to their node, to be decided for
// again. A pod that finds a node is not bound. Gives one decision: preempts_on is the node, and
// bayplan_decisions_victim names the pods that are gone.
// O(nodes), and where none will do O(nodes x their pods of lower priority)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_preempt(struct bayplan_cluster_t *cluster,
                                         const char *pod,
                                         struct bayplan_decisions_t **decisions,
                                         struct bayplan_error_t **error);

// As bayplan_cluster_preempt, for texts with a length, which need not end in a zero byte. The same cost.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_preempt_n(struct bayplan_cluster_t *cluster,
                                           const char *pod,
                                           size_t pod_length,
                                           struct bayplan_decisions_t **decisions,
                                           struct bayplan_error_t **error);

// Decides where one pending pod ("namespace/name") would go, and places nothing. Gives one decision; where no node
// will do, it says whom the pod would preempt.
// O(nodes), and where none will do O(nodes x their pods of lower priority)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_decide(struct bayplan_cluster_t *cluster,
                                        const char *pod,
                                        struct bayplan_decisions_t **decisions,
                                        struct bayplan_error_t **error);

// As bayplan_cluster_decide, for texts with a length, which need not end in a zero byte. The same cost.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_decide_n(struct bayplan_cluster_t *cluster,
                                          const char *pod,
                                          size_t pod_length,
                                          struct bayplan_decisions_t **decisions,
                                          struct bayplan_error_t **error);

// Decides for pods one after the other and binds each that found a node, so that the next sees it there. `pods` are
// `count` texts ("namespace/name"). `start` is the start time of the pods in seconds since 1970. Gives as many
// decisions, in the same order; on an error nothing is bound. A fork, and a decision and a bind for each pod.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_schedule(struct bayplan_cluster_t *cluster,
                                          const char *const *pods,
                                          size_t count,
                                          int64_t start,
                                          struct bayplan_decisions_t **decisions,
                                          struct bayplan_error_t **error);

// As bayplan_cluster_schedule, for all pods that wait for a node, in the order of the scheduler's queue: the highest
// priority first, then the oldest. A fork, and a decision and a bind for each pod.
BAYPLAN_API
BAYPLAN_MUST_USE
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
// fork with the pods on it. A fork, and a decision and a bind for each pod.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_place(const struct bayplan_cluster_t *cluster,
                                       const char *data,
                                       size_t length,
                                       const char *source,
                                       uint32_t flags,
                                       struct bayplan_cluster_t **after,
                                       struct bayplan_decisions_t **decisions,
                                       struct bayplan_error_t **error);

// Decides where one pending pod would go and says everything about it, as JSON (apiVersion bayplan/v1, kind
// Explanation): the decision, every node's verdict, and every rule's score. `json` gets a list of one text.
// O(nodes x rules), with texts.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_why(struct bayplan_cluster_t *cluster,
                                     const char *pod,
                                     struct bayplan_strings_t **json,
                                     struct bayplan_error_t **error);

// As bayplan_cluster_why, for texts with a length, which need not end in a zero byte. The same cost.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_why_n(struct bayplan_cluster_t *cluster,
                                       const char *pod,
                                       size_t pod_length,
                                       struct bayplan_strings_t **json,
                                       struct bayplan_error_t **error);

// The pods that wait for a node ("namespace/name"), in the order of the scheduler's queue. O(pending)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_pending(const struct bayplan_cluster_t *cluster,
                                         struct bayplan_strings_t **strings,
                                         struct bayplan_error_t **error);

// The names of the nodes, in node order. O(nodes)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_nodes(const struct bayplan_cluster_t *cluster,
                                       struct bayplan_strings_t **strings,
                                       struct bayplan_error_t **error);

// The pods bound to a node ("namespace/name"), by name. O(nodes), and the pods on it.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_pods_on(const struct bayplan_cluster_t *cluster,
                                         const char *node,
                                         struct bayplan_strings_t **strings,
                                         struct bayplan_error_t **error);

// As bayplan_cluster_pods_on, for texts with a length, which need not end in a zero byte. The same cost.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_pods_on_n(const struct bayplan_cluster_t *cluster,
                                           const char *node,
                                           size_t node_length,
                                           struct bayplan_strings_t **strings,
                                           struct bayplan_error_t **error);

// What is to be known of the input, a sentence each: configuration that is not honoured, pods on nodes that are not
// there, kinds that were not read. O(nodes)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_warnings(const struct bayplan_cluster_t *cluster,
                                          struct bayplan_strings_t **strings,
                                          struct bayplan_error_t **error);

// Takes in what a watch brings as ADDED or MODIFIED: one object or a list of any, as an API server returns them. By their
// resourceVersion, events that are late or come twice change nothing. (After its deletion no event of an object may come,
// which a watch sees to.) A pod that bayplan_cluster_bind, schedule or decide_ids has bound stays on its node while older
// events say that it waits: until the watch confirms it, says that it is on another node, or bayplan_cluster_forget undoes
// the bind. `changes` may be null, and so may `moved`, which gets the pods ("namespace/name") that are on another node than
// was known. On an error nothing is taken in. O(changed), and a fork for a list; O(1) for an event that changes nothing.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_observe(struct bayplan_cluster_t *cluster,
                                         const char *data,
                                         size_t length,
                                         struct bayplan_changes_t *changes,
                                         struct bayplan_strings_t **moved,
                                         struct bayplan_error_t **error);

// Takes away what a watch brings as DELETED: one object or a list. An object of the same name that came later, with another uid, stays. `changes` may be
// null. On an error nothing is taken away. O(changed), and a fork for a list.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_observe_deleted(struct bayplan_cluster_t *cluster,
                                                 const char *data,
                                                 size_t length,
                                                 struct bayplan_changes_t *changes,
                                                 struct bayplan_error_t **error);

// Takes in a list of all objects of a kind ("v1", "Pod"), as a watch begins and after it broke off: each as bayplan_cluster_observe does, and objects of the
// kind that are not in the list are gone. The rest is as there. A fork, and O(objects of the kind).
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_replace(struct bayplan_cluster_t *cluster,
                                         const char *api_version,
                                         const char *kind,
                                         const char *data,
                                         size_t length,
                                         struct bayplan_changes_t *changes,
                                         struct bayplan_strings_t **moved,
                                         struct bayplan_error_t **error);

// Undoes the bind of a pod ("namespace/name") that failed in the real cluster: it waits for a node again, as the newest
// event has it, and its claims and volumes are as before, unless something newer came for them. BAYPLAN_CONFLICT where this
// cluster did not bind it, or a watch has confirmed it. Load and upsert take a pod as it is given, and it counts as
// confirmed then: a mirror uses replace and observe. O(changed)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_forget(struct bayplan_cluster_t *cluster,
                                        const char *pod,
                                        struct bayplan_error_t **error);

// As bayplan_cluster_forget, for texts with a length, which need not end in a zero byte. The same cost.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_forget_n(struct bayplan_cluster_t *cluster,
                                          const char *pod,
                                          size_t pod_length,
                                          struct bayplan_error_t **error);

// Nominates a pending pod ("namespace/name") to a node, as preemption does: pods of lower priority leave the room to it. O(changed)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_nominate(struct bayplan_cluster_t *cluster,
                                          const char *pod,
                                          const char *node,
                                          struct bayplan_error_t **error);

// As bayplan_cluster_nominate, for texts with a length, which need not end in a zero byte. The same cost.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_nominate_n(struct bayplan_cluster_t *cluster,
                                            const char *pod,
                                            size_t pod_length,
                                            const char *node,
                                            size_t node_length,
                                            struct bayplan_error_t **error);

// The id of a pod ("namespace/name"), for bayplan_cluster_decide_ids: it stays the same in this cluster and in its later forks, as long as they live, and
// costs some bytes of memory. `length` may be BAYPLAN_ZERO_ENDED. BAYPLAN_NOT_FOUND where there is no such pod. O(1); after a fork, the first new id copies
// the list of ids.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_pod_id(struct bayplan_cluster_t *cluster,
                                        const char *pod,
                                        size_t length,
                                        uint64_t *id,
                                        struct bayplan_error_t **error);

// The name of an id's pod, "namespace/name": `length` bytes from `data` on, without a zero byte behind them. They live until the next
// bayplan_cluster_pod_id, or until the cluster is freed. O(1)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_pod_of_id(const struct bayplan_cluster_t *cluster,
                                           uint64_t id,
                                           const char **data,
                                           size_t *length,
                                           struct bayplan_error_t **error);

// Decides for pods one after the other, by their ids, and writes as many results, without texts. `flags` is BAYPLAN_DECIDE_BIND or 0; `start` is the start
// time of bound pods in seconds since 1970. On an error nothing is bound, and results are not written. O(pods x nodes), less for pods of one class; and a fork where more than one is bound.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_decide_ids(struct bayplan_cluster_t *cluster,
                                            const uint64_t *pods,
                                            size_t count,
                                            uint32_t flags,
                                            int64_t start,
                                            struct bayplan_decision_numbers_t *results,
                                            struct bayplan_error_t **error);

// How many nodes and pods a cluster has, and the version that it decides as. O(1)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_counts(const struct bayplan_cluster_t *cluster,
                                        struct bayplan_counts_t *counts,
                                        struct bayplan_error_t **error);

// What a node gives of a resource, and what the pods on it ask for: cpu in thousandths, all others in whole units; 0 for a resource that it does not have.
// O(resources)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_node_amount(struct bayplan_cluster_t *cluster,
                                             const char *node,
                                             const char *resource,
                                             int64_t *allocatable,
                                             int64_t *requested,
                                             struct bayplan_error_t **error);

// As bayplan_cluster_node_amount, for texts with a length, which need not end in a zero byte. The same cost.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_node_amount_n(struct bayplan_cluster_t *cluster,
                                               const char *node,
                                               size_t node_length,
                                               const char *resource,
                                               size_t resource_length,
                                               int64_t *allocatable,
                                               int64_t *requested,
                                               struct bayplan_error_t **error);

// The resources that a node gives or that pods on it ask for, by name. O(resources)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_node_resources(struct bayplan_cluster_t *cluster,
                                                const char *node,
                                                struct bayplan_strings_t **resources,
                                                struct bayplan_error_t **error);

// As bayplan_cluster_node_resources, for texts with a length, which need not end in a zero byte. The same cost.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_node_resources_n(struct bayplan_cluster_t *cluster,
                                                  const char *node,
                                                  size_t node_length,
                                                  struct bayplan_strings_t **resources,
                                                  struct bayplan_error_t **error);

// The node that a pod ("namespace/name", whose length may be BAYPLAN_ZERO_ENDED) is on: `node_length` bytes from `node` on, without a zero byte behind them;
// none where it waits. They live until the cluster is changed or freed. O(1)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_pod_node(const struct bayplan_cluster_t *cluster,
                                          const char *pod,
                                          size_t length,
                                          const char **node,
                                          size_t *node_length,
                                          struct bayplan_error_t **error);

// Decides for a pod that is not in the cluster, on a fork: `data` is a manifest of one Pod. Where the cluster has a pod of its name that waits, the manifest
// is decided upon in its place; BAYPLAN_CONFLICT where that one is on a node. Gives one decision. A fork, and a decision.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_decide_manifest(const struct bayplan_cluster_t *cluster,
                                                 const char *data,
                                                 size_t length,
                                                 struct bayplan_decisions_t **decisions,
                                                 struct bayplan_error_t **error);

// Makes the cluster's tables again, with just what the objects need; rows of the block are others afterwards. A cluster does so by itself when its tables are
// much larger than needed. O(all)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_compact(struct bayplan_cluster_t *cluster,
                                         struct bayplan_error_t **error);

// Recounts every sum of the cluster from its objects. BAYPLAN_INTERNAL where one differs, which would be a fault of the library. O(all)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_verify(struct bayplan_cluster_t *cluster,
                                        struct bayplan_error_t **error);

// The cluster as bytes, for bayplan_cluster_open of the same version of the library, in this or another process. `bytes` gets a list of one text, which may
// have zero bytes in it. Not saved are: resourceVersions, so that a mirror that is opened begins with bayplan_cluster_replace; which binds no watch has
// confirmed; max_pods and the flags of how input is read; warnings of kinds that were not read. O(all)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_save(const struct bayplan_cluster_t *cluster,
                                      struct bayplan_strings_t **bytes,
                                      struct bayplan_error_t **error);

// Opens what bayplan_cluster_save gave: a cluster with the same objects that decides the same. How it reads input is as without options.
// BAYPLAN_INVALID_INPUT for other bytes. O(all)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_open(const char *data,
                                      size_t length,
                                      struct bayplan_cluster_t **cluster,
                                      struct bayplan_error_t **error);

// Answers a planner's question on a fork, as JSON (apiVersion bayplan/v1): "simulate", "drain", "fail", "shrink", "size", "upgrade", "gpus", "preempt" or
// "nodes", which are the commands of the same names. `options` are a JSON object of `length` bytes with the names of Python's keywords in camelCase, such as
// {"by": "zone", "changes": [{"cordon": "node-07"}]}; changes are those of a Scenarios document. An option that the question does not have is
// BAYPLAN_INVALID_INPUT. `after`, unless null, gets the cluster after, or null where the question has none. `json` gets a list of one text. A fork, and
// what is played; see bayplan_cluster_set_progress.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_ask(const struct bayplan_cluster_t *cluster,
                                     const char *question,
                                     const char *options,
                                     size_t length,
                                     struct bayplan_cluster_t **after,
                                     struct bayplan_strings_t **json,
                                     struct bayplan_error_t **error);

// As bayplan_cluster_ask, with an answer in structs, which have the numbers and names; a few fields are in the JSON alone, such as what was applied, and the
// lines of a drain. The same cost, and a fork more for `after`. Answers to "simulate", "drain", "size" and "preempt" keep a cluster until they are freed.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_answer(const struct bayplan_cluster_t *cluster,
                                        const char *question,
                                        const char *options,
                                        size_t length,
                                        struct bayplan_cluster_t **after,
                                        struct bayplan_answer_t **answer,
                                        struct bayplan_error_t **error);

// How many more replicas of a template fit, `limit` at most? Places on a fork and leaves the cluster as it is. `data`
// is one manifest: a pod, or a workload that makes equal pods. `json` gets a list of one text (apiVersion bayplan/v1,
// kind Fit): how many on which node, and what stops the next one. `replicas` gets the number. `flags` is
// BAYPLAN_FIT_PREEMPTION or 0. A fork, and a decision and a bind for each replica.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_fit(const struct bayplan_cluster_t *cluster,
                                     const char *data,
                                     size_t length,
                                     size_t limit,
                                     uint32_t flags,
                                     size_t *replicas,
                                     struct bayplan_strings_t **json,
                                     struct bayplan_error_t **error);

// As bayplan_cluster_fit, with an answer in structs. The same cost.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_fit_answer(const struct bayplan_cluster_t *cluster,
                                            const char *data,
                                            size_t length,
                                            size_t limit,
                                            uint32_t flags,
                                            struct bayplan_answer_t **answer,
                                            struct bayplan_error_t **error);

// The answer as JSON, as bayplan_cluster_ask or bayplan_cluster_fit gives it. `json` gets a list of one text. O(the text)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_answer_json(const struct bayplan_answer_t *answer,
                                     struct bayplan_strings_t **json,
                                     struct bayplan_error_t **error);

// What is to be known of the input, a sentence each; null for null. O(1)
BAYPLAN_API const struct bayplan_texts_t *bayplan_answer_warnings(const struct bayplan_answer_t *answer);

// What plays no part and which rules were not applied, so that a real cluster may do otherwise; null for null. Decisions say beside it which rules were not
// applied to their pods, see bayplan_decisions_not_applied, and failures what makes them unsure. O(1)
BAYPLAN_API
const struct bayplan_texts_t *bayplan_answer_left_out(const struct bayplan_answer_t *answer);

// The decisions of "simulate", "drain", "preempt" and bayplan_cluster_fit_answer, and the evictions of the last (who was preempted in a simulation is in
// bayplan_simulated_t); other answers have none. They are the answer's, and not to be freed. Null for null. O(1)
BAYPLAN_API
const struct bayplan_decisions_t *bayplan_answer_decisions(const struct bayplan_answer_t *answer);

// The answer to "simulate" or "drain"; null for another answer, and for null. O(1)
BAYPLAN_API const struct bayplan_simulated_t *bayplan_answer_simulated(const struct bayplan_answer_t *answer);

// The answer to "fail"; null for another answer, and for null. O(1)
BAYPLAN_API const struct bayplan_fail_t *bayplan_answer_fail(const struct bayplan_answer_t *answer);

// The answer to "shrink"; null for another answer, and for null. O(1)
BAYPLAN_API const struct bayplan_shrink_t *bayplan_answer_shrink(const struct bayplan_answer_t *answer);

// The answer to "size"; null for another answer, and for null. O(1)
BAYPLAN_API const struct bayplan_size_t *bayplan_answer_size(const struct bayplan_answer_t *answer);

// The answer to "upgrade"; null for another answer, and for null. O(1)
BAYPLAN_API const struct bayplan_upgrade_t *bayplan_answer_upgrade(const struct bayplan_answer_t *answer);

// The answer to "gpus"; null for another answer, and for null. O(1)
BAYPLAN_API const struct bayplan_gpus_t *bayplan_answer_gpus(const struct bayplan_answer_t *answer);

// The answer to "preempt"; null for another answer, and for null. O(1)
BAYPLAN_API const struct bayplan_preempt_t *bayplan_answer_preempt(const struct bayplan_answer_t *answer);

// The answer to "nodes"; null for another answer, and for null. O(1)
BAYPLAN_API const struct bayplan_nodes_t *bayplan_answer_nodes(const struct bayplan_answer_t *answer);

// The answer of bayplan_cluster_fit_answer; null for another answer, and for null. O(1)
BAYPLAN_API const struct bayplan_fit_t *bayplan_answer_fit(const struct bayplan_answer_t *answer);

// Frees an answer; nothing for null.
BAYPLAN_API void bayplan_answer_free(struct bayplan_answer_t *answer);

// From now on the extenders of the configuration are asked in attempts of this cluster and of its later forks, through `post`: filter and prioritize, with
// weights, managed resources, nodeCacheCapable and ignorable as kube-scheduler honours them. Preemption does not ask them, which decisions then say. Null
// asks nobody, as before: decisions say where an extender concerns a pod. `post` and `context` must live as long as a cluster that has them. It is called
// from the thread of a call or from one that the call began, several at a time where clusters are asked at the same time; it must not use a cluster, nor
// throw, nor jump. O(1)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_set_extenders(struct bayplan_cluster_t *cluster,
                                               bayplan_post_t post,
                                               void *context,
                                               struct bayplan_error_t **error);

// Adds bytes to the answer; nothing for null.
BAYPLAN_API void bayplan_reply_write(struct bayplan_reply_t *reply, const char *data, size_t length);

// Says why there is no answer, in the words that an event will have. `length` may be BAYPLAN_ZERO_ENDED. O(1)
BAYPLAN_API void bayplan_reply_fail(struct bayplan_reply_t *reply, const char *words, size_t length);

// The block of a cluster, for bayplan_core.h: `data` points to `size` bytes that the cluster owns. They stay until the
// cluster is changed, asked with a function that takes it without const, or freed, and may only be read: copy them with
// bayplan_core_fork(data, size, memory, size, fault). O(1); the copy is O(state).
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_block(const struct bayplan_cluster_t *cluster,
                                       const void **data,
                                       size_t *size,
                                       struct bayplan_error_t **error);

// What each node comes to for a pending pod ("namespace/name"), in node order: what an extender of kube-scheduler answers.
// Writes up to `capacity` results, and to `count` how many nodes there are. Nodes are scored even where one alone is
// feasible; preemption is not weighed. BAYPLAN_CONFLICT for a pod that is not to be placed: it is on a node, held back by gates, or of another scheduler;
// BAYPLAN_UNSUPPORTED where a rule fails for it, or concerns it and is not applied. O(nodes), without texts.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_evaluate(struct bayplan_cluster_t *cluster,
                                          const char *pod,
                                          struct bayplan_node_result_t *results,
                                          size_t capacity,
                                          size_t *count,
                                          struct bayplan_error_t **error);

// As bayplan_cluster_evaluate, for texts with a length, which need not end in a zero byte. The same cost.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_evaluate_n(struct bayplan_cluster_t *cluster,
                                            const char *pod,
                                            size_t pod_length,
                                            struct bayplan_node_result_t *results,
                                            size_t capacity,
                                            size_t *count,
                                            struct bayplan_error_t **error);

// The rows of a pending pod ("namespace/name"). It may make new classes, which are rows of the block: copy the block
// afterwards. Rows stay what they are in copies; the cluster itself may make its tables anew when it is changed.
// BAYPLAN_UNSUPPORTED for a pod of which rows do not say all, such as one with claims. O(1) for a class that is known.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_pod_rows(struct bayplan_cluster_t *cluster,
                                          const char *pod,
                                          struct bayplan_pod_rows_t *rows,
                                          struct bayplan_error_t **error);

// As bayplan_cluster_pod_rows, for texts with a length, which need not end in a zero byte. The same cost.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_pod_rows_n(struct bayplan_cluster_t *cluster,
                                            const char *pod,
                                            size_t pod_length,
                                            struct bayplan_pod_rows_t *rows,
                                            struct bayplan_error_t **error);

// The row of a pod ("namespace/name") that is bound to a node. O(1)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_bound_row(const struct bayplan_cluster_t *cluster,
                                           const char *pod,
                                           uint32_t *row,
                                           struct bayplan_error_t **error);

// As bayplan_cluster_bound_row, for texts with a length, which need not end in a zero byte. The same cost.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_bound_row_n(const struct bayplan_cluster_t *cluster,
                                             const char *pod,
                                             size_t pod_length,
                                             uint32_t *row,
                                             struct bayplan_error_t **error);

// The row of a node. O(1)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_node_row(const struct bayplan_cluster_t *cluster,
                                          const char *node,
                                          uint32_t *row,
                                          struct bayplan_error_t **error);

// As bayplan_cluster_node_row, for texts with a length, which need not end in a zero byte. The same cost.
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_node_row_n(const struct bayplan_cluster_t *cluster,
                                            const char *node,
                                            size_t node_length,
                                            uint32_t *row,
                                            struct bayplan_error_t **error);

// The name of the node in a row, or of the one that was there: `length` bytes from `data` on, without a zero byte behind
// them. They live until the cluster is changed or freed. O(1)
BAYPLAN_API
BAYPLAN_MUST_USE
bayplan_status_t bayplan_cluster_node_of_row(const struct bayplan_cluster_t *cluster,
                                             uint32_t row,
                                             const char **data,
                                             size_t *length,
                                             struct bayplan_error_t **error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* BAYPLAN_H */
