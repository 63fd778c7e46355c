/* The core without any allocation: 64 nodes in a static buffer, a wave of pods, and why the last one waits. */
#include <bayplan_core.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NODES 64
#define GIB (INT64_C(1) << 30)

static uint64_t block[64 * 1024];
static bayplan_core_fault_t fault;

/* Ends the program where a call failed: on a device this would be a reset. */
#define OK(call)                                                                                        \
    do {                                                                                                \
        if ((call) != BAYPLAN_CORE_OK) {                                                                \
            fprintf(stderr, "%s: status %" PRIu32 ", %s (holds %" PRIu64 ", needs %" PRIu64 ")\n", #call, \
                    fault.status, (const char *)fault.what, fault.holds, fault.needed);                 \
            return 1;                                                                                   \
        }                                                                                               \
    } while (0)

int main(void)
{
    bayplan_core_limits_t limits;
    bayplan_core_node_t node;
    bayplan_core_spec_t spec;
    bayplan_core_request_t request;
    bayplan_core_choice_t choice;
    bayplan_core_pod_t pod;
    bayplan_core_verdict_t verdicts[2 * NODES];
    int64_t room[4], asks[4];
    uint32_t nodes[NODES], profile, namespace_, labels, class_, name, i, placed = 0;
    size_t size, state, count;

    OK(bayplan_core_limits(&limits));
    limits.nodes = NODES;
    limits.pods = 256;
    OK(bayplan_core_size(&limits, &size, &state, &fault));
    if (size > sizeof block) {
        fprintf(stderr, "make the buffer %zu bytes large\n", size);
        return 1;
    }
    OK(bayplan_core_init(block, sizeof block, &limits, &fault));
    OK(bayplan_core_add_default_profile(block, sizeof block, 37, &profile, &fault));

    memset(&node, 0, sizeof node);
    node.struct_size = (uint32_t)sizeof node;
    OK(bayplan_core_add_taint_set(block, sizeof block, NULL, 0, &node.taints, &fault));
    OK(bayplan_core_add_image_set(block, sizeof block, NULL, 0, &node.images, &fault));
    for (i = 0; i < NODES; i++) {
        OK(bayplan_core_add_string(block, sizeof block, false, 0, &node.name, &fault));
        /* Every fourth node is twice as large: milli-CPU, bytes of memory, bytes of storage, pods. */
        room[0] = i % 4 == 0 ? 8000 : 4000;
        room[1] = (i % 4 == 0 ? 32 : 16) * GIB;
        room[2] = 0;
        room[3] = 110;
        node.allocatable = room;
        node.allocatable_count = 4;
        OK(bayplan_core_add_node(block, sizeof block, &node, &nodes[i], &fault));
    }

    asks[0] = 1500;
    asks[1] = 4 * GIB;
    asks[2] = asks[3] = 0;
    memset(&spec, 0, sizeof spec);
    spec.struct_size = (uint32_t)sizeof spec;
    spec.profile = profile;
    spec.fit = spec.bound = spec.score = spec.balanced = asks;
    spec.fit_count = spec.bound_count = spec.score_count = spec.balanced_count = 4;
    spec.bound_non_zero_cpu = asks[0];
    spec.bound_non_zero_memory = asks[1];
    OK(bayplan_core_add_spec(block, sizeof block, &spec, &class_, &fault));
    OK(bayplan_core_add_namespace(block, sizeof block, NULL, 0, true, &namespace_, &fault));
    OK(bayplan_core_add_label_class(block, sizeof block, namespace_, NULL, 0, &labels, &fault));

    OK(bayplan_core_request(&request, class_, labels));
    memset(&pod, 0, sizeof pod);
    pod.spec = class_;
    pod.labels = labels;
    pod.uses = BAYPLAN_CORE_NONE;
    for (;;) {
        OK(bayplan_core_decide(block, sizeof block, &request, &choice, &fault));
        if (choice.node == BAYPLAN_CORE_NONE) {
            break;
        }
        if (placed < 3) {
            printf("pod %" PRIu32 ": node %" PRIu32 ", score %" PRId64 ", one of %" PRIu32 " as good\n", placed, choice.node,
                   choice.score, choice.ties);
        }
        OK(bayplan_core_bind(block, sizeof block, &pod, choice.node, &name, &fault));
        placed++;
    }
    printf("%" PRIu32 " pods were placed\n", placed);

    OK(bayplan_core_explain(block, sizeof block, &request, verdicts, 2 * NODES, &count, &fault));
    for (i = 0; i < count && i < 2; i++) {
        printf("node %" PRIu32 ": rule %" PRIu32 "%s, too little of resource %" PRIu32 "\n", verdicts[i].node,
               verdicts[i].rule, verdicts[i].rule == BAYPLAN_CORE_NODE_RESOURCES_FIT ? " (NodeResourcesFit)" : "",
               verdicts[i].subject);
    }
    printf("%zu verdicts; the block has %zu bytes, of which %zu are state\n", count, size, state);
    return 0;
}
