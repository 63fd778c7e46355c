// bayplan's core: kube-scheduler's filters, scores, choice and preemption over tables in a block of the caller's memory.
//
// Conventions:
// - No allocation, no I/O, no clock, no threads, no text. A block is memory of the caller's, aligned to 8 bytes (64 is
//   faster), as long as bayplan_core_size() says. Nothing in it points anywhere: move it, map it, copy it, send it.
// - Every function takes the block and its size in bytes, and opens it anew (O(1), about 0.2 us). One thread is in
//   functions with a block at a time; blocks do not depend on each other.
// - A function that can fail returns a bayplan_core_status_t. On failure nothing is changed, outputs are as they were,
//   and *fault, unless it is null, says what was wrong. Every other pointer must not be null, but arrays of length 0 may.
// - Ids are rows of tables: they stay valid for the life of the block, and in its copies. BAYPLAN_CORE_NONE is no row.
//   Texts are interned by the caller: a label's value, a node's name is a row that bayplan_core_add_string() gave.
// - Amounts are whole numbers by resource: 0 milli-CPU, 1 bytes of memory, 2 bytes of ephemeral storage, 3 pods, then
//   those that bayplan_core_add_resource() gave.
// - Enums cross as uint32_t and are checked. Structs that begin with struct_size may grow at their end in later
//   versions; those that the library writes (limits, request) only together with BAYPLAN_CORE_ABI_VERSION. The others are
//   frozen.
// - Pointers to arrays are valid for as many values as is said. What is written does not overlap the block, what is
//   read, or one another.
// - Lists have at most 512 entries (taints, images, labels, uses), 256 (ports), 128 (requirements, terms, tolerations,
//   disks) or 64 (constraints, lists of a profile): more are BAYPLAN_CORE_LIMIT. Lists of ids and amounts have no limit.
// - Costs: O(1) unless the comment says otherwise. Up to 64 KB of stack are used.
// - A fault of the library itself ends the program with a trap: there is no unwinder.
//
// Written by cbindgen from ffi/block/src; do not edit.


#ifndef BAYPLAN_CORE_H
#define BAYPLAN_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Room for the words of a fault.
#define BAYPLAN_CORE_WHAT 80

// The number of this interface: a program that was built for another one must be built again.
#define BAYPLAN_CORE_ABI_VERSION 0

// No row.
#define BAYPLAN_CORE_NONE UINT32_MAX

// The string that every block begins with: the empty one.
#define BAYPLAN_CORE_EMPTY 0

// The second: node.kubernetes.io/unschedulable, the key of the taint that stands for a cordon.
#define BAYPLAN_CORE_UNSCHEDULABLE_TAINT 1

// Taint effect: pods are not placed here.
#define BAYPLAN_CORE_NO_SCHEDULE 0

// Taint effect: pods are rather placed elsewhere.
#define BAYPLAN_CORE_PREFER_NO_SCHEDULE 1

// Taint effect: pods are not placed here, and leave.
#define BAYPLAN_CORE_NO_EXECUTE 2

// Operator: the value is one of these.
#define BAYPLAN_CORE_IN 0

// Operator: the value is none of these, or there is none.
#define BAYPLAN_CORE_NOT_IN 1

// Operator: there is a value.
#define BAYPLAN_CORE_EXISTS 2

// Operator: there is no value.
#define BAYPLAN_CORE_DOES_NOT_EXIST 3

// Operator: the value is an integer above the bound.
#define BAYPLAN_CORE_GT 4

// Operator: the value is an integer below the bound.
#define BAYPLAN_CORE_LT 5

// Operator: matches nothing; the requirement is not legal.
#define BAYPLAN_CORE_NEVER 6

// Kind of a term: required pod affinity.
#define BAYPLAN_CORE_AFFINITY 0

// Kind of a term: required pod anti-affinity.
#define BAYPLAN_CORE_ANTI_AFFINITY 1

// Kind of a term: preferred pod affinity.
#define BAYPLAN_CORE_PREFERRED_AFFINITY 2

// Kind of a term: preferred pod anti-affinity.
#define BAYPLAN_CORE_PREFERRED_ANTI_AFFINITY 3

// Flag of a selector: namespace_requirements choose further namespaces; without any they take every namespace.
#define BAYPLAN_CORE_SELECT_NAMESPACES 1

// Flag of a selector: pods are chosen by requirements; without this flag no pod is chosen.
#define BAYPLAN_CORE_SELECT_PODS 2

// Flag of a selector: namespace_requirements choose among namespaces that are objects, unless they are empty.
#define BAYPLAN_CORE_EXISTING_NAMESPACES 4

// Tag of a use: a volume that a pod mounts.
#define BAYPLAN_CORE_MOUNTED 0

// Tag of a use: a ReadWriteOncePod claim.
#define BAYPLAN_CORE_EXCLUSIVE 2

// Tag of a use: the name of such a claim, whatever the namespace.
#define BAYPLAN_CORE_EXCLUSIVE_NAME 3

// Rule: NodeUnschedulable.
#define BAYPLAN_CORE_NODE_UNSCHEDULABLE 0

// Rule: NodeName.
#define BAYPLAN_CORE_NODE_NAME 1

// Rule: TaintToleration.
#define BAYPLAN_CORE_TAINT_TOLERATION 2

// Rule: NodeAffinity.
#define BAYPLAN_CORE_NODE_AFFINITY 3

// Rule: NodePorts.
#define BAYPLAN_CORE_NODE_PORTS 4

// Rule: NodeResourcesFit.
#define BAYPLAN_CORE_NODE_RESOURCES_FIT 5

// Rule: VolumeRestrictions.
#define BAYPLAN_CORE_VOLUME_RESTRICTIONS 6

// Rule: NodeVolumeLimits.
#define BAYPLAN_CORE_NODE_VOLUME_LIMITS 7

// Rule: VolumeBinding.
#define BAYPLAN_CORE_VOLUME_BINDING 8

// Rule: VolumeZone.
#define BAYPLAN_CORE_VOLUME_ZONE 9

// Rule: PodTopologySpread.
#define BAYPLAN_CORE_POD_TOPOLOGY_SPREAD 10

// Rule: InterPodAffinity.
#define BAYPLAN_CORE_INTER_POD_AFFINITY 11

// Rule: DynamicResources; it is not evaluated.
#define BAYPLAN_CORE_DYNAMIC_RESOURCES 12

// Rule: NodeDeclaredFeatures.
#define BAYPLAN_CORE_NODE_DECLARED_FEATURES 13

// Rule: NodeResourcesBalancedAllocation.
#define BAYPLAN_CORE_NODE_RESOURCES_BALANCED_ALLOCATION 14

// Rule: ImageLocality.
#define BAYPLAN_CORE_IMAGE_LOCALITY 15

// Who rejects a node: the affinity names other nodes.
#define BAYPLAN_CORE_NOT_NAMED 254

// Who rejects a node: the caller, by request.rejects.
#define BAYPLAN_CORE_CALLER 255

// Rule: the slot 0 of the caller's own; slot n is this plus n.
#define BAYPLAN_CORE_SLOT 256

// Normalising of a slot's scores: they count as they are.
#define BAYPLAN_CORE_NORMALIZE_NONE 0

// Normalising of a slot's scores: the highest of the feasible nodes becomes 100, 0 stays 0.
#define BAYPLAN_CORE_NORMALIZE_HIGHEST 1

// Normalising of a slot's scores: the highest becomes 0 and 0 becomes 100.
#define BAYPLAN_CORE_NORMALIZE_REVERSE 2

// Strategy of NodeResourcesFit: the emptier the better.
#define BAYPLAN_CORE_LEAST_ALLOCATED 0

// Strategy of NodeResourcesFit: the fuller the better.
#define BAYPLAN_CORE_MOST_ALLOCATED 1

// Strategy of NodeResourcesFit: by a function of utilization.
#define BAYPLAN_CORE_REQUESTED_TO_CAPACITY_RATIO 2

// Flag of a profile: balance is scored by what the pod improves (from 1.36 on), not by what it leaves.
#define BAYPLAN_CORE_BALANCED_BY_DIFFERENCE 1

// Flag of a profile: the score of NodeAffinity runs for every pod.
#define BAYPLAN_CORE_PREFERS_NODES 2

// Flag of a profile: preferred terms of bound pods count only for pods that have such terms themselves.
#define BAYPLAN_CORE_IGNORE_PREFERRED_TERMS 4

// Flag of a profile: the default spread constraints are the system's own.
#define BAYPLAN_CORE_SYSTEM_SPREAD 8

// Operator of a toleration: any value.
#define BAYPLAN_CORE_TOLERATE_ANY 0

// Operator of a toleration: just this value.
#define BAYPLAN_CORE_TOLERATE_EQUAL 1

// Operator of a toleration: a taint whose integer is below.
#define BAYPLAN_CORE_TOLERATE_LT 2

// Operator of a toleration: a taint whose integer is above.
#define BAYPLAN_CORE_TOLERATE_GT 3

// Flag of a constraint: the topology is kubernetes.io/hostname.
#define BAYPLAN_CORE_SPREAD_HOSTNAME 1

// Flag of a constraint: nodes that the pod's node affinity leaves out do not count.
#define BAYPLAN_CORE_SPREAD_HONOR_AFFINITY 2

// Flag of a constraint: nodes whose taints the pod does not tolerate do not count.
#define BAYPLAN_CORE_SPREAD_HONOR_TAINTS 4

// Flag of a constraint: the selector is empty: no pod counts, though it matches the pod itself.
#define BAYPLAN_CORE_SPREAD_COUNTS_NOTHING 8

// Flag of a spec class: the spread constraints are the pod's own, not the profile's defaults.
#define BAYPLAN_CORE_OWN_SPREAD 1

// Flag of a spec class: affinity names the only nodes that can do: those of `names`.
#define BAYPLAN_CORE_HAS_NAMES 2

// Flag of a pod: it is being deleted, and spreading leaves it out.
#define BAYPLAN_CORE_TERMINATING 1

// Flag of a pod: it is being deleted to make room for a pod that preempted it.
#define BAYPLAN_CORE_PREEMPTED 2

// The start of a pod that has not started.
#define BAYPLAN_CORE_NOT_STARTED INT64_MAX

// Pick: the first of the best nodes in node order.
#define BAYPLAN_CORE_PICK_FIRST 0

// Pick: one of the best by chance, the same for the same seed.
#define BAYPLAN_CORE_PICK_SEEDED 1

// Flag of a verdict: its rule is the first to reject the node; kube-scheduler knows of no other.
#define BAYPLAN_CORE_FIRST 1

// Flag of a verdict: no preemption can help.
#define BAYPLAN_CORE_UNRESOLVABLE 2

// The total of a node that is not feasible.
#define BAYPLAN_CORE_REJECTED INT64_MIN

// Flag of bayplan_core_decide_many(): each pod is bound to its node before the next one is decided.
#define BAYPLAN_CORE_BIND 1

// Flag of preemption: preemptionPolicy is Never.
#define BAYPLAN_CORE_NEVER_PREEMPTS 1

// Outcome of preemption: a candidate was found.
#define BAYPLAN_CORE_PREEMPTS 0

// Outcome of preemption: there is no candidate.
#define BAYPLAN_CORE_NO_CANDIDATE 1

// Outcome of preemption: the pod's policy is Never.
#define BAYPLAN_CORE_POLICY_NEVER 2

// Outcome of preemption: pods that were preempted for it are still going.
#define BAYPLAN_CORE_VICTIMS_ARE_GOING 3

// What a call came to: OK, or why it failed. Numbers that bayplan.h has too mean the same there.
typedef uint32_t bayplan_core_status_t;

// How many rows each table has, fixed for the life of a block. bayplan_core_limits() writes defaults that are enough for
// some tens of nodes; BAYPLAN_CORE_FULL names the one to raise.
typedef struct bayplan_core_limits_t {
  // sizeof(bayplan_core_limits_t)
  uint32_t struct_size;
  // Nodes ever added: a removed node keeps its row.
  uint32_t nodes;
  // Resources, the four built-in ones among them.
  uint32_t resources;
  // Label keys that some rule looks at; the node's name takes the first.
  uint32_t keys;
  // Interned strings.
  uint32_t strings;
  // Distinct taint lists.
  uint32_t taint_sets;
  // Distinct image lists.
  uint32_t image_sets;
  // Images.
  uint32_t images;
  // Profiles.
  uint32_t profiles;
  // Spec classes.
  uint32_t specs;
  // Label classes.
  uint32_t label_classes;
  // Namespaces.
  uint32_t namespaces;
  // Selectors.
  uint32_t selectors;
  // Pod affinity terms that are carried.
  uint32_t terms;
  // Bound pods, and for a moment those that are nominated to one node.
  uint32_t pods;
  // Keys of things that pods use on nodes: host ports, disks, volumes, ReadWriteOncePod claims.
  uint32_t use_keys;
  // Uses of such things: a row for each key, node and tag.
  uint32_t uses;
  // CSI drivers with a limit of volumes per node.
  uint32_t drivers;
  // Sets of nodes that reach a volume, or in which one can be provisioned.
  uint32_t node_sets;
  // Lists of volumes and claims that pods use.
  uint32_t use_lists;
  // Persistent volumes.
  uint32_t volumes;
  // Nominated pods.
  uint32_t nominations;
  // Disruption budgets.
  uint32_t budgets;
  // Named slots for filters and scores of the caller's own.
  uint32_t externals;
  // Columns that the caller has given for a slot and a spec class.
  uint32_t external_columns;
  // Words of four bytes for lists: tolerations, requirements, taints, images.
  uint32_t arena;
  // Spec classes whose columns stay cached.
  uint32_t cached_specs;
  // Counters that stay cached.
  uint32_t cached_counters;
  // Changed nodes that the journal remembers.
  uint32_t journal;
  // Words of four bytes for pods that are tried on a node, nominated ones and victims: about 32 for each.
  uint32_t trial;
  // Pods of lower priority on one node that preemption can weigh.
  uint32_t victims;
} bayplan_core_limits_t;

// What went wrong.
typedef struct bayplan_core_fault_t {
  // The status that the call returned.
  bayplan_core_status_t status;
  // Filler.
  uint32_t reserved;
  // What there is room for, or the most that is held.
  uint64_t holds;
  // What is needed, or the id.
  uint64_t needed;
  // The table, the field or the reason; it ends in a zero byte.
  uint8_t what[BAYPLAN_CORE_WHAT];
} bayplan_core_fault_t;

// A taint.
typedef struct bayplan_core_taint_t {
  // The key, a string.
  uint32_t key;
  // The value, a string.
  uint32_t value;
  // BAYPLAN_CORE_NO_SCHEDULE and so on.
  uint32_t effect;
} bayplan_core_taint_t;

// An image on a node.
typedef struct bayplan_core_image_t {
  // The image.
  uint32_t image;
  // Filler.
  uint32_t reserved;
  // Its size.
  int64_t bytes;
} bayplan_core_image_t;

// A label: key and value, both strings.
typedef struct bayplan_core_pair_t {
  // The key.
  uint32_t key;
  // The value.
  uint32_t value;
} bayplan_core_pair_t;

// A node. Begin with zeroes and struct_size; it needs a taint set and an image set, be they empty.
typedef struct bayplan_core_node_t {
  // sizeof(bayplan_core_node_t)
  uint32_t struct_size;
  // Its name, a string.
  uint32_t name;
  // Its taints, a list of bayplan_core_add_taint_set().
  uint32_t taints;
  // Its images, a list of bayplan_core_add_image_set().
  uint32_t images;
  // What can be requested of it, by resource; missing ones are 0.
  const int64_t *allocatable;
  // Labels: keys are rows of bayplan_core_add_key(), values strings.
  const struct bayplan_core_pair_t *labels;
  // How many amounts.
  uint32_t allocatable_count;
  // How many labels.
  uint32_t label_count;
  // The features that it declares, a bit each.
  uint64_t features;
  // Is it cordoned? 0 or 1.
  uint32_t unschedulable;
  // Filler.
  uint32_t reserved;
} bayplan_core_node_t;

// What a node has of a resource, and what its pods request.
typedef struct bayplan_core_amounts_t {
  // What can be requested in all.
  int64_t allocatable;
  // What is requested.
  int64_t requested;
} bayplan_core_amounts_t;

// One requirement. Its values are `count` strings from `first` on in the list of values that goes with it.
typedef struct bayplan_core_requirement_t {
  // The term that it belongs to, counted from 0, in order; 0 in selectors of pods.
  uint32_t term;
  // The key: of nodes a row of bayplan_core_add_key(), of pods and namespaces a string.
  uint32_t key;
  // BAYPLAN_CORE_IN and so on.
  uint32_t op;
  // Its first value.
  uint32_t first;
  // How many values.
  uint32_t count;
  // Filler.
  uint32_t reserved;
  // The bound of BAYPLAN_CORE_GT and BAYPLAN_CORE_LT.
  int64_t bound;
} bayplan_core_requirement_t;

// A set of pods. Begin with zeroes and struct_size.
typedef struct bayplan_core_selector_t {
  // sizeof(bayplan_core_selector_t)
  uint32_t struct_size;
  // BAYPLAN_CORE_SELECT_PODS and so on.
  uint32_t flags;
  // Namespaces.
  const uint32_t *namespaces;
  // Requirements on the labels of further namespaces.
  const struct bayplan_core_requirement_t *namespace_requirements;
  // Requirements on the labels of pods.
  const struct bayplan_core_requirement_t *requirements;
  // The strings that all requirements point into.
  const uint32_t *values;
  // How many namespaces.
  uint32_t namespace_count;
  // How many requirements on namespaces.
  uint32_t namespace_requirement_count;
  // How many requirements on pods.
  uint32_t requirement_count;
  // How many values.
  uint32_t value_count;
} bayplan_core_selector_t;

// Terms of which one must match, or each of which adds its weight; all requirements of a term must match, and a term
// without any matches nothing.
typedef struct bayplan_core_node_terms_t {
  // A weight for each term where they are preferred; else null.
  const int32_t *weights;
  // The requirements, in order of their terms.
  const struct bayplan_core_requirement_t *requirements;
  // The strings that they point into.
  const uint32_t *values;
  // How many terms.
  uint32_t terms;
  // How many requirements.
  uint32_t requirement_count;
  // How many values.
  uint32_t value_count;
  // Filler.
  uint32_t reserved;
} bayplan_core_node_terms_t;

// A rule or a resource, with its weight.
typedef struct bayplan_core_weighted_t {
  // Which.
  uint32_t id;
  // Filler.
  uint32_t reserved;
  // 0 to 2^31 - 1.
  int64_t weight;
} bayplan_core_weighted_t;

// A profile. Begin with zeroes and struct_size. Lists of points are pairs of utilization (in percent, ascending) and score (0 to
// 100).
typedef struct bayplan_core_profile_t {
  // sizeof(bayplan_core_profile_t)
  uint32_t struct_size;
  // BAYPLAN_CORE_BALANCED_BY_DIFFERENCE and so on.
  uint32_t flags;
  // What filters, in order: rules; at most 28.
  const uint32_t *filters;
  // What scores: rules with weights.
  const struct bayplan_core_weighted_t *scores;
  // The resources of NodeResourcesFit, with weights; null: CPU and memory, 1 each.
  const struct bayplan_core_weighted_t *fit_resources;
  // The utilization function of NodeResourcesFit.
  const int32_t *shape;
  // The utilization function of storage.
  const int32_t *volume_shape;
  // The resources whose balance is scored; null: CPU and memory.
  const uint32_t *balanced;
  // Terms that every pod must match, or null.
  const struct bayplan_core_node_terms_t *enforced;
  // Terms that every pod prefers, with weights, or null.
  const struct bayplan_core_node_terms_t *added_preferred;
  // The weight in scoring of required affinity terms of bound pods; kube-scheduler's default is 1.
  int64_t hard_pod_affinity_weight;
  // BAYPLAN_CORE_LEAST_ALLOCATED and so on.
  uint32_t strategy;
  // How many filters.
  uint32_t filter_count;
  // How many scores.
  uint32_t score_count;
  // How many resources.
  uint32_t fit_resource_count;
  // How many points.
  uint32_t shape_count;
  // How many points.
  uint32_t volume_shape_count;
  // How many resources.
  uint32_t balanced_count;
  // Filler.
  uint32_t reserved;
} bayplan_core_profile_t;

// A toleration.
typedef struct bayplan_core_toleration_t {
  // The key, a string; BAYPLAN_CORE_NONE for all.
  uint32_t key;
  // BAYPLAN_CORE_TOLERATE_EQUAL and so on.
  uint32_t op;
  // The value, a string.
  uint32_t value;
  // BAYPLAN_CORE_NO_SCHEDULE and so on; BAYPLAN_CORE_NONE for all.
  uint32_t effect;
} bayplan_core_toleration_t;

// A topology spread constraint.
typedef struct bayplan_core_spread_t {
  // The pods that are counted; BAYPLAN_CORE_NONE for those of request.default_selector.
  uint32_t selector;
  // The topology, a row of bayplan_core_add_key().
  uint32_t key;
  // The greatest difference.
  int32_t max_skew;
  // The least number of domains.
  int32_t min_domains;
  // BAYPLAN_CORE_SPREAD_HOSTNAME and so on.
  uint32_t flags;
} bayplan_core_spread_t;

// A spec class. Begin with zeroes and struct_size; lists by resource are 0 where they are shorter.
typedef struct bayplan_core_spec_t {
  // sizeof(bayplan_core_spec_t)
  uint32_t struct_size;
  // The profile.
  uint32_t profile;
  // The priority.
  int32_t priority;
  // BAYPLAN_CORE_OWN_SPREAD and so on.
  uint32_t flags;
  // What the filter of NodeResourcesFit asks for, by resource; ignored resources are 0, and so is the number of pods: each is one.
  const int64_t *fit;
  // What a bound pod holds, by resource.
  const int64_t *bound;
  // What the score of NodeResourcesFit counts of the pod, by resource: at least 100m CPU and 200 MB a container.
  const int64_t *score;
  // What the score of NodeResourcesBalancedAllocation counts of the pod, by resource.
  const int64_t *balanced;
  // Tolerations.
  const struct bayplan_core_toleration_t *tolerations;
  // nodeSelector, as one term, or null.
  const struct bayplan_core_node_terms_t *node_selector;
  // Required node affinity, or null.
  const struct bayplan_core_node_terms_t *required;
  // Preferred node affinity, or null.
  const struct bayplan_core_node_terms_t *preferred;
  // The names of the only nodes that can do, see BAYPLAN_CORE_HAS_NAMES.
  const uint32_t *names;
  // Host ports: the key is protocol and number, a row of bayplan_core_add_use_key(); the value the address, a number of the
  // caller's, 0 for all.
  const struct bayplan_core_pair_t *ports;
  // Images: one entry a container, from Kubernetes 1.36 on also one an image volume.
  const uint32_t *images;
  // Spread constraints that must hold.
  const struct bayplan_core_spread_t *spread_hard;
  // Spread constraints that score.
  const struct bayplan_core_spread_t *spread_soft;
  // Pod affinity terms of all kinds.
  const uint32_t *terms;
  // Disks in the spec itself: the key is a row of bayplan_core_add_use_key(), the value 1 where it is only read.
  const struct bayplan_core_pair_t *disks;
  // What a bound pod holds of milli-CPU as scores count it.
  int64_t bound_non_zero_cpu;
  // What a bound pod holds of bytes of memory as scores count it.
  int64_t bound_non_zero_memory;
  // Features that the node must declare, a bit each.
  uint64_t features;
  // How many amounts.
  uint32_t fit_count;
  // How many amounts.
  uint32_t bound_count;
  // How many amounts.
  uint32_t score_count;
  // How many amounts.
  uint32_t balanced_count;
  // How many tolerations.
  uint32_t toleration_count;
  // How many names.
  uint32_t name_count;
  // How many ports.
  uint32_t port_count;
  // How many entries of images.
  uint32_t image_entry_count;
  // How many containers there are; from Kubernetes 1.37 on, containers and image volumes. An image that no node holds counts too.
  uint32_t image_count;
  // How many constraints.
  uint32_t spread_hard_count;
  // How many constraints.
  uint32_t spread_soft_count;
  // How many terms.
  uint32_t term_count;
  // How many disks.
  uint32_t disk_count;
  // Filler.
  uint32_t reserved;
} bayplan_core_spec_t;

// A pod on a node.
typedef struct bayplan_core_pod_t {
  // Its spec class.
  uint32_t spec;
  // Its label class.
  uint32_t labels;
  // The volumes and claims that it uses, a row of bayplan_core_add_use_list(), or BAYPLAN_CORE_NONE.
  uint32_t uses;
  // BAYPLAN_CORE_TERMINATING and so on.
  uint32_t flags;
  // Its start in seconds since the epoch, or BAYPLAN_CORE_NOT_STARTED.
  int64_t start;
} bayplan_core_pod_t;

// Storage capacity in a part of the cluster.
typedef struct bayplan_core_room_t {
  // Where, a row of bayplan_core_add_node_set().
  uint32_t nodes;
  // Filler.
  uint32_t reserved;
  // How many bytes there are in all.
  int64_t bytes;
} bayplan_core_room_t;

// A claim that waits for its pod's node (WaitForFirstConsumer).
typedef struct bayplan_core_waiting_t {
  // Volumes that would do, the smallest first.
  const uint32_t *candidates;
  // Volumes that are reserved for the claim: the first that no other claim of the pod has taken, or none.
  const uint32_t *reserved_volumes;
  // Storage capacity; null where the driver publishes none.
  const struct bayplan_core_room_t *rooms;
  // How large it is to be, in bytes.
  int64_t bytes;
  // How many candidates.
  uint32_t candidate_count;
  // How many reserved volumes.
  uint32_t reserved_volume_count;
  // How many rooms.
  uint32_t room_count;
  // The node for which a volume is being provisioned already, a string, or BAYPLAN_CORE_NONE.
  uint32_t selected;
  // Where a volume can be provisioned, a row of bayplan_core_add_node_set(); BAYPLAN_CORE_NONE where the class provisions none.
  uint32_t makes;
  // Its storage class, a number of the caller's.
  uint32_t storage_class;
} bayplan_core_waiting_t;

// What a pod's claims need.
typedef struct bayplan_core_volumes_t {
  // Volumes of bound claims, up to the first that is no object.
  const uint32_t *bound;
  // Volumes whose zone counts.
  const uint32_t *zoned;
  // Claims that wait for the pod's node, the smallest that look for a volume first; at most 32.
  const struct bayplan_core_waiting_t *waiting;
  // How many bound ones.
  uint32_t bound_count;
  // How many zoned ones.
  uint32_t zoned_count;
  // How many wait.
  uint32_t waiting_count;
  // 1 where a bound claim's volume is no object.
  uint32_t lost;
} bayplan_core_volumes_t;

// Answers for the caller's own slots, batch by batch: at most 64 nodes each, from the row `first` on, in node order; removed nodes are among
// them. The same question within a call has the same answer. Neither may call a function with the block,
// and both must return: no longjmp, no exception.
typedef struct bayplan_core_external_t {
  // Handed on to both.
  void *context;
  // Writes a code for each node: other than 0 rejects it, and comes back in the verdict. They come with what the slot's column
  // says. Null: the columns stand.
  void (*filter)(void *context, uint32_t slot, uint32_t first, uint32_t *codes, size_t count);
  // Writes a score for each node, between -2^53 and 2^53. They come with what the slot's column says. Null: the columns
  // stand.
  void (*score)(void *context, uint32_t slot, uint32_t first, int64_t *scores, size_t count);
} bayplan_core_external_t;

// A pod to decide for. Begin with bayplan_core_request().
typedef struct bayplan_core_request_t {
  // sizeof(bayplan_core_request_t)
  uint32_t struct_size;
  // Its spec class.
  uint32_t spec;
  // Its label class.
  uint32_t labels;
  // The node that spec.nodeName names, a string, or BAYPLAN_CORE_NONE.
  uint32_t node_name;
  // The only node that its affinity admits by name, where that is all it says, a string, or BAYPLAN_CORE_NONE.
  uint32_t pin;
  // The pods that it is spread from by default, a selector, or BAYPLAN_CORE_NONE.
  uint32_t default_selector;
  // The volumes and claims that it uses, a row of bayplan_core_add_use_list(), or BAYPLAN_CORE_NONE.
  uint32_t uses;
  // Its own nomination, or BAYPLAN_CORE_NONE.
  uint32_t nomination;
  // What its claims need, or null.
  const struct bayplan_core_volumes_t *volumes;
  // Nodes that are out of the question for a reason of the caller's.
  const uint32_t *rejects;
  // Answers for the caller's own slots, or null.
  const struct bayplan_core_external_t *external;
  // The seed of BAYPLAN_CORE_PICK_SEEDED.
  uint64_t seed;
  // How many rejected nodes.
  uint32_t reject_count;
  // BAYPLAN_CORE_PICK_FIRST and so on.
  uint32_t pick;
} bayplan_core_request_t;

// Where a pod goes.
typedef struct bayplan_core_choice_t {
  // The best node; BAYPLAN_CORE_NONE where no node is feasible.
  uint32_t node;
  // How many nodes have its score.
  uint32_t ties;
  // How many nodes are feasible.
  uint32_t feasible;
  // Filler.
  uint32_t reserved;
  // Its total score; 0 where one node alone was feasible, as scoring is then skipped.
  int64_t score;
} bayplan_core_choice_t;

// Why a node is rejected.
typedef struct bayplan_core_verdict_t {
  // The node.
  uint32_t node;
  // Who rejects it: a rule, BAYPLAN_CORE_NOT_NAMED or BAYPLAN_CORE_CALLER.
  uint32_t rule;
  // Which of the rule's reasons, counted from 0.
  uint32_t reason;
  // The resource of which too little is left, the driver that is missing, or the code of the caller's own rule; else
  // BAYPLAN_CORE_NONE.
  uint32_t subject;
  // BAYPLAN_CORE_FIRST and so on.
  uint32_t flags;
} bayplan_core_verdict_t;

// What a rule gives a feasible node, weighted.
typedef struct bayplan_core_score_t {
  // The node.
  uint32_t node;
  // The rule.
  uint32_t rule;
  // The score.
  int64_t score;
} bayplan_core_score_t;

// What a waiting claim gets on a node.
typedef struct bayplan_core_gets_t {
  // Which of the request's waiting claims, counted from 0.
  uint32_t claim;
  // The volume, or BAYPLAN_CORE_NONE where one is provisioned.
  uint32_t volume;
} bayplan_core_gets_t;

// A pod that a budget is not asked for.
typedef struct bayplan_core_exempt_t {
  // The budget.
  uint32_t budget;
  // The bound pod.
  uint32_t pod;
} bayplan_core_exempt_t;

// How many of a bound pod's volumes are claims of a name that is among the preemptor's ReadWriteOncePod claims.
typedef struct bayplan_core_claims_t {
  // The bound pod.
  uint32_t pod;
  // How many.
  uint32_t claims;
} bayplan_core_claims_t;

// What preemption goes by beside the request. Begin with zeroes, struct_size and minor.
typedef struct bayplan_core_preempt_options_t {
  // sizeof(bayplan_core_preempt_options_t)
  uint32_t struct_size;
  // BAYPLAN_CORE_NEVER_PREEMPTS.
  uint32_t flags;
  // Kubernetes 1.minor, 34 to 37: how budgets and pods that have not started are counted.
  uint32_t minor;
  // How many exempt pods.
  uint32_t exempt_count;
  // How many pods with claims.
  uint32_t claim_count;
  // Filler.
  uint32_t reserved;
  // Pods that a budget is not asked for: those in its status.disruptedPods, and those without labels.
  const struct bayplan_core_exempt_t *exempt;
  // Bound pods with such claims.
  const struct bayplan_core_claims_t *claims;
} bayplan_core_preempt_options_t;

// What preemption comes to.
typedef struct bayplan_core_preemption_t {
  // BAYPLAN_CORE_PREEMPTS and so on.
  uint32_t outcome;
  // The best node, the first in node order; BAYPLAN_CORE_NONE where there is none.
  uint32_t node;
  // How many candidates are as good.
  uint32_t ties;
  // How many candidates there are; 0 where there was no room for any.
  uint32_t candidates;
  // How many victims they have together; 0 where there was no room for any.
  uint64_t victims;
} bayplan_core_preemption_t;

// A node on which preemption helps.
typedef struct bayplan_core_candidate_t {
  // The node.
  uint32_t node;
  // How many of the victims violate a disruption budget.
  uint32_t violations;
  // How many victims there are.
  uint32_t victims;
  // The priority of the most important victim.
  int32_t highest_priority;
  // The sum of their priorities, each raised by 2^31.
  int64_t priority_sum;
  // The earliest start of those of the highest priority.
  int64_t start;
  // Where its victims begin in the array of victims; BAYPLAN_CORE_NONE where there was no room for them all.
  uint32_t first_victim;
  // Filler.
  uint32_t reserved;
} bayplan_core_candidate_t;

// A pod that would be evicted.
typedef struct bayplan_core_victim_t {
  // The pod.
  uint32_t pod;
  // 1 where its eviction violates a disruption budget.
  uint32_t violates;
} bayplan_core_victim_t;

// The call did what it should.
#define BAYPLAN_CORE_OK 0

// An argument is null or not aligned, a number is no value of its enum, a list or a struct has a size that cannot be.
#define BAYPLAN_CORE_INVALID_ARGUMENT 1

// An id names no row: fault.what is the table, fault.needed the id.
#define BAYPLAN_CORE_NOT_FOUND 3

// A table is full: fault.what is its limit, fault.holds what it holds, fault.needed what is needed. Make a larger block
// with bayplan_core_grow().
#define BAYPLAN_CORE_FULL 5

// A value or a list is beyond what the core holds: fault.what is the field, fault.holds the most.
#define BAYPLAN_CORE_LIMIT 11

// The state does not allow it: the pod is not bound, the node still holds pods. fault.what says which.
#define BAYPLAN_CORE_CONFLICT 12

// The memory is shorter than its limits need: fault.holds and fault.needed are bytes.
#define BAYPLAN_CORE_TOO_SMALL 14

// The memory is no block, or damaged: fault.what is the table in which that was seen.
#define BAYPLAN_CORE_CORRUPT 15

// The block was written by another version of this library: make it again from the objects.
#define BAYPLAN_CORE_OTHER_LAYOUT 16

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// The number of the interface that the library has.
uint32_t bayplan_core_abi_version(void);

// Writes the default limits.
bayplan_core_status_t bayplan_core_limits(struct bayplan_core_limits_t *limits);

// How many bytes a block of these limits takes (`block`), and how many of them are state, which come first: what is
// written to disk or sent (`state`).
bayplan_core_status_t bayplan_core_size(const struct bayplan_core_limits_t *limits,
                                        size_t *block,
                                        size_t *state,
                                        struct bayplan_core_fault_t *fault);

// Makes an empty block in memory of the caller's. O(block).
bayplan_core_status_t bayplan_core_init(void *block,
                                        size_t size,
                                        const struct bayplan_core_limits_t *limits,
                                        struct bayplan_core_fault_t *fault);

// Opens state that came from elsewhere, a file or another machine: checks every id and sum, and empties the caches. The
// checksum of sealed state is looked at by bayplan_core_verify(). O(block).
bayplan_core_status_t bayplan_core_attach(void *block, size_t size, struct bayplan_core_fault_t *fault);

// Copies a block into other memory, which is as large at least: a fork. O(state).
bayplan_core_status_t bayplan_core_fork(const void *block,
                                        size_t size,
                                        void *to,
                                        size_t to_size,
                                        struct bayplan_core_fault_t *fault);

// Copies a block into other memory with larger limits. Ids stay what they were. A limit that is smaller than before is
// BAYPLAN_CORE_LIMIT. O(block).
bayplan_core_status_t bayplan_core_grow(void *block,
                                        size_t size,
                                        void *to,
                                        size_t to_size,
                                        const struct bayplan_core_limits_t *larger,
                                        struct bayplan_core_fault_t *fault);

// Seals the state for storage: writes the checksum, and to `state` how many bytes of the block, from its start, are to be
// stored. O(state).
bayplan_core_status_t bayplan_core_save(void *block,
                                        size_t size,
                                        size_t *state,
                                        struct bayplan_core_fault_t *fault);

// Is sealed state as it was sealed? The block is written to for a moment. O(state).
bayplan_core_status_t bayplan_core_verify(void *block, size_t size, struct bayplan_core_fault_t *fault);

// The limits that a block was made with.
bayplan_core_status_t bayplan_core_limits_of(const void *block,
                                             size_t size,
                                             struct bayplan_core_limits_t *limits,
                                             struct bayplan_core_fault_t *fault);

// How many rows of each table are in use; of pods, the bound ones. What is no table is as bayplan_core_limits_of() has it.
bayplan_core_status_t bayplan_core_used(void *block,
                                        size_t size,
                                        struct bayplan_core_limits_t *used,
                                        struct bayplan_core_fault_t *fault);

// Adds a string: a label's value or key, a node's name, a taint's key or value. `value` is the base-10 64-bit integer that it spells, if
// `is_int`.
bayplan_core_status_t bayplan_core_add_string(void *block,
                                              size_t size,
                                              bool is_int,
                                              int64_t value,
                                              uint32_t *id,
                                              struct bayplan_core_fault_t *fault);

// Adds a column for a label key of nodes; key 0 is the node's name. It is empty until nodes are added or relabelled.
bayplan_core_status_t bayplan_core_add_key(void *block, size_t size, uint32_t *id, struct bayplan_core_fault_t *fault);

// Adds a resource behind the four built-in ones.
bayplan_core_status_t bayplan_core_add_resource(void *block,
                                                size_t size,
                                                uint32_t *id,
                                                struct bayplan_core_fault_t *fault);

// Adds an image, which no node holds yet.
bayplan_core_status_t bayplan_core_add_image(void *block,
                                             size_t size,
                                             uint32_t *id,
                                             struct bayplan_core_fault_t *fault);

// Adds a distinct list of taints; most nodes have the empty one. O(count).
bayplan_core_status_t bayplan_core_add_taint_set(void *block,
                                                 size_t size,
                                                 const struct bayplan_core_taint_t *taints,
                                                 size_t count,
                                                 uint32_t *id,
                                                 struct bayplan_core_fault_t *fault);

// Adds a distinct list of images, those of a node; most nodes have the empty one. O(count).
bayplan_core_status_t bayplan_core_add_image_set(void *block,
                                                 size_t size,
                                                 const struct bayplan_core_image_t *images,
                                                 size_t count,
                                                 uint32_t *id,
                                                 struct bayplan_core_fault_t *fault);

// Adds a namespace with its labels. `exists`: it is an object, not just a name that others mention. O(count).
bayplan_core_status_t bayplan_core_add_namespace(void *block,
                                                 size_t size,
                                                 const struct bayplan_core_pair_t *labels,
                                                 size_t count,
                                                 bool exists,
                                                 uint32_t *id,
                                                 struct bayplan_core_fault_t *fault);

// Gives a namespace other labels; the list of those before stays in the arena. O(selectors x label classes).
bayplan_core_status_t bayplan_core_relabel_namespace(void *block,
                                                     size_t size,
                                                     uint32_t namespace_,
                                                     const struct bayplan_core_pair_t *labels,
                                                     size_t count,
                                                     bool exists,
                                                     struct bayplan_core_fault_t *fault);

// Adds a label class: a namespace, and those labels of pods that some selector names. O(selectors).
bayplan_core_status_t bayplan_core_add_label_class(void *block,
                                                   size_t size,
                                                   uint32_t namespace_,
                                                   const struct bayplan_core_pair_t *labels,
                                                   size_t count,
                                                   uint32_t *id,
                                                   struct bayplan_core_fault_t *fault);

// Adds a node behind all others: the order of nodes breaks ties. O(resources + keys x labels + images).
bayplan_core_status_t bayplan_core_add_node(void *block,
                                            size_t size,
                                            const struct bayplan_core_node_t *node,
                                            uint32_t *id,
                                            struct bayplan_core_fault_t *fault);

// Gives a node other attributes; its pods stay. O(resources + keys x labels + images).
bayplan_core_status_t bayplan_core_update_node(void *block,
                                               size_t size,
                                               uint32_t id,
                                               const struct bayplan_core_node_t *node,
                                               struct bayplan_core_fault_t *fault);

// Takes a node away; its row is not used again. BAYPLAN_CORE_CONFLICT where pods are still bound to it. Withdraw nominations to
// it, and detach its volumes, before.
bayplan_core_status_t bayplan_core_remove_node(void *block,
                                               size_t size,
                                               uint32_t id,
                                               struct bayplan_core_fault_t *fault);

// Sets one label of a node, or takes it away with BAYPLAN_CORE_NONE.
bayplan_core_status_t bayplan_core_relabel_node(void *block,
                                                size_t size,
                                                uint32_t id,
                                                uint32_t key,
                                                uint32_t value,
                                                struct bayplan_core_fault_t *fault);

// What a node has of a resource, and what its pods request.
bayplan_core_status_t bayplan_core_amounts(void *block,
                                           size_t size,
                                           uint32_t node,
                                           uint32_t resource,
                                           struct bayplan_core_amounts_t *amounts,
                                           struct bayplan_core_fault_t *fault);

// Adds a selector and evaluates it. O(label classes).
bayplan_core_status_t bayplan_core_add_selector(void *block,
                                                size_t size,
                                                const struct bayplan_core_selector_t *selector,
                                                uint32_t *id,
                                                struct bayplan_core_fault_t *fault);

// Adds a pod affinity term over a topology, a row of bayplan_core_add_key(). `selector` is the set of pods that it is about when a
// bound pod carries it, `own_selector` when the pod that is to be placed does: they differ in namespaces that are no
// objects. `weight` is that of a preferred term.
bayplan_core_status_t bayplan_core_add_term(void *block,
                                            size_t size,
                                            uint32_t selector,
                                            uint32_t own_selector,
                                            uint32_t key,
                                            uint32_t kind,
                                            int32_t weight,
                                            uint32_t *id,
                                            struct bayplan_core_fault_t *fault);

// Adds a disruption budget: the pods that it is about, and how many of them may go now.
bayplan_core_status_t bayplan_core_add_budget(void *block,
                                              size_t size,
                                              uint32_t selector,
                                              int32_t allowed,
                                              uint32_t *id,
                                              struct bayplan_core_fault_t *fault);

// Sets how many pods of a budget may go now.
bayplan_core_status_t bayplan_core_set_budget(void *block,
                                              size_t size,
                                              uint32_t budget,
                                              int32_t allowed,
                                              struct bayplan_core_fault_t *fault);

// Takes a budget away; its row is used again.
bayplan_core_status_t bayplan_core_remove_budget(void *block,
                                                 size_t size,
                                                 uint32_t budget,
                                                 struct bayplan_core_fault_t *fault);

// Adds a thing that pods use on a node: a host port, a disk, a volume, a claim.
bayplan_core_status_t bayplan_core_add_use_key(void *block,
                                               size_t size,
                                               uint32_t *id,
                                               struct bayplan_core_fault_t *fault);

// Adds a list of things that a pod uses beside those of its spec class: keys of bayplan_core_add_use_key(), each with a tag as its
// value (BAYPLAN_CORE_MOUNTED and so on). O(count).
bayplan_core_status_t bayplan_core_add_use_list(void *block,
                                                size_t size,
                                                const struct bayplan_core_pair_t *uses,
                                                size_t count,
                                                uint32_t *id,
                                                struct bayplan_core_fault_t *fault);

// Adds a storage driver; no node has a limit for it yet.
bayplan_core_status_t bayplan_core_add_driver(void *block,
                                              size_t size,
                                              uint32_t *id,
                                              struct bayplan_core_fault_t *fault);

// Sets how many volumes of a driver a node takes (BAYPLAN_CORE_NONE: any number), and whether pods with volumes of the driver are
// kept off the node because it is not installed there.
bayplan_core_status_t bayplan_core_set_driver(void *block,
                                              size_t size,
                                              uint32_t driver,
                                              uint32_t node,
                                              uint32_t limit,
                                              bool lacks,
                                              struct bayplan_core_fault_t *fault);

// Makes a key the handle of a volume of a driver, so that its uses count towards the driver's limits.
// BAYPLAN_CORE_CONFLICT where it is in use already.
bayplan_core_status_t bayplan_core_set_key_driver(void *block,
                                                  size_t size,
                                                  uint32_t key,
                                                  uint32_t driver,
                                                  struct bayplan_core_fault_t *fault);

// Notes that a volume is attached to a node, whatever pods are there, or no longer. Detach before the node is removed.
bayplan_core_status_t bayplan_core_set_attached(void *block,
                                                size_t size,
                                                uint32_t key,
                                                uint32_t node,
                                                bool attached,
                                                struct bayplan_core_fault_t *fault);

// Adds a set of nodes: those that meet one of the terms; null is all nodes. O(terms).
bayplan_core_status_t bayplan_core_add_node_set(void *block,
                                                size_t size,
                                                const struct bayplan_core_node_terms_t *node_terms,
                                                uint32_t *id,
                                                struct bayplan_core_fault_t *fault);

// Adds a volume: the nodes that reach it, the nodes of its zone, its storage class (a number of the caller's), its size.
bayplan_core_status_t bayplan_core_add_volume(void *block,
                                              size_t size,
                                              uint32_t reach,
                                              uint32_t zone,
                                              uint32_t class_,
                                              int64_t bytes,
                                              uint32_t *id,
                                              struct bayplan_core_fault_t *fault);

// Adds the default profile of Kubernetes 1.`minor` (34 to 37): what a scheduler without a configuration runs.
bayplan_core_status_t bayplan_core_add_default_profile(void *block,
                                                       size_t size,
                                                       uint32_t minor,
                                                       uint32_t *id,
                                                       struct bayplan_core_fault_t *fault);

// Adds a profile. BAYPLAN_CORE_CONFLICT where the points of a function do not ascend.
bayplan_core_status_t bayplan_core_add_profile(void *block,
                                               size_t size,
                                               const struct bayplan_core_profile_t *profile,
                                               uint32_t *id,
                                               struct bayplan_core_fault_t *fault);

// Adds a slot for a rule of the caller's own, named by a string. It decides nothing until a profile lists it as BAYPLAN_CORE_SLOT +
// id, and it has a column or a request answers for it.
bayplan_core_status_t bayplan_core_add_slot(void *block,
                                            size_t size,
                                            uint32_t name,
                                            uint32_t normalize,
                                            uint32_t *id,
                                            struct bayplan_core_fault_t *fault);

// Gives a slot its columns for the pods of a spec class, by node row; missing rows are 0. A code other than 0 rejects the node (its highest bit says that evicting pods
// cannot help), and
// comes back in the verdict. O(limits.nodes).
bayplan_core_status_t bayplan_core_set_slot(void *block,
                                            size_t size,
                                            uint32_t slot,
                                            uint32_t spec,
                                            const uint32_t *codes,
                                            size_t code_count,
                                            const int64_t *scores,
                                            size_t score_count,
                                            struct bayplan_core_fault_t *fault);

// Adds a spec class. O(its lists).
bayplan_core_status_t bayplan_core_add_spec(void *block,
                                            size_t size,
                                            const struct bayplan_core_spec_t *spec,
                                            uint32_t *id,
                                            struct bayplan_core_fault_t *fault);

// Binds a pod to a node, whether or not a decision said so. O(resources + cached counters + its things).
bayplan_core_status_t bayplan_core_bind(void *block,
                                        size_t size,
                                        const struct bayplan_core_pod_t *pod,
                                        uint32_t node,
                                        uint32_t *id,
                                        struct bayplan_core_fault_t *fault);

// Takes a pod off its node; its row is used again. As bayplan_core_bind().
bayplan_core_status_t bayplan_core_unbind(void *block, size_t size, uint32_t pod, struct bayplan_core_fault_t *fault);

// Gives a bound pod other classes: it was resized, relabelled, or marked as being deleted. Its row may be another one
// then. BAYPLAN_CORE_FULL where the things of both do not fit at once.
bayplan_core_status_t bayplan_core_update_pod(void *block,
                                              size_t size,
                                              uint32_t pod,
                                              const struct bayplan_core_pod_t *to,
                                              uint32_t *id,
                                              struct bayplan_core_fault_t *fault);

// The node that a pod is bound to.
bayplan_core_status_t bayplan_core_node_of(void *block,
                                           size_t size,
                                           uint32_t pod,
                                           uint32_t *node,
                                           struct bayplan_core_fault_t *fault);

// The pods on a node: writes up to `capacity` of them and how many there are in all. O(pods on the node).
bayplan_core_status_t bayplan_core_pods_on(void *block,
                                           size_t size,
                                           uint32_t node,
                                           uint32_t *pods,
                                           size_t capacity,
                                           size_t *count,
                                           struct bayplan_core_fault_t *fault);

// Nominates a pod to a node: for pods of its priority or a lower one the node is filtered with it added as well.
// O(nominations).
bayplan_core_status_t bayplan_core_nominate(void *block,
                                            size_t size,
                                            const struct bayplan_core_pod_t *pod,
                                            uint32_t node,
                                            uint32_t *id,
                                            struct bayplan_core_fault_t *fault);

// Takes a nomination away.
bayplan_core_status_t bayplan_core_withdraw(void *block,
                                            size_t size,
                                            uint32_t nomination,
                                            struct bayplan_core_fault_t *fault);

// Writes a request for a pod of these classes that names no node, has no volumes, and is spread from none by default. Rows of
// nodes, strings and sets of nodes that are not there match nothing.
bayplan_core_status_t bayplan_core_request(struct bayplan_core_request_t *request,
                                           uint32_t spec,
                                           uint32_t labels);

// Decides for a pod, and changes nothing but caches. A pod whose class was asked for before costs what has changed since, and a pass
// over totals; O(nodes x rules) for a new class. BAYPLAN_CORE_FULL where nominated pods find no room: they are put on their
// nodes for a moment.
bayplan_core_status_t bayplan_core_decide(void *block,
                                          size_t size,
                                          const struct bayplan_core_request_t *request,
                                          struct bayplan_core_choice_t *choice,
                                          struct bayplan_core_fault_t *fault);

// Decides for `count` pods in their order: one call for a wave. With BAYPLAN_CORE_BIND each is bound, with its row in `pods`
// (BAYPLAN_CORE_NONE where no node is feasible) and `start` as its start time; `pods` may be null otherwise. Where one fails, those
// before it are taken off again: `pods` has BAYPLAN_CORE_NONE then, and `choices` what was decided so far. A request with a
// nomination is refused with BAYPLAN_CORE_BIND: withdraw the nomination, and bind by bayplan_core_bind(). As
// bayplan_core_decide() for each pod.
bayplan_core_status_t bayplan_core_decide_many(void *block,
                                               size_t size,
                                               const struct bayplan_core_request_t *requests,
                                               size_t count,
                                               uint32_t flags,
                                               int64_t start,
                                               struct bayplan_core_choice_t *choices,
                                               uint32_t *pods,
                                               struct bayplan_core_fault_t *fault);

// Why nodes are rejected: writes up to `capacity` verdicts and how many there are in all; a capacity of 0 asks for the number. Rule by
// rule. O(nodes x rules).
bayplan_core_status_t bayplan_core_explain(void *block,
                                           size_t size,
                                           const struct bayplan_core_request_t *request,
                                           struct bayplan_core_verdict_t *verdicts,
                                           size_t capacity,
                                           size_t *count,
                                           struct bayplan_core_fault_t *fault);

// What each rule gives each feasible node: writes up to `capacity` scores and how many there are in all. O(nodes x rules).
bayplan_core_status_t bayplan_core_scores(void *block,
                                          size_t size,
                                          const struct bayplan_core_request_t *request,
                                          struct bayplan_core_score_t *scores,
                                          size_t capacity,
                                          size_t *count,
                                          struct bayplan_core_fault_t *fault);

// The total of every node by row, BAYPLAN_CORE_REJECTED where it is not feasible, even where one node alone is: what an extender's
// filter and priorities answer. `capacity` must be the number of nodes ever added at least, `count` is that number. O(nodes x
// rules).
bayplan_core_status_t bayplan_core_totals(void *block,
                                          size_t size,
                                          const struct bayplan_core_request_t *request,
                                          int64_t *totals,
                                          size_t capacity,
                                          size_t *count,
                                          struct bayplan_core_fault_t *fault);

// Why one node rejects a pod: writes up to `capacity` verdicts, in the order of the profile's filters, and how many there are in all; 0 where
// it passes. The node is looked at as it is: without the pods that are nominated to it, and whatever request.rejects says. O(rules and the
// terms that bound pods carry); O(nodes) for each spread constraint and pod affinity term, and O(nodes x rules) once for a new class with spread constraints.
bayplan_core_status_t bayplan_core_judge(void *block,
                                         size_t size,
                                         const struct bayplan_core_request_t *request,
                                         uint32_t node,
                                         struct bayplan_core_verdict_t *verdicts,
                                         size_t capacity,
                                         size_t *count,
                                         struct bayplan_core_fault_t *fault);

// What the request's waiting claims get on a node: writes up to `capacity` of them and how many there are in all; 0 where the node cannot give
// them all. Whoever binds the pod reserves them. O(candidates).
bayplan_core_status_t bayplan_core_volumes_on(void *block,
                                              size_t size,
                                              const struct bayplan_core_request_t *request,
                                              uint32_t node,
                                              struct bayplan_core_gets_t *gets,
                                              size_t capacity,
                                              size_t *count,
                                              struct bayplan_core_fault_t *fault);

// Finds where evicting pods of lower priority would help, and evicts nobody: the state is afterwards as it was. Writes the candidates in
// node order and their victims, the most important first, as far as there is room; without room for any of them nodes that cannot
// be the best are not weighed to the end, and are not counted. On a failure they may have been written in part. O(pods on the nodes that eviction may help).
bayplan_core_status_t bayplan_core_preempt(void *block,
                                           size_t size,
                                           const struct bayplan_core_request_t *request,
                                           const struct bayplan_core_preempt_options_t *options,
                                           struct bayplan_core_preemption_t *preemption,
                                           struct bayplan_core_candidate_t *candidates,
                                           size_t candidate_capacity,
                                           struct bayplan_core_victim_t *victims,
                                           size_t victim_capacity,
                                           struct bayplan_core_fault_t *fault);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* BAYPLAN_CORE_H */
