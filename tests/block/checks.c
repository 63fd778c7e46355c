/* The block door on a small cluster: numbers worked out by hand from kube-scheduler's formulas, and every way out. */
#define _POSIX_C_SOURCE 200809L
#include <bayplan_core.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GIB (INT64_C(1) << 30)

static uint64_t block[40 * 1024], other[80 * 1024];
static bayplan_core_fault_t fault;
static uint32_t checks;

#define ENSURE(holds)                                                                              \
    do {                                                                                           \
        checks++;                                                                                  \
        if (!(holds)) {                                                                            \
            fprintf(stderr, "checks.c:%d: %s does not hold (status %u, %s)\n", __LINE__, #holds,   \
                    (unsigned)fault.status, (const char *)fault.what);                             \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)
#define OK(call) ENSURE((call) == BAYPLAN_CORE_OK)
#define FAILS(expected, call) ENSURE((call) == (expected) && fault.status == (expected))
#define B block, sizeof block

static uint32_t profile, labels, names[3], nodes[3], zone, zones[2], no_taints, no_images;

static uint32_t spec_of(int64_t cpu, int64_t memory, int32_t priority)
{
    int64_t asks[2];
    bayplan_core_spec_t spec;
    uint32_t id;
    asks[0] = cpu;
    asks[1] = memory;
    memset(&spec, 0, sizeof spec);
    spec.struct_size = (uint32_t)sizeof spec;
    spec.profile = profile;
    spec.priority = priority;
    spec.fit = spec.bound = spec.score = spec.balanced = asks;
    spec.fit_count = spec.bound_count = spec.score_count = spec.balanced_count = 2;
    spec.bound_non_zero_cpu = cpu;
    spec.bound_non_zero_memory = memory;
    OK(bayplan_core_add_spec(B, &spec, &id, &fault));
    return id;
}

/* Nodes of 4, 8 and 4 cores, 16 GiB each; the last one is tainted. Node 0 is in the first zone, the others in the second. */
static void build(void)
{
    bayplan_core_limits_t limits;
    bayplan_core_node_t node;
    bayplan_core_taint_t taint;
    bayplan_core_pair_t label;
    int64_t room[4] = {4000, 16 * GIB, 0, 110};
    uint32_t i, namespace_, tainted;
    size_t size, state;

    OK(bayplan_core_limits(&limits));
    ENSURE(limits.struct_size == sizeof limits && limits.nodes == 64);
    limits.nodes = 4;
    limits.pods = 8;
    limits.externals = 1;
    limits.external_columns = 2;
    limits.profiles = 4;
    OK(bayplan_core_size(&limits, &size, &state, &fault));
    ENSURE(state < size && size <= sizeof block);
    OK(bayplan_core_init(B, &limits, &fault));
    OK(bayplan_core_add_default_profile(B, 37, &profile, &fault));
    OK(bayplan_core_add_taint_set(B, NULL, 0, &no_taints, &fault));
    OK(bayplan_core_add_image_set(B, NULL, 0, &no_images, &fault));
    OK(bayplan_core_add_string(B, false, 0, &taint.key, &fault));
    taint.value = BAYPLAN_CORE_EMPTY;
    taint.effect = BAYPLAN_CORE_NO_SCHEDULE;
    OK(bayplan_core_add_taint_set(B, &taint, 1, &tainted, &fault));
    OK(bayplan_core_add_key(B, &zone, &fault));
    for (i = 0; i < 2; i++) {
        OK(bayplan_core_add_string(B, false, 0, &zones[i], &fault));
    }
    memset(&node, 0, sizeof node);
    node.struct_size = (uint32_t)sizeof node;
    node.images = no_images;
    node.allocatable = room;
    node.allocatable_count = 4;
    node.labels = &label;
    node.label_count = 1;
    label.key = zone;
    for (i = 0; i < 3; i++) {
        OK(bayplan_core_add_string(B, false, 0, &names[i], &fault));
        node.name = names[i];
        node.taints = i == 2 ? tainted : no_taints;
        label.value = zones[i == 0 ? 0 : 1];
        room[0] = i == 1 ? 8000 : 4000;
        OK(bayplan_core_add_node(B, &node, &nodes[i], &fault));
    }
    OK(bayplan_core_add_namespace(B, NULL, 0, true, &namespace_, &fault));
    OK(bayplan_core_add_label_class(B, namespace_, NULL, 0, &labels, &fault));
}

static void decisions(void)
{
    bayplan_core_request_t request;
    bayplan_core_choice_t choice;
    bayplan_core_verdict_t verdicts[4];
    bayplan_core_score_t scores[16];
    int64_t totals[4], sum = 0;
    size_t count, i;
    uint32_t spec = spec_of(1000, 4 * GIB, 0);

    OK(bayplan_core_request(&request, spec, labels));
    OK(bayplan_core_decide(B, &request, &choice, &fault));
    /* NodeResourcesFit: CPU (4000-1000)/4000 is 75 %, memory 12/16 is 75 %: 75 on node 0; 87 and 75 on node 1: 81. Taints: 100 x 3 on
     * both. Balance (1.36 and later) is scored by the difference that the pod makes. */
    ENSURE(choice.node == nodes[1] && choice.ties == 1 && choice.feasible == 2);
    OK(bayplan_core_scores(B, &request, scores, 16, &count, &fault));
    ENSURE(count <= 16);
    for (i = 0; i < count; i++) {
        if (scores[i].rule == BAYPLAN_CORE_NODE_RESOURCES_FIT) {
            ENSURE(scores[i].score == (scores[i].node == nodes[0] ? 75 : 81));
        }
        if (scores[i].rule == BAYPLAN_CORE_TAINT_TOLERATION) {
            ENSURE(scores[i].score == 300);
        }
        sum += scores[i].node == nodes[1] ? scores[i].score : 0;
    }
    ENSURE(sum == choice.score);
    OK(bayplan_core_totals(B, &request, totals, 4, &count, &fault));
    ENSURE(count == 3 && totals[1] == choice.score && totals[0] < totals[1] && totals[2] == BAYPLAN_CORE_REJECTED);
    FAILS(BAYPLAN_CORE_LIMIT, bayplan_core_totals(B, &request, totals, 2, &count, &fault));
    OK(bayplan_core_explain(B, &request, NULL, 0, &count, &fault));
    ENSURE(count == 1);
    OK(bayplan_core_explain(B, &request, verdicts, 4, &count, &fault));
    ENSURE(verdicts[0].node == nodes[2] && verdicts[0].rule == BAYPLAN_CORE_TAINT_TOLERATION);
    ENSURE(verdicts[0].flags == (BAYPLAN_CORE_FIRST | BAYPLAN_CORE_UNRESOLVABLE));
    OK(bayplan_core_judge(B, &request, nodes[2], verdicts, 4, &count, &fault));
    ENSURE(count == 1 && verdicts[0].rule == BAYPLAN_CORE_TAINT_TOLERATION && verdicts[0].flags == (BAYPLAN_CORE_FIRST | BAYPLAN_CORE_UNRESOLVABLE));
    OK(bayplan_core_judge(B, &request, nodes[0], NULL, 0, &count, &fault));
    ENSURE(count == 0);
    request.spec = spec_of(9000, 64 * GIB, 0);
    OK(bayplan_core_judge(B, &request, nodes[0], verdicts, 4, &count, &fault));
    ENSURE(count == 2 && verdicts[0].rule == BAYPLAN_CORE_NODE_RESOURCES_FIT && verdicts[1].rule == BAYPLAN_CORE_NODE_RESOURCES_FIT);
    /* Both resources are what the rule says that rejects first. */
    ENSURE((verdicts[0].flags & BAYPLAN_CORE_FIRST) && (verdicts[1].flags & BAYPLAN_CORE_FIRST));
    request.spec = spec;
    FAILS(BAYPLAN_CORE_NOT_FOUND, bayplan_core_judge(B, &request, 3, NULL, 0, &count, &fault));
    FAILS(BAYPLAN_CORE_NOT_FOUND, bayplan_core_volumes_on(B, &request, 3, NULL, 0, &count, &fault));
    request.node_name = names[0];
    OK(bayplan_core_decide(B, &request, &choice, &fault));
    ENSURE(choice.node == nodes[0] && choice.feasible == 1 && choice.score == 0);
    request.node_name = BAYPLAN_CORE_NONE;
    request.rejects = &nodes[1];
    request.reject_count = 1;
    OK(bayplan_core_decide(B, &request, &choice, &fault));
    ENSURE(choice.node == nodes[0]);
    request.reject_count = 0;
    request.pick = 2;
    FAILS(BAYPLAN_CORE_INVALID_ARGUMENT, bayplan_core_decide(B, &request, &choice, &fault));
    request.pick = BAYPLAN_CORE_PICK_FIRST;
    request.spec = 99;
    FAILS(BAYPLAN_CORE_NOT_FOUND, bayplan_core_decide(B, &request, &choice, &fault));
    ENSURE(strcmp((const char *)fault.what, "specs") == 0 && fault.needed == 99);
}

static void pods(void)
{
    bayplan_core_request_t wave[10];
    bayplan_core_choice_t choices[10];
    bayplan_core_amounts_t amounts;
    bayplan_core_pod_t pod;
    uint32_t ids[10], on[8], node, i, spec = spec_of(2000, GIB, 0), again;
    size_t count;

    for (i = 0; i < 10; i++) {
        OK(bayplan_core_request(&wave[i], spec, labels));
    }
    /* 2 fit on node 0 and 4 on node 1. */
    OK(bayplan_core_decide_many(B, wave, 7, BAYPLAN_CORE_BIND, 100, choices, ids, &fault));
    for (i = 0; i < 7; i++) {
        ENSURE((choices[i].node == BAYPLAN_CORE_NONE) == (i == 6) && (ids[i] == BAYPLAN_CORE_NONE) == (i == 6));
    }
    OK(bayplan_core_amounts(B, nodes[1], 0, &amounts, &fault));
    ENSURE(amounts.allocatable == 8000 && amounts.requested == 8000);
    OK(bayplan_core_pods_on(B, nodes[1], on, 8, &count, &fault));
    ENSURE(count == 4);
    OK(bayplan_core_pods_on(B, nodes[1], NULL, 0, &count, &fault));
    ENSURE(count == 4);
    FAILS(BAYPLAN_CORE_CONFLICT, bayplan_core_remove_node(B, nodes[1], &fault));
    OK(bayplan_core_node_of(B, on[0], &node, &fault));
    ENSURE(node == nodes[1]);
    for (i = 0; i < 6; i++) {
        OK(bayplan_core_unbind(B, ids[i], &fault));
    }
    FAILS(BAYPLAN_CORE_NOT_FOUND, bayplan_core_unbind(B, ids[0], &fault));
    OK(bayplan_core_amounts(B, nodes[1], 0, &amounts, &fault));
    ENSURE(amounts.requested == 0);
    /* Where one of a wave cannot be decided, those before it are taken off again. */
    wave[3].labels = 77;
    FAILS(BAYPLAN_CORE_NOT_FOUND, bayplan_core_decide_many(B, wave, 5, BAYPLAN_CORE_BIND, 0, choices, ids, &fault));
    OK(bayplan_core_amounts(B, nodes[1], 0, &amounts, &fault));
    ENSURE(amounts.requested == 0);
    pod.spec = spec;
    pod.labels = labels;
    pod.uses = BAYPLAN_CORE_NONE;
    pod.flags = 0;
    pod.start = 5;
    for (i = 0; i < 8; i++) {
        OK(bayplan_core_bind(B, &pod, nodes[0], &ids[i], &fault));
    }
    FAILS(BAYPLAN_CORE_FULL, bayplan_core_bind(B, &pod, nodes[0], &again, &fault));
    ENSURE(strcmp((const char *)fault.what, "pods") == 0 && fault.holds == 8 && fault.needed == 9);
    pod.flags = BAYPLAN_CORE_TERMINATING;
    OK(bayplan_core_update_pod(B, ids[7], &pod, &ids[7], &fault));
    pod.flags = 8;
    FAILS(BAYPLAN_CORE_INVALID_ARGUMENT, bayplan_core_update_pod(B, ids[7], &pod, &ids[7], &fault));
    for (i = 0; i < 8; i++) {
        OK(bayplan_core_unbind(B, ids[i], &fault));
    }
}

static void preemption(void)
{
    bayplan_core_request_t request;
    bayplan_core_preempt_options_t options;
    bayplan_core_preemption_t found;
    bayplan_core_candidate_t candidates[4];
    bayplan_core_victim_t victims[8];
    bayplan_core_pod_t pod;
    uint32_t low = spec_of(3000, GIB, 1), lower = spec_of(7000, GIB, 0), high = spec_of(3000, GIB, 10), a, b;

    memset(&options, 0, sizeof options);
    options.struct_size = (uint32_t)sizeof options;
    options.minor = 37;
    pod.spec = low;
    pod.labels = labels;
    pod.uses = BAYPLAN_CORE_NONE;
    pod.flags = 0;
    pod.start = 1;
    OK(bayplan_core_bind(B, &pod, nodes[0], &a, &fault));
    pod.spec = lower;
    OK(bayplan_core_bind(B, &pod, nodes[1], &b, &fault));
    OK(bayplan_core_request(&request, high, labels));
    OK(bayplan_core_preempt(B, &request, &options, &found, candidates, 4, victims, 8, &fault));
    /* One victim on each; the one of priority 0 is less important. */
    ENSURE(found.outcome == BAYPLAN_CORE_PREEMPTS && found.node == nodes[1] && found.ties == 1);
    ENSURE(found.candidates == 2 && found.victims == 2 && candidates[0].node == nodes[0]);
    ENSURE(candidates[1].highest_priority == 0 && victims[candidates[1].first_victim].pod == b);
    OK(bayplan_core_preempt(B, &request, &options, &found, candidates, 4, NULL, 0, &fault));
    ENSURE(candidates[0].first_victim == BAYPLAN_CORE_NONE && found.node == nodes[1]);
    OK(bayplan_core_preempt(B, &request, &options, &found, NULL, 0, NULL, 0, &fault));
    ENSURE(found.node == nodes[1]);
    options.flags = BAYPLAN_CORE_NEVER_PREEMPTS;
    OK(bayplan_core_preempt(B, &request, &options, &found, NULL, 0, NULL, 0, &fault));
    ENSURE(found.outcome == BAYPLAN_CORE_POLICY_NEVER && found.node == BAYPLAN_CORE_NONE);
    options.minor = 38;
    FAILS(BAYPLAN_CORE_LIMIT, bayplan_core_preempt(B, &request, &options, &found, NULL, 0, NULL, 0, &fault));
    OK(bayplan_core_unbind(B, a, &fault));
    OK(bayplan_core_unbind(B, b, &fault));
}

static void reject_first(void *context, uint32_t slot, uint32_t first, uint32_t *codes, size_t count)
{
    size_t i;
    (void)slot;
    for (i = 0; i < count; i++) {
        codes[i] = first + i == *(uint32_t *)context ? 7 : 0;
    }
}

/* A rule of the caller's own: a column first, and then a function. */
static void own_rules(void)
{
    bayplan_core_profile_t def;
    bayplan_core_weighted_t weighted;
    bayplan_core_external_t external;
    bayplan_core_request_t request;
    bayplan_core_choice_t choice;
    bayplan_core_verdict_t verdict;
    uint32_t slot, filters[2], own, spec, before = profile, codes[3] = {0, 0, 0};
    int64_t scores[3] = {10, 0, 0};
    size_t count;

    OK(bayplan_core_add_slot(B, BAYPLAN_CORE_EMPTY, BAYPLAN_CORE_NORMALIZE_HIGHEST, &slot, &fault));
    memset(&def, 0, sizeof def);
    def.struct_size = (uint32_t)sizeof def;
    filters[0] = BAYPLAN_CORE_TAINT_TOLERATION;
    filters[1] = BAYPLAN_CORE_SLOT + slot;
    def.filters = filters;
    def.filter_count = 2;
    weighted.id = BAYPLAN_CORE_SLOT + slot;
    weighted.reserved = 0;
    weighted.weight = 2000;
    def.scores = &weighted;
    def.score_count = 1;
    OK(bayplan_core_add_profile(B, &def, &own, &fault));
    profile = own;
    spec = spec_of(100, GIB, 0);
    profile = before;
    OK(bayplan_core_set_slot(B, slot, spec, codes, 3, scores, 3, &fault));
    OK(bayplan_core_request(&request, spec, labels));
    OK(bayplan_core_decide(B, &request, &choice, &fault));
    /* The highest becomes 100, times 2000. */
    ENSURE(choice.node == nodes[0] && choice.score == 200000);
    /* However low a score is, a node that is rejected is never taken. */
    scores[0] = scores[1] = -(INT64_C(1) << 53);
    OK(bayplan_core_set_slot(B, slot, spec, codes, 3, scores, 3, &fault));
    OK(bayplan_core_decide(B, &request, &choice, &fault));
    ENSURE(choice.node == nodes[0] && choice.feasible == 2 && choice.ties == 2);
    scores[0] = 10;
    scores[1] = 0;
    OK(bayplan_core_set_slot(B, slot, spec, codes, 3, scores, 3, &fault));
    external.context = &nodes[0];
    external.filter = reject_first;
    external.score = NULL;
    request.external = &external;
    OK(bayplan_core_decide(B, &request, &choice, &fault));
    ENSURE(choice.node == nodes[1] && choice.feasible == 1);
    OK(bayplan_core_explain(B, &request, &verdict, 1, &count, &fault));
    OK(bayplan_core_decide(B, &request, &choice, &fault));
    ENSURE(count == 2);
}

static void memory(void)
{
    bayplan_core_limits_t limits, used;
    bayplan_core_request_t request;
    bayplan_core_choice_t here, there;
    uint32_t spec = spec_of(1500, GIB, 0);
    size_t state;
    unsigned char *bytes = (unsigned char *)other;

    OK(bayplan_core_request(&request, spec, labels));
    OK(bayplan_core_decide(B, &request, &here, &fault));
    OK(bayplan_core_fork(B, other, sizeof other, &fault));
    OK(bayplan_core_decide(other, sizeof other, &request, &there, &fault));
    ENSURE(memcmp(&here, &there, sizeof here) == 0);
    OK(bayplan_core_limits_of(B, &limits, &fault));
    ENSURE(limits.nodes == 4);
    limits.nodes = 100;
    OK(bayplan_core_grow(B, other, sizeof other, &limits, &fault));
    OK(bayplan_core_decide(other, sizeof other, &request, &there, &fault));
    ENSURE(memcmp(&here, &there, sizeof here) == 0);
    OK(bayplan_core_used(other, sizeof other, &used, &fault));
    ENSURE(used.nodes == 3 && used.pods == 0 && used.profiles == 2);
    OK(bayplan_core_save(other, sizeof other, &state, &fault));
    OK(bayplan_core_verify(other, sizeof other, &fault));
    bytes[state / 2] ^= 1;
    FAILS(BAYPLAN_CORE_CORRUPT, bayplan_core_verify(other, sizeof other, &fault));
    bytes[state / 2] ^= 1;
    /* Asked of a part of it, it is as it was. */
    FAILS(BAYPLAN_CORE_TOO_SMALL, bayplan_core_verify(other, 4096, &fault));
    FAILS(BAYPLAN_CORE_TOO_SMALL, bayplan_core_save(other, 4096, &state, &fault));
    FAILS(BAYPLAN_CORE_TOO_SMALL, bayplan_core_withdraw(other, 4096, 0, &fault));
    ENSURE(fault.holds == 4096 && fault.needed > 4096);
    FAILS(BAYPLAN_CORE_TOO_SMALL, bayplan_core_withdraw(other, (size_t)fault.needed - 8, 0, &fault));
    FAILS(BAYPLAN_CORE_NOT_FOUND, bayplan_core_withdraw(other, (size_t)fault.needed, 0, &fault));
    OK(bayplan_core_verify(other, sizeof other, &fault));
    OK(bayplan_core_attach(other, sizeof other, &fault));
    limits.nodes = 1;
    FAILS(BAYPLAN_CORE_LIMIT, bayplan_core_grow(B, other, sizeof other, &limits, &fault));
    FAILS(BAYPLAN_CORE_TOO_SMALL, bayplan_core_fork(B, other, 4096, &fault));
    ENSURE(fault.holds == 4096 && fault.needed > 4096);
    FAILS(BAYPLAN_CORE_INVALID_ARGUMENT, bayplan_core_fork(B, (unsigned char *)block + 64, sizeof block - 64, &fault));
    FAILS(BAYPLAN_CORE_INVALID_ARGUMENT, bayplan_core_attach((unsigned char *)block + 4, sizeof block - 4, &fault));
    FAILS(BAYPLAN_CORE_INVALID_ARGUMENT, bayplan_core_attach(NULL, 8, &fault));
    FAILS(BAYPLAN_CORE_CORRUPT, bayplan_core_attach(block, 8, &fault));
}

/* Ids and numbers that were once taken, each of which is refused or counted right. */
static void found_before(void)
{
    bayplan_core_request_t request;
    bayplan_core_choice_t choice;
    bayplan_core_amounts_t amounts;
    bayplan_core_profile_t shaped;
    bayplan_core_spec_t spec;
    int32_t shape[4] = {50, 0, 50, 100};
    uint32_t key, id, images[2], plain = spec_of(100, GIB, 0);

    OK(bayplan_core_request(&request, plain, labels));
    request.nomination = 3;
    FAILS(BAYPLAN_CORE_NOT_FOUND, bayplan_core_decide(B, &request, &choice, &fault));
    FAILS(BAYPLAN_CORE_INVALID_ARGUMENT, bayplan_core_decide_many(B, &request, 1, BAYPLAN_CORE_BIND, 0, &choice, &id, &fault));
    FAILS(BAYPLAN_CORE_NOT_FOUND, bayplan_core_amounts(B, nodes[0], 7, &amounts, &fault));

    /* Attached twice is attached once. */
    OK(bayplan_core_add_use_key(B, &key, &fault));
    OK(bayplan_core_set_attached(B, key, nodes[0], true, &fault));
    OK(bayplan_core_set_attached(B, key, nodes[0], true, &fault));
    OK(bayplan_core_set_attached(B, key, nodes[0], false, &fault));
    OK(bayplan_core_add_driver(B, &id, &fault));
    /* Were it still attached, the key would be in use, and that a CONFLICT. */
    OK(bayplan_core_set_key_driver(B, key, id, &fault));
    /* What is not attached can be detached: nothing happens. */
    OK(bayplan_core_set_attached(B, key, nodes[0], false, &fault));

    memset(&shaped, 0, sizeof shaped);
    shaped.struct_size = (uint32_t)sizeof shaped;
    shaped.shape = shape;
    shaped.shape_count = 2;
    FAILS(BAYPLAN_CORE_CONFLICT, bayplan_core_add_profile(B, &shaped, &id, &fault));

    OK(bayplan_core_add_image(B, &images[0], &fault));
    memset(&spec, 0, sizeof spec);
    spec.struct_size = (uint32_t)sizeof spec;
    spec.images = images;
    spec.image_entry_count = 1;
    FAILS(BAYPLAN_CORE_INVALID_ARGUMENT, bayplan_core_add_spec(B, &spec, &id, &fault));
    ENSURE(strcmp((const char *)fault.what, "image_count") == 0);
    /* A container and an image volume of Kubernetes 1.36. */
    spec.image_count = 1;
    spec.image_entry_count = 2;
    OK(bayplan_core_add_image(B, &images[1], &fault));
    OK(bayplan_core_add_spec(B, &spec, &id, &fault));
}

static void ways_out(void)
{
    bayplan_core_spec_t spec;
    bayplan_core_requirement_t requirement;
    bayplan_core_node_terms_t terms;
    bayplan_core_toleration_t toleration = {BAYPLAN_CORE_NONE, BAYPLAN_CORE_TOLERATE_ANY, 0, BAYPLAN_CORE_NONE};
    int32_t weight = 1 << 30;
    uint32_t id, before, many[600] = {0};
    bayplan_core_limits_t limits, used;
    size_t size, state;

    memset(many, 0, sizeof many);
    FAILS(BAYPLAN_CORE_LIMIT, bayplan_core_add_label_class(B, 0, (const bayplan_core_pair_t *)many, 1u << 20, &id, &fault));
    ENSURE(strcmp((const char *)fault.what, "labels") == 0 && fault.holds == 512);
    FAILS(BAYPLAN_CORE_INVALID_ARGUMENT, bayplan_core_add_label_class(B, 0, NULL, 1, &id, &fault));
    FAILS(BAYPLAN_CORE_INVALID_ARGUMENT, bayplan_core_add_string(B, false, 0, NULL, &fault));
    ENSURE(bayplan_core_add_string(B, false, 0, NULL, NULL) == BAYPLAN_CORE_INVALID_ARGUMENT);
    FAILS(BAYPLAN_CORE_INVALID_ARGUMENT, bayplan_core_add_spec(B, NULL, &id, &fault));
    memset(&spec, 0, sizeof spec);
    FAILS(BAYPLAN_CORE_INVALID_ARGUMENT, bayplan_core_add_spec(B, &spec, &id, &fault));
    spec.struct_size = (uint32_t)sizeof spec;
    memset(&terms, 0, sizeof terms);
    memset(&requirement, 0, sizeof requirement);
    terms.terms = 1;
    terms.requirements = &requirement;
    terms.requirement_count = 1;
    spec.required = &terms;
    /* What fails takes no room: neither of the lists before the fault. */
    OK(bayplan_core_used(B, &used, &fault));
    spec.tolerations = &toleration;
    spec.toleration_count = 1;
    requirement.op = BAYPLAN_CORE_EXISTS;
    spec.required = NULL;
    spec.preferred = &terms;
    terms.weights = &weight;
    FAILS(BAYPLAN_CORE_LIMIT, bayplan_core_add_spec(B, &spec, &id, &fault));
    before = used.arena;
    OK(bayplan_core_used(B, &used, &fault));
    ENSURE(used.arena == before);
    spec.preferred = NULL;
    spec.required = &terms;
    terms.weights = NULL;
    requirement.op = 7;
    FAILS(BAYPLAN_CORE_INVALID_ARGUMENT, bayplan_core_add_spec(B, &spec, &id, &fault));
    requirement.op = BAYPLAN_CORE_IN;
    requirement.count = 1;
    FAILS(BAYPLAN_CORE_INVALID_ARGUMENT, bayplan_core_add_spec(B, &spec, &id, &fault));
    requirement.count = 0;
    requirement.term = 1;
    FAILS(BAYPLAN_CORE_INVALID_ARGUMENT, bayplan_core_add_spec(B, &spec, &id, &fault));
    FAILS(BAYPLAN_CORE_LIMIT, bayplan_core_add_default_profile(B, 33, &id, &fault));
    FAILS(BAYPLAN_CORE_INVALID_ARGUMENT, bayplan_core_add_term(B, 0, 0, 0, 4, 1, &id, &fault));
    OK(bayplan_core_limits(&limits));
    memset((char *)&limits + 4, 0xff, sizeof limits - 4);
    FAILS(BAYPLAN_CORE_LIMIT, bayplan_core_size(&limits, &size, &state, &fault));
    memset(block, 0, 64);
    FAILS(BAYPLAN_CORE_CORRUPT, bayplan_core_attach(B, &fault));
}

static void *all(void *unused)
{
    ENSURE(bayplan_core_abi_version() == BAYPLAN_CORE_ABI_VERSION);
    build();
    decisions();
    pods();
    preemption();
    own_rules();
    memory();
    found_before();
    ways_out();
    return unused;
}

/* What the header says of the stack. */
#define STACK (64 * 1024)


/* With an argument the stack is not measured: valgrind and sanitizers watch it in ways of their own. */
int main(int argc, char **argv)
{
    static unsigned char stack[512 * 1024];
    pthread_attr_t attributes;
    pthread_t thread;
    size_t untouched = 0, used;

    (void)argv;
    if (argc > 1) {
        all(NULL);
        return 0;
    }
    /* The lowest byte that is not as it was painted tells how deep the calls went. */
    memset(stack, 0x5a, sizeof stack);
    if (pthread_attr_init(&attributes) != 0 || pthread_attr_setstack(&attributes, stack, sizeof stack) != 0 ||
        pthread_create(&thread, &attributes, all, NULL) != 0 || pthread_join(thread, NULL) != 0) {
        fprintf(stderr, "checks.c: no thread\n");
        return 1;
    }
    while (untouched < sizeof stack && stack[untouched] == 0x5a) {
        untouched++;
    }
    used = sizeof stack - untouched;
    printf("block: %u checks, %zu bytes of stack\n", (unsigned)checks, used);
    return used > STACK;
}
