/* The bridge: objects are loaded once, and then a copy of the block is asked; each decision is that of the cluster itself, and a bind there is a bind
 * here.
 * bridge FILE...: dumps or manifests. Pods of which rows do not say all are left to names. */
#include <bayplan.h>
#include <bayplan_core.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bayplan_error_t *error;
static bayplan_core_fault_t fault;

static void failed(const char *what)
{
    fprintf(stderr, "bridge: %s: %s, fault %u %s\n", what, error != NULL ? bayplan_error_message(error) : "", (unsigned)fault.status,
            (const char *)fault.what);
    exit(1);
}

#define OK(call)          \
    do {                  \
        if ((call) != 0) { \
            failed(#call); \
        }                 \
    } while (0)

static char *read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    size_t room = 0;
    *length = 0;
    if (file == NULL) {
        failed(path);
    }
    do {
        room = room == 0 ? 1 << 16 : room * 2;
        text = realloc(text, room);
        if (text == NULL) {
            failed("no memory");
        }
        *length += fread(text + *length, 1, room - *length, file);
    } while (*length == room);
    fclose(file);
    return text;
}

/* What the cluster says of each node is what the block says. */
static void compare(bayplan_cluster_t *cluster, const char *key, void *block, size_t size, const bayplan_core_request_t *request)
{
    bayplan_node_result_t *results;
    bayplan_core_verdict_t *verdicts;
    int64_t *totals;
    size_t nodes, rows, count, i, j;

    OK(bayplan_cluster_evaluate(cluster, key, NULL, 0, &nodes, &error));
    results = calloc(nodes + 1, sizeof *results);
    OK(bayplan_cluster_evaluate(cluster, key, results, nodes, &nodes, &error));
    rows = nodes == 0 ? 0 : results[nodes - 1].node + 1;
    totals = calloc(rows + 1, sizeof *totals);
    OK(bayplan_core_totals(block, size, request, totals, rows + 1, &rows, &fault));
    OK(bayplan_core_explain(block, size, request, NULL, 0, &count, &fault));
    verdicts = calloc(count + 1, sizeof *verdicts);
    OK(bayplan_core_explain(block, size, request, verdicts, count, &count, &fault));
    for (i = 0; i < nodes; i++) {
        int64_t total = totals[results[i].node];
        int feasible = (results[i].flags & BAYPLAN_NODE_FEASIBLE) != 0, found = 0;
        if (feasible != (total != BAYPLAN_CORE_REJECTED) || (feasible && total != results[i].total)) {
            failed("a total");
        }
        for (j = 0; j < count; j++) {
            if (verdicts[j].node == results[i].node && (verdicts[j].flags & BAYPLAN_CORE_FIRST) != 0 &&
                verdicts[j].rule == results[i].rule && verdicts[j].reason == results[i].reason) {
                found = 1;
            }
        }
        if (feasible == found) {
            failed("a verdict");
        }
    }
    free(results);
    free(totals);
    free(verdicts);
}

int main(int argc, char **argv)
{
    bayplan_cluster_t *cluster = NULL;
    bayplan_strings_t *pending = NULL;
    bayplan_core_request_t *requests;
    bayplan_string_t key;
    bayplan_pod_rows_t rows;
    const void *data;
    void *block;
    size_t size, i, count, asked = 0, placed = 0, left = 0;

    OK(bayplan_cluster_new(NULL, &cluster, &error));
    for (i = 1; i < (size_t)argc; i++) {
        size_t length;
        char *text = read_file(argv[i], &length);
        OK(bayplan_cluster_load(cluster, text, length, argv[i], &error));
        free(text);
    }
    OK(bayplan_cluster_pending(cluster, &pending, &error));
    count = bayplan_strings_count(pending);
    requests = calloc(count == 0 ? 1 : count, sizeof *requests);
    for (i = 0; i < count; i++) {
        OK(bayplan_strings_get(pending, i, &key, &error));
        switch (bayplan_cluster_pod_rows(cluster, key.data, &rows, &error)) {
        case BAYPLAN_OK:
            OK(bayplan_core_request(&requests[i], rows.spec, rows.labels));
            requests[i].pin = rows.pin;
            requests[i].default_selector = rows.default_selector;
            requests[i].uses = rows.uses;
            requests[i].nomination = rows.nomination;
            break;
        case BAYPLAN_UNSUPPORTED:
            bayplan_error_free(error);
            error = NULL;
            left++;
            break;
        default:
            failed(key.data);
        }
    }
    OK(bayplan_cluster_block(cluster, &data, &size, &error));
    block = malloc(size);
    OK(bayplan_core_fork(data, size, block, size, &fault));
    OK(bayplan_core_attach(block, size, &fault));

    for (i = 0; i < count; i++) {
        bayplan_decisions_t *decisions = NULL;
        bayplan_decision_t decision;
        bayplan_core_choice_t choice;
        bayplan_core_pod_t pod;
        uint32_t row, node = BAYPLAN_CORE_NONE;
        const char *name;
        size_t length;
        if (requests[i].struct_size == 0) {
            continue;
        }
        OK(bayplan_strings_get(pending, i, &key, &error));
        OK(bayplan_cluster_decide(cluster, key.data, &decisions, &error));
        decision.struct_size = sizeof decision;
        OK(bayplan_decisions_read(decisions, 0, 1, &decision, &error));
        OK(bayplan_core_decide(block, size, &requests[i], &choice, &fault));
        if (decision.node.length > 0) {
            OK(bayplan_cluster_node_row(cluster, decision.node.data, &node, &error));
            OK(bayplan_cluster_node_of_row(cluster, node, &name, &length, &error));
            if (length != decision.node.length || memcmp(name, decision.node.data, length) != 0) {
                failed("the name of a row");
            }
        }
        compare(cluster, key.data, block, size, &requests[i]);
        asked++;
        if (choice.node != node || choice.score != decision.score || choice.ties != decision.ties ||
            choice.feasible != decision.feasible) {
            fprintf(stderr, "bridge: %s: node %u or %s, score %lld or %lld, ties %u or %u, feasible %u or %u\n", key.data,
                    (unsigned)choice.node, decision.node.data, (long long)choice.score, (long long)decision.score,
                    (unsigned)choice.ties, (unsigned)decision.ties, (unsigned)choice.feasible, (unsigned)decision.feasible);
            return 1;
        }
        if (choice.node != BAYPLAN_CORE_NONE) {
            memset(&pod, 0, sizeof pod);
            pod.spec = requests[i].spec;
            pod.labels = requests[i].labels;
            pod.uses = requests[i].uses;
            pod.start = 1000;
            OK(bayplan_cluster_bind(cluster, key.data, decision.node.data, 1000, &error));
            OK(bayplan_core_bind(block, size, &pod, choice.node, &row, &fault));
            OK(bayplan_cluster_bound_row(cluster, key.data, &row, &error));
            placed++;
        }
        bayplan_decisions_free(decisions);
    }
    printf("bridge: %zu pods decided as the cluster does, %zu of them bound on both sides, %zu left to names\n", asked, placed, left);
    free(requests);
    free(block);
    bayplan_strings_free(pending);
    bayplan_cluster_free(cluster);
    return 0;
}
