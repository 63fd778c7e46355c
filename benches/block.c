/* What calls through the block door cost: least of many, in nanoseconds. decide_many() is the core's own loop, so that the difference to single calls is
 * what the door adds: opening the block, checking and copying the request.
 *
 *     cargo build --release --manifest-path ffi/block/Cargo.toml --target-dir target/block
 *     cc -std=c11 -O2 -Iinclude -o target/block/bench benches/block.c target/block/release/libbayplan_core.a && target/block/bench
 */
#define _POSIX_C_SOURCE 200809L
#include <bayplan_core.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WAVE 200
#define ROUNDS 60

static bayplan_core_fault_t fault;

static void check(bayplan_core_status_t status)
{
    if (status != BAYPLAN_CORE_OK) {
        fprintf(stderr, "status %u: %s\n", (unsigned)status, (const char *)fault.what);
        exit(1);
    }
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void measure(uint32_t nodes)
{
    bayplan_core_limits_t limits;
    bayplan_core_node_t node;
    bayplan_core_spec_t spec;
    bayplan_core_request_t requests[WAVE];
    bayplan_core_choice_t choices[WAVE];
    bayplan_core_pod_t pod;
    bayplan_core_amounts_t amounts;
    int64_t room[4] = {64000, INT64_C(256) << 30, 0, 1000}, asks[2] = {10, INT64_C(1) << 24};
    uint32_t profile, labels, id, ids[WAVE], i, round;
    double least[6] = {1e18, 1e18, 1e18, 1e18, 1e18, 1e18}, begin, spent;
    size_t size, state;
    void *block, *copy;

    check(bayplan_core_limits(&limits));
    limits.nodes = nodes;
    limits.pods = WAVE + 1;
    limits.strings = nodes + 16;
    check(bayplan_core_size(&limits, &size, &state, &fault));
    block = aligned_alloc(64, (size + 63) / 64 * 64);
    copy = aligned_alloc(64, (size + 63) / 64 * 64);
    if (block == NULL || copy == NULL) {
        exit(1);
    }
    check(bayplan_core_init(block, size, &limits, &fault));
    check(bayplan_core_add_default_profile(block, size, 37, &profile, &fault));
    memset(&node, 0, sizeof node);
    node.struct_size = (uint32_t)sizeof node;
    check(bayplan_core_add_taint_set(block, size, NULL, 0, &node.taints, &fault));
    check(bayplan_core_add_image_set(block, size, NULL, 0, &node.images, &fault));
    node.allocatable = room;
    node.allocatable_count = 4;
    for (i = 0; i < nodes; i++) {
        room[0] = 16000 + i % 7 * 8000;
        check(bayplan_core_add_string(block, size, false, 0, &node.name, &fault));
        check(bayplan_core_add_node(block, size, &node, &id, &fault));
    }
    memset(&spec, 0, sizeof spec);
    spec.struct_size = (uint32_t)sizeof spec;
    spec.profile = profile;
    spec.fit = spec.bound = spec.score = spec.balanced = asks;
    spec.fit_count = spec.bound_count = spec.score_count = spec.balanced_count = 2;
    spec.bound_non_zero_cpu = asks[0];
    spec.bound_non_zero_memory = asks[1];
    check(bayplan_core_add_spec(block, size, &spec, &id, &fault));
    check(bayplan_core_add_namespace(block, size, NULL, 0, true, &labels, &fault));
    check(bayplan_core_add_label_class(block, size, labels, NULL, 0, &labels, &fault));
    for (i = 0; i < WAVE; i++) {
        check(bayplan_core_request(&requests[i], id, labels));
    }
    memset(&pod, 0, sizeof pod);
    pod.spec = id;
    pod.labels = labels;
    pod.uses = BAYPLAN_CORE_NONE;
    for (round = 0; round < ROUNDS; round++) {
        begin = now();
        for (i = 0; i < 1000; i++) {
            (void)bayplan_core_abi_version();
        }
        spent = (now() - begin) / 1000;
        least[0] = spent < least[0] ? spent : least[0];
        begin = now();
        for (i = 0; i < 1000; i++) {
            check(bayplan_core_amounts(block, size, 0, 0, &amounts, &fault));
        }
        spent = (now() - begin) / 1000;
        least[1] = spent < least[1] ? spent : least[1];
        begin = now();
        for (i = 0; i < WAVE; i++) {
            check(bayplan_core_decide(block, size, &requests[i], &choices[i], &fault));
            check(bayplan_core_bind(block, size, &pod, choices[i].node, &ids[i], &fault));
        }
        spent = (now() - begin) / WAVE;
        least[2] = spent < least[2] ? spent : least[2];
        begin = now();
        for (i = 0; i < WAVE; i++) {
            check(bayplan_core_unbind(block, size, ids[i], &fault));
        }
        spent = (now() - begin) / WAVE;
        least[4] = spent < least[4] ? spent : least[4];
        begin = now();
        check(bayplan_core_decide_many(block, size, requests, WAVE, BAYPLAN_CORE_BIND, 0, choices, ids, &fault));
        spent = (now() - begin) / WAVE;
        least[3] = spent < least[3] ? spent : least[3];
        for (i = 0; i < WAVE; i++) {
            check(bayplan_core_unbind(block, size, ids[i], &fault));
        }
        begin = now();
        check(bayplan_core_fork(block, size, copy, size, &fault));
        spent = now() - begin;
        least[5] = spent < least[5] ? spent : least[5];
    }
    printf("| %u | %.0f | %.0f | %.0f | %.0f | %.0f | %.0f |\n", (unsigned)nodes, least[0], least[1], least[2], least[3],
           least[4], least[5]);
    free(block);
    free(copy);
}

int main(void)
{
    printf("| nodes | empty call | amounts (opens the block) | decide + bind, two calls | decide + bind, in decide_many | unbind | fork |\n");
    printf("|---|---|---|---|---|---|---|\n");
    measure(1);
    measure(100);
    measure(5000);
    return 0;
}
