/* Random calls through bayplan.h: legal, nearly legal and wrong ones. Every call must end with a status, handles are null after a failure, and what is
 * left is sound: each so many calls the clusters recount their sums.
 *
 *     fuzz CALLS SEED
 */
#include <bayplan.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLUSTERS 4
#define NAMES 12

static uint64_t state;
static bayplan_cluster_t *clusters[CLUSTERS];
static uint64_t statuses[32];
static unsigned long calls;

static uint32_t draw(uint32_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state >> 32) % below);
}

static void fail(const char *what)
{
    fprintf(stderr, "fuzz: call %lu: %s\n", calls, what);
    exit(1);
}

/* Counts a call, looks at its error, and frees it. */
static int came(bayplan_status_t status, bayplan_error_t **given)
{
    bayplan_error_t *error = *given;
    *given = NULL;
    if (status >= 32) fail("a status that is none");
    statuses[status]++;
    if (status == BAYPLAN_INTERNAL) fail(bayplan_error_message(error));
    if ((status != BAYPLAN_OK) != (error != NULL)) fail("status and error differ");
    if (error != NULL) {
        if (bayplan_error_status(error) != status || bayplan_error_message(error)[0] == 0) fail("an error without a message");
        if (bayplan_error_part(error, draw(8)).data == NULL) fail("a part without a text");
    }
    bayplan_error_free(error);
    return status == BAYPLAN_OK;
}

static const char *pod_name(char *to)
{
    static const char *const odd[] = {"", "x", "default/", "/", "default/none", "a/b/c", "default/\xff"};
    if (draw(20) == 0) return odd[draw(7)];
    sprintf(to, "default/p%u", draw(NAMES));
    return to;
}

static const char *node_name(char *to)
{
    if (draw(20) == 0) return draw(2) ? "" : "none";
    sprintf(to, "n%u", draw(NAMES / 2));
    return to;
}

/* An object, or part of one, or nonsense. */
static size_t object(char *to)
{
    static const char *const cpu[] = {"100m", "1", "3", "900", "-1", "much", "9223372036854775807"};
    char on[16];
    size_t length;
    switch (draw(7)) {
    case 0:
        sprintf(to,
                "{\"apiVersion\": \"v1\", \"kind\": \"Node\", \"metadata\": {\"name\": \"n%u\", \"uid\": \"n\", \"resourceVersion\": \"%u\"}, "
                "\"spec\": {\"unschedulable\": %s}, \"status\": {\"allocatable\": {\"cpu\": \"%s\", \"memory\": \"8Gi\", \"pods\": \"%u\"}}}",
                draw(NAMES / 2), draw(1000), draw(5) ? "false" : "true", cpu[draw(7)], draw(30));
        break;
    case 1:
        sprintf(to,
                "{\"apiVersion\": \"apps/v1\", \"kind\": \"Deployment\", \"metadata\": {\"name\": \"d%u\"}, \"spec\": {\"replicas\": %u, "
                "\"selector\": {\"matchLabels\": {\"a\": \"b\"}}, \"template\": {\"metadata\": {\"labels\": {\"a\": \"b\"}}, "
                "\"spec\": {\"containers\": [{\"name\": \"c\", \"image\": \"i\"}]}}}}",
                draw(3), draw(12));
        break;
    case 2:
        strcpy(to, "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": []}");
        break;
    default:
        on[0] = 0;
        if (draw(3) == 0) sprintf(on, "n%u", draw(NAMES / 2));
        sprintf(to,
                "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"p%u\", \"namespace\": \"default\", \"uid\": \"%u\", "
                "\"resourceVersion\": \"%u\", \"labels\": {\"a\": \"%u\"}}, \"spec\": {\"schedulerName\": \"default-scheduler\", "
                "\"nodeName\": \"%s\", \"priority\": %u, \"containers\": [{\"name\": \"c\", \"image\": \"i\", "
                "\"resources\": {\"requests\": {\"cpu\": \"%s\"}}}]}}",
                draw(NAMES), draw(2), draw(1000), draw(3), on, draw(3), cpu[draw(draw(4) ? 3 : 7)]);
    }
    length = strlen(to);
    if (draw(30) == 0) length = draw((uint32_t)length + 1);
    if (draw(40) == 0 && length > 0) to[draw((uint32_t)length)] = (char)draw(256);
    return length;
}

static bool go_on(void *context, size_t done, size_t all)
{
    (void)context, (void)done, (void)all;
    return draw(50) != 0;
}

static void read_strings(bayplan_strings_t *strings)
{
    bayplan_string_t text;
    size_t at;
    for (at = 0; at < bayplan_strings_count(strings); at++) {
        if (bayplan_strings_get(strings, at, &text, NULL) != BAYPLAN_OK || text.data[text.length] != 0) fail("a text without an end");
    }
    bayplan_strings_free(strings);
}

static void sound_text(bayplan_string_t text)
{
    if (text.data == NULL || text.data[text.length] != 0) fail("a text without an end");
}

static void sound_texts(bayplan_texts_t texts)
{
    size_t at;
    for (at = 0; at < texts.count; at++) sound_text(texts.texts[at]);
}

static void sound_amounts(bayplan_utilisation_t of)
{
    size_t at;
    for (at = 0; at < of.amount_count; at++) sound_text(of.amounts[at].resource);
}

static void sound_workloads(const bayplan_workload_t *rows, size_t count)
{
    size_t at;
    for (at = 0; at < count; at++) {
        sound_text(rows[at].kind);
        sound_text(rows[at].namespace_name);
        sound_text(rows[at].name);
    }
}

static void sound_mix(bayplan_priced_t mix)
{
    size_t at;
    for (at = 0; at < mix.bought_count; at++) {
        sound_text(mix.bought[at].shape);
        sound_text(mix.bought[at].zone);
    }
}

static void sound_because(const bayplan_because_t *rows, size_t count)
{
    size_t at;
    for (at = 0; at < count; at++) {
        sound_text(rows[at].name);
        sound_text(rows[at].why);
    }
}

static void sound_counted(const bayplan_counted_t *rows, size_t count)
{
    size_t at;
    for (at = 0; at < count; at++) sound_text(rows[at].name);
}

static void look_at_decisions(const bayplan_decisions_t *decisions)
{
    bayplan_decision_t row;
    size_t at;
    memset(&row, 0, sizeof row);
    row.struct_size = sizeof row;
    for (at = 0; at < bayplan_decisions_count(decisions); at++) {
        if (bayplan_decisions_read(decisions, at, 1, &row, NULL) != BAYPLAN_OK) fail("a decision cannot be read");
        if (row.outcome == BAYPLAN_OUTCOME_SCHEDULED && (row.node.length == 0 || row.feasible == 0)) fail("scheduled to no node");
    }
}

/* Reads every text of an answer, and frees it. */
static void read_answer(bayplan_answer_t *answer)
{
    const bayplan_simulated_t *simulated = bayplan_answer_simulated(answer);
    const bayplan_fail_t *failed = bayplan_answer_fail(answer);
    const bayplan_shrink_t *shrink = bayplan_answer_shrink(answer);
    const bayplan_size_t *size = bayplan_answer_size(answer);
    const bayplan_upgrade_t *upgrade = bayplan_answer_upgrade(answer);
    const bayplan_preempt_t *preempt = bayplan_answer_preempt(answer);
    const bayplan_nodes_t *nodes = bayplan_answer_nodes(answer);
    const bayplan_fit_t *fit = bayplan_answer_fit(answer);
    bayplan_utilisation_t row = {0, NULL, 0};
    size_t at;
    if ((simulated != NULL) + (failed != NULL) + (shrink != NULL) + (size != NULL) + (upgrade != NULL) + (preempt != NULL) + (nodes != NULL) + (fit != NULL) != 1)
        fail("an answer is to one question");
    sound_texts(*bayplan_answer_warnings(answer));
    sound_texts(*bayplan_answer_left_out(answer));
    look_at_decisions(bayplan_answer_decisions(answer));
    if (simulated != NULL) {
        sound_workloads(simulated->workloads, simulated->workload_count);
        for (at = 0; at < simulated->gone_count; at++) {
            sound_text(simulated->gone[at].pod);
            sound_text(simulated->gone[at].node);
            sound_text(simulated->gone[at].why);
            sound_text(simulated->gone[at].by);
        }
        for (at = 0; at < simulated->drained_count; at++) {
            sound_text(simulated->drained[at].node);
            sound_texts(simulated->drained[at].left);
            sound_texts(simulated->drained[at].errors);
            sound_texts(simulated->drained[at].budgets);
        }
        sound_amounts(simulated->before);
        sound_amounts(simulated->after);
    }
    if (failed != NULL) {
        sound_text(failed->by);
        sound_texts(failed->without_label);
        sound_amounts(failed->before);
        for (at = 0; at < failed->failure_count; at++) {
            sound_texts(failed->failures[at].domains);
            sound_texts(failed->failures[at].unsure);
            sound_workloads(failed->failures[at].workloads, failed->failures[at].workload_count);
            sound_amounts(failed->failures[at].after);
        }
    }
    if (shrink != NULL) {
        for (at = 0; at < shrink->emptied_count; at++) {
            sound_text(shrink->emptied[at].node);
            sound_texts(shrink->emptied[at].moves);
        }
        sound_because(shrink->kept, shrink->kept_count);
        sound_amounts(shrink->before);
        sound_amounts(shrink->after);
    }
    if (size != NULL) {
        sound_mix(size->scheduled);
        sound_mix(size->packed);
        sound_mix(size->single);
        sound_because(size->impossible, size->impossible_count);
        sound_texts(size->zones);
        sound_text(size->survives);
        sound_amounts(size->after);
    }
    if (upgrade != NULL) {
        for (at = 0; at < upgrade->step_count; at++) {
            sound_text(upgrade->steps[at].node);
            sound_text(upgrade->steps[at].replacement);
            sound_texts(upgrade->steps[at].blocked_by);
        }
    }
    if (preempt != NULL) {
        sound_text(preempt->node);
        for (at = 0; at < preempt->candidate_count; at++) {
            sound_text(preempt->candidates[at].node);
            sound_texts(preempt->candidates[at].victims);
        }
    }
    if (nodes != NULL) {
        sound_text(nodes->by);
        for (at = 0; at < nodes->node_count; at++) {
            sound_text(nodes->nodes[at].name);
            sound_text(nodes->nodes[at].zone);
            sound_text(nodes->nodes[at].instance_type);
            sound_texts(nodes->nodes[at].taints);
            sound_texts(nodes->nodes[at].labels);
            row.amounts = nodes->nodes[at].amounts;
            row.amount_count = nodes->nodes[at].amount_count;
            sound_amounts(row);
        }
        for (at = 0; at < nodes->group_count; at++) {
            sound_text(nodes->groups[at].value);
            row.amounts = nodes->groups[at].amounts;
            row.amount_count = nodes->groups[at].amount_count;
            sound_amounts(row);
        }
    }
    if (fit != NULL) {
        sound_counted(fit->by_node, fit->by_node_count);
        sound_counted(fit->reasons, fit->reason_count);
        sound_text(fit->refused);
    }
    bayplan_answer_free(answer);
}

static void read_decisions(bayplan_decisions_t *decisions)
{
    look_at_decisions(decisions);
    bayplan_decisions_free(decisions);
}

static void one_call(void)
{
    static char text[4096];
    char pod[32], node[32];
    /* What was there before must not be freed by anybody. */
    bayplan_strings_t *strings = (bayplan_strings_t *)16;
    bayplan_decisions_t *decisions = (bayplan_decisions_t *)16;
    bayplan_cluster_t *fork = (bayplan_cluster_t *)16;
    bayplan_error_t *error = NULL;
    bayplan_changes_t changes;
    bayplan_cluster_t **place = &clusters[draw(CLUSTERS)], *c = *place;
    size_t length = object(text), count;
    int64_t one, other;
    bool found;

    memset(&changes, 0, sizeof changes);
    changes.struct_size = draw(30) ? sizeof changes : draw(100);
    if (draw(200) == 0) c = NULL;
    switch (draw(34)) {
    case 0: case 1: case 2:
        came(bayplan_cluster_load(c, text, length, draw(2) ? "fuzz" : NULL, &error), &error);
        break;
    case 3: case 4:
        came(bayplan_cluster_upsert(c, text, length, &error), &error);
        break;
    case 5: case 6: case 7: case 8:
        if (!came(bayplan_cluster_observe(c, text, length, &changes, &strings, &error), &error) && strings != NULL) fail("moved is not null");
        read_strings(strings);
        break;
    case 9:
        came(bayplan_cluster_observe_deleted(c, text, length, draw(2) ? &changes : NULL, &error), &error);
        break;
    case 10:
        if (!came(bayplan_cluster_replace(c, "v1", draw(3) ? "Pod" : "Node", text, length, &changes, &strings, &error), &error) && strings != NULL)
            fail("moved is not null");
        read_strings(strings);
        break;
    case 11:
        came(bayplan_cluster_delete(c, draw(9) ? "v1" : "v2", draw(2) ? "Pod" : "Node", "default", draw(2) ? "p1" : node_name(node), &found, &error), &error);
        break;
    case 12: case 13: case 14:
        came(bayplan_cluster_bind(c, pod_name(pod), node_name(node), draw(100), &error), &error);
        break;
    case 15:
        if (draw(2)) {
            came(bayplan_cluster_unbind(c, pod_name(pod), &error), &error);
        } else {
            /* Whatever part of the name. */
            const char *name = pod_name(pod);
            came(bayplan_cluster_unbind_n(c, name, draw((unsigned)strlen(name) + 1), &error), &error);
        }
        break;
    case 16: case 17:
        came(bayplan_cluster_forget(c, pod_name(pod), &error), &error);
        break;
    case 18:
        came(bayplan_cluster_nominate(c, pod_name(pod), node_name(node), &error), &error);
        break;
    case 19: case 20:
        if (!came(bayplan_cluster_decide(c, pod_name(pod), &decisions, &error), &error) && decisions != NULL) fail("decisions are not null");
        read_decisions(decisions);
        break;
    case 21:
        if (!came(bayplan_cluster_preempt(c, pod_name(pod), &decisions, &error), &error) && decisions != NULL) fail("decisions are not null");
        read_decisions(decisions);
        break;
    case 22:
        if (!came(bayplan_cluster_schedule_pending(c, draw(100), &decisions, &error), &error) && decisions != NULL) fail("decisions are not null");
        read_decisions(decisions);
        break;
    case 23: {
        if (!came(bayplan_cluster_place(c, text, length, NULL, draw(5), draw(2) ? &fork : NULL, &decisions, &error), &error)) {
            if (decisions != NULL) fail("decisions are not null");
            if (fork != (bayplan_cluster_t *)16 && fork != NULL) fail("after is not null");
        } else if (fork != (bayplan_cluster_t *)16 && draw(2)) {
            bayplan_cluster_free(*place);
            *place = fork;
            fork = NULL;
        }
        if (fork != (bayplan_cluster_t *)16) bayplan_cluster_free(fork);
        read_decisions(decisions);
        break;
    }
    case 24:
        if (!came(bayplan_cluster_fit(c, text, length, draw(20), draw(3), &count, &strings, &error), &error) && strings != NULL) fail("json is not null");
        read_strings(strings);
        break;
    case 25:
        if (!came(bayplan_cluster_why(c, pod_name(pod), &strings, &error), &error) && strings != NULL) fail("json is not null");
        read_strings(strings);
        break;
    case 26: {
        bayplan_node_result_t results[4];
        came(bayplan_cluster_evaluate(c, pod_name(pod), results, draw(5), &count, &error), &error);
        break;
    }
    case 27: {
        uint64_t ids[3] = {draw(20), draw(20), draw(20)};
        bayplan_decision_numbers_t numbers[3];
        const char *name = pod_name(pod);
        came(bayplan_cluster_pod_id(c, name, draw(9) ? BAYPLAN_ZERO_ENDED : draw((uint32_t)strlen(name) + 1), &ids[0], &error), &error);
        came(bayplan_cluster_decide_ids(c, ids, 1 + draw(3), draw(3), 5, numbers, &error), &error);
        break;
    }
    case 28: {
        static const char *const questions[] = {"simulate", "drain", "fail", "shrink", "preempt", "nodes", "upgrade", "size", "none"};
        static const char *const options[] = {"", "{}", "{\"by\": \"node\", \"threads\": 1}", "{\"changes\": [{\"cordon\": \"n1\"}]}", "{\"pod\": \"default/p1\"}", "[", "{\"seconds\": -1}", "{\"by\": \"zone\"}",
            "{\"catalogue\": [{\"name\": \"m\", \"price\": 1, \"cpu\": \"4\", \"memory\": \"8Gi\"}], \"effort\": 50}"};
        const char *given = options[draw(9)], *question = questions[draw(9)];
        if (draw(8)) break;
        if (!came(bayplan_cluster_ask(c, question, given, strlen(given), NULL, &strings, &error), &error) && strings != NULL) fail("json is not null");
        read_strings(strings);
        {
            bayplan_answer_t *answer = (bayplan_answer_t *)8;
            bool is_fit = draw(3) == 0;
            if (is_fit ? came(bayplan_cluster_fit_answer(c, text, length, draw(20), draw(2), &answer, &error), &error)
                       : came(bayplan_cluster_answer(c, question, given, strlen(given), NULL, &answer, &error), &error)) {
                read_answer(answer);
            } else if (answer != NULL) {
                fail("answer is not null");
            }
        }
        break;
    }
    case 29: {
        bayplan_string_t bytes;
        if (draw(8)) break;
        if (!came(bayplan_cluster_save(c, &strings, &error), &error)) break;
        if (bayplan_strings_get(strings, 0, &bytes, NULL) != BAYPLAN_OK) fail("no bytes");
        if (came(bayplan_cluster_open(bytes.data, draw(5) ? bytes.length : draw((uint32_t)bytes.length), &fork, &error), &error)) {
            bayplan_cluster_free(*place);
            *place = fork;
        } else if (fork != NULL) {
            fail("a cluster is not null");
        }
        bayplan_strings_free(strings);
        break;
    }
    case 30: {
        bayplan_counts_t counts;
        const char *data;
        counts.struct_size = sizeof counts;
        came(bayplan_cluster_counts(c, &counts, &error), &error);
        came(bayplan_cluster_pod_node(c, pod_name(pod), BAYPLAN_ZERO_ENDED, &data, &count, &error), &error);
        came(bayplan_cluster_node_amount(c, node_name(node), "cpu", &one, &other, &error), &error);
        break;
    }
    case 31:
        came(bayplan_cluster_set_progress(c, draw(2) ? go_on : NULL, NULL, &error), &error);
        break;
    case 32:
        if (came(bayplan_cluster_fork(c, &fork, &error), &error)) {
            place = &clusters[draw(CLUSTERS)];
            bayplan_cluster_free(*place);
            *place = fork;
        } else if (fork != NULL) {
            fail("a fork is not null");
        }
        break;
    default:
        if (draw(10) == 0) came(bayplan_cluster_compact(c, &error), &error);
        else came(bayplan_cluster_evict(c, pod_name(pod), &error), &error);
    }
}

int main(int argc, char **argv)
{
    unsigned long most = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000, at;
    bayplan_options_t options;
    bayplan_error_t *error = NULL;

    state = 88172645463325252u + (argc > 2 ? strtoull(argv[2], NULL, 10) : 0);
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.max_pods = 200;
    for (at = 0; at < CLUSTERS; at++) {
        options.flags = at == 0 ? BAYPLAN_OPTION_OBJECTS_LIVE : 0;
        if (!came(bayplan_cluster_new(&options, &clusters[at], &error), &error)) fail("a cluster cannot be made");
    }
    for (calls = 0; calls < most; calls++) {
        one_call();
        if (calls % 64 == 0) {
                if (!came(bayplan_cluster_verify(clusters[draw(CLUSTERS)], &error), &error)) fail("sums differ");
        }
    }
    for (at = 0; at < CLUSTERS; at++) bayplan_cluster_free(clusters[at]);
    printf("%lu calls:", most);
    for (at = 0; at < 32; at++)
        if (statuses[at]) printf(" %s %lu", bayplan_status_name((bayplan_status_t)at), (unsigned long)statuses[at]);
    printf("\n");
    return 0;
}
