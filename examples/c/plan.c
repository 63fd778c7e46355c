/* Planners' questions from C: what is missing when a zone fails, and which nodes can be switched off. No JSON is read.
   plan DUMP.json */
#include <bayplan.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bayplan_cluster_t *cluster;
static bayplan_error_t *error;

static void must(bayplan_status_t status)
{
    if (status != BAYPLAN_OK) {
        fprintf(stderr, "%s\n", bayplan_error_message(error));
        exit(1);
    }
}

static bayplan_answer_t *ask(const char *question, const char *options)
{
    bayplan_answer_t *answer = NULL;
    const bayplan_texts_t *warnings, *left_out;
    size_t i;
    must(bayplan_cluster_answer(cluster, question, options, strlen(options), NULL, &answer, &error));
    warnings = bayplan_answer_warnings(answer);
    for (i = 0; i < warnings->count; i++) {
        fprintf(stderr, "warning: %s\n", warnings->texts[i].data);
    }
    left_out = bayplan_answer_left_out(answer);
    for (i = 0; i < left_out->count; i++) {
        fprintf(stderr, "left out: %s\n", left_out->texts[i].data);
    }
    return answer;
}

static void load(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *data = NULL;
    size_t length = 0, got = 1;
    while (file != NULL && got > 0) {
        data = realloc(data, length + 65536);
        got = data == NULL ? 0 : fread(data + length, 1, 65536, file);
        length += got;
    }
    if (file == NULL || data == NULL || ferror(file)) {
        perror(path);
        exit(1);
    }
    fclose(file);
    must(bayplan_cluster_load(cluster, data, length, path, &error));
    free(data);
}

int main(int count, char **arguments)
{
    bayplan_answer_t *answer;
    const bayplan_fail_t *fail;
    const bayplan_shrink_t *shrink;
    size_t i, j;

    if (count != 2) {
        fprintf(stderr, "usage: plan DUMP.json\n");
        return 1;
    }
    must(bayplan_cluster_new(NULL, &cluster, &error));
    load(arguments[1]);

    answer = ask("fail", "{\"by\": \"zone\"}");
    fail = bayplan_answer_fail(answer);
    for (i = 0; i < fail->failure_count; i++) {
        const bayplan_failure_t *one = &fail->failures[i];
        printf("%s fails with %zu nodes: %zu pods move, %zu go missing, %zu are preempted\n", one->domains.texts[0].data,
               one->nodes, one->totals.moved, one->totals.newly_missing, one->totals.preempted);
        for (j = 0; j < one->unsure.count; j++) {
            fprintf(stderr, "unsure: %s\n", one->unsure.texts[j].data);
        }
    }
    bayplan_answer_free(answer);

    answer = ask("shrink", "");
    shrink = bayplan_answer_shrink(answer);
    for (i = 0; i < shrink->emptied_count; i++) {
        printf("%s can be switched off: %zu pods move\n", shrink->emptied[i].node.data, shrink->emptied[i].moves.count);
    }
    bayplan_answer_free(answer);
    bayplan_cluster_free(cluster);
    return 0;
}
