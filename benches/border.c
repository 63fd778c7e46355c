/* What the borders cost, from C: border FLEET NODES PODS, see border.sh. */
#define _POSIX_C_SOURCE 200809L
#include <bayplan.h>
#include <bayplan_core.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define OK(call)                                          \
    do {                                                  \
        if ((call) != 0) {                                \
            fprintf(stderr, "border: %s failed\n", #call); \
            exit(1);                                      \
        }                                                 \
    } while (0)

static bayplan_error_t *error;
static bayplan_core_fault_t fault;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* Nanoseconds a call: the least of nine rounds. */
#define LEAST(what, calls, share, call)                             \
    do {                                                            \
        double least = 1e18;                                        \
        for (int round = 0; round < 9; round++) {                   \
            double begin = now(), spent;                            \
            for (size_t nth = 0; nth < (calls); nth++) {            \
                call;                                               \
            }                                                       \
            spent = (now() - begin) / (double)(calls) / (double)(share); \
            least = spent < least ? spent : least;                  \
        }                                                           \
        printf("c\t%s\t%.0f\n", what, least);                       \
    } while (0)

int main(int argc, char **argv)
{
    bayplan_cluster_t *cluster = NULL;
    bayplan_pod_rows_t rows;
    bayplan_core_request_t *requests;
    bayplan_core_choice_t choice, *choices;
    bayplan_decision_numbers_t *numbers;
    uint64_t *ids;
    uint32_t *bound;
    const void *data;
    void *block, *copy;
    char *text, name[32];
    FILE *file;
    size_t length, size, nodes, pods, calls, at;

    if (argc != 4 || (file = fopen(argv[1], "rb")) == NULL) {
        fprintf(stderr, "usage: border FLEET NODES PODS\n");
        return 2;
    }
    nodes = strtoul(argv[2], NULL, 10);
    pods = strtoul(argv[3], NULL, 10);
    calls = 1000000 / nodes < 200 ? 200 : 1000000 / nodes > 20000 ? 20000 : 1000000 / nodes;
    fseek(file, 0, SEEK_END);
    length = (size_t)ftell(file);
    rewind(file);
    text = malloc(length);
    if (fread(text, 1, length, file) != length) {
        return 1;
    }
    fclose(file);
    OK(bayplan_cluster_new(NULL, &cluster, &error));
    OK(bayplan_cluster_load(cluster, text, length, "fleet", &error));
    ids = calloc(pods, sizeof *ids);
    numbers = calloc(pods, sizeof *numbers);
    for (at = 0; at < pods; at++) {
        snprintf(name, sizeof name, "default/p%zu", at);
        OK(bayplan_cluster_pod_id(cluster, name, BAYPLAN_ZERO_ENDED, &ids[at], &error));
    }
    LEAST("a call", 100000, 1, (void)bayplan_status_name(3));
    {
        bayplan_decisions_t *decisions;
        LEAST("decide, by name", calls, 1, {
            OK(bayplan_cluster_decide(cluster, "default/p0", &decisions, &error));
            bayplan_decisions_free(decisions);
        });
    }
    LEAST("decide, by id", calls, 1, OK(bayplan_cluster_decide_ids(cluster, ids, 1, 0, 0, numbers, &error)));
    OK(bayplan_cluster_pod_rows(cluster, "default/p0", &rows, &error));
    OK(bayplan_cluster_block(cluster, &data, &size, &error));
    block = malloc(size);
    copy = malloc(size);
    OK(bayplan_core_fork(data, size, block, size, &fault));
    requests = calloc(pods, sizeof *requests);
    choices = calloc(pods, sizeof *choices);
    bound = calloc(pods, sizeof *bound);
    for (at = 0; at < pods; at++) {
        OK(bayplan_core_request(&requests[at], rows.spec, rows.labels));
        requests[at].pin = rows.pin;
        requests[at].default_selector = rows.default_selector;
        requests[at].uses = rows.uses;
        requests[at].nomination = rows.nomination;
    }
    LEAST("decide, block", calls, 1, OK(bayplan_core_decide(block, size, &requests[0], &choice, &fault)));
    LEAST("fork of a block", 200, 1, OK(bayplan_core_fork(block, size, copy, size, &fault)));
    LEAST("a wave with bind, by id, a pod", 1, pods, {
        bayplan_cluster_t *fork;
        OK(bayplan_cluster_fork(cluster, &fork, &error));
        OK(bayplan_cluster_decide_ids(fork, ids, pods, BAYPLAN_DECIDE_BIND, 0, numbers, &error));
        bayplan_cluster_free(fork);
    });
    LEAST("a wave with bind, block, a pod", 1, pods, {
        OK(bayplan_core_fork(block, size, copy, size, &fault));
        OK(bayplan_core_decide_many(copy, size, requests, pods, BAYPLAN_CORE_BIND, 0, choices, bound, &fault));
    });
    return 0;
}
