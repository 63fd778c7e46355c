/* The shortest way in: nodes and pods in, where the pods go and why not out. */
#include <bayplan.h>
#include <stdio.h>

static const char OBJECTS[] =
    "{apiVersion: v1, kind: Node, metadata: {name: n1}, status: {allocatable: {cpu: 4, memory: 8Gi, pods: 110}}}\n"
    "---\n"
    "{apiVersion: v1, kind: Pod, metadata: {name: fits}, spec: {containers: [{name: c, image: nginx,"
    " resources: {requests: {cpu: 3}}}]}}\n"
    "---\n"
    "{apiVersion: v1, kind: Pod, metadata: {name: does-not}, spec: {containers: [{name: c, image: nginx,"
    " resources: {requests: {cpu: 3}}}]}}\n";

int main(void)
{
    bayplan_cluster_t *cluster = NULL;
    bayplan_decisions_t *decisions = NULL;
    bayplan_error_t *error = NULL;
    bayplan_decision_t decision = {.struct_size = sizeof decision};
    int failed = 0;

    if (bayplan_cluster_new(NULL, &cluster, &error) != BAYPLAN_OK ||
        bayplan_cluster_load(cluster, OBJECTS, sizeof OBJECTS - 1, "objects", &error) != BAYPLAN_OK ||
        bayplan_cluster_schedule_pending(cluster, 0, &decisions, &error) != BAYPLAN_OK) {
        fprintf(stderr, "%s\n", bayplan_error_message(error));
        failed = 1;
    }
    for (size_t i = 0; i < bayplan_decisions_count(decisions); i++) {
        if (bayplan_decisions_read(decisions, i, 1, &decision, NULL) == BAYPLAN_OK) {
            printf("%s: %s%s\n", decision.pod.data, decision.node.data, decision.message.data);
        }
    }
    bayplan_decisions_free(decisions);
    bayplan_cluster_free(cluster);
    bayplan_error_free(error);
    return failed;
}
