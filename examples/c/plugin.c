/* A filter and a score of one's own, as kube-scheduler runs an out-of-tree plugin: pods that ask for a licence go to nodes that have one, the others stay
 * away from these.
 * cc plugin.c $(pkg-config --cflags --libs bayplan) -o plugin */
#include <bayplan.h>
#include <stdio.h>
#include <string.h>

struct licences {
    int asked;   /* How often the filter was. */
    int is_lost; /* The licence server does not answer. */
    int free;    /* Licences that are left on n2. */
};

enum { KEPT = 1, NONE_FREE = 2 };

static bool filter(void *context, bayplan_question_t *question, uint32_t *codes, size_t nodes)
{
    struct licences *licences = context;
    size_t length, at;
    /* The pod as JSON, for what its name does not say. */
    const char *json = bayplan_question_pod_json(question, &length);
    bool asks = false;
    for (at = 0; at + 8 <= length && !asks; at++) {
        asks = memcmp(json + at, "licence\"", 8) == 0;
    }
    licences->asked++;
    if (licences->is_lost) {
        bayplan_question_fail(question, "no licence server", BAYPLAN_ZERO_ENDED);
        return false;
    }
    for (at = 0; at < nodes; at++) {
        const char *name = bayplan_question_node_name(question, at, &length);
        bool has = length == 2 && memcmp(name, "n2", 2) == 0;
        if (asks) {
            /* No eviction gives a node a licence that it does not have. */
            codes[at] = !has ? KEPT | BAYPLAN_UNRESOLVABLE : licences->free == 0 ? NONE_FREE : 0;
        } else {
            codes[at] = has ? KEPT | BAYPLAN_UNRESOLVABLE : 0;
        }
    }
    return true;
}

/* Later nodes are liked better. */
static bool score(void *context, bayplan_question_t *question, int64_t *scores, size_t nodes)
{
    size_t count;
    const uint32_t *rows = bayplan_question_nodes(question, &count);
    (void)context;
    for (size_t at = 0; at < nodes; at++) {
        scores[at] = rows[at];
    }
    return count == nodes;
}

static size_t reason(void *context, uint32_t code, char *text, size_t capacity)
{
    const char *words = (code & ~BAYPLAN_UNRESOLVABLE) == KEPT ? "node(s) are kept for licences" : "node(s) without a free licence";
    size_t length = strlen(words);
    (void)context;
    length = length < capacity ? length : capacity;
    memcpy(text, words, length);
    return length;
}

static const char objects[] =
    "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": ["
    "{\"apiVersion\": \"v1\", \"kind\": \"Node\", \"metadata\": {\"name\": \"n1\"}, \"status\": {\"allocatable\": {\"cpu\": \"8\", \"pods\": \"9\"}}},"
    "{\"apiVersion\": \"v1\", \"kind\": \"Node\", \"metadata\": {\"name\": \"n2\"}, \"status\": {\"allocatable\": {\"cpu\": \"8\", \"pods\": \"9\"}}},"
    "{\"apiVersion\": \"v1\", \"kind\": \"Node\", \"metadata\": {\"name\": \"n3\"}, \"status\": {\"allocatable\": {\"cpu\": \"8\", \"pods\": \"9\"}}}]}";

static int load(bayplan_cluster_t *cluster, const char *name, const char *licence, bayplan_error_t **error)
{
    char pod[512];
    snprintf(pod, sizeof pod,
             "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"%s\", \"namespace\": \"default\", \"labels\": {%s}},"
             " \"spec\": {\"containers\": [{\"name\": \"c\", \"image\": \"i\", \"resources\": {\"requests\": {\"cpu\": \"1\"}}}]}}",
             name, licence);
    return bayplan_cluster_load(cluster, pod, strlen(pod), name, error) == BAYPLAN_OK;
}

int main(void)
{
    static const char *names[] = {"licensed", "unlicensed", "late", "lost"};
    static const char *labels[] = {"\"licence\": \"one\"", "", "\"licence\": \"one\"", ""};
    struct licences licences = {0, 0, 1};
    bayplan_plugin_t plugin = {0};
    bayplan_options_t options = {0};
    bayplan_cluster_t *cluster = NULL;
    bayplan_error_t *error = NULL;
    plugin.struct_size = sizeof plugin;
    plugin.name = "Licences";
    plugin.filter = filter;
    plugin.score = score;
    plugin.reason = reason;
    plugin.normalize = BAYPLAN_NORMALIZE_HIGHEST;
    plugin.weight = 2;
    plugin.context = &licences;
    options.struct_size = sizeof options;
    options.plugins = &plugin;
    options.plugin_count = 1;
    if (bayplan_cluster_new(&options, &cluster, &error) != BAYPLAN_OK ||
        bayplan_cluster_load(cluster, objects, sizeof objects - 1, "nodes", &error) != BAYPLAN_OK) {
        goto failed;
    }
    for (int at = 0; at < 4; at++) {
        char pod[64];
        bayplan_decisions_t *decisions = NULL;
        bayplan_decision_t decision;
        snprintf(pod, sizeof pod, "default/%s", names[at]);
        licences.is_lost = at == 3;
        if (!load(cluster, names[at], labels[at], &error) ||
            bayplan_cluster_decide(cluster, pod, &decisions, &error) != BAYPLAN_OK) {
            goto failed;
        }
        memset(&decision, 0, sizeof decision);
        decision.struct_size = sizeof decision;
        if (bayplan_decisions_read(decisions, 0, 1, &decision, &error) != BAYPLAN_OK) {
            goto failed;
        }
        printf("%s: %s%s\n", pod, decision.node.data, decision.message.data);
        if (decision.node.length > 0) {
            licences.free -= strcmp(decision.node.data, "n2") == 0;
            if (bayplan_cluster_bind(cluster, pod, decision.node.data, 0, &error) != BAYPLAN_OK) {
                goto failed;
            }
        }
        bayplan_decisions_free(decisions);
    }
    printf("asked %d times for 4 decisions\n", licences.asked);
    bayplan_cluster_free(cluster);
    return 0;
failed:
    fprintf(stderr, "plugin: %s\n", error != NULL ? bayplan_error_message(error) : "a pod could not be loaded");
    bayplan_error_free(error);
    bayplan_cluster_free(cluster);
    return 1;
}
