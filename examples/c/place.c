/*
 * Places pods as kube-scheduler would.
 *
 *     place [-v VERSION] [-c CONFIGURATION] DUMP [NAMESPACE/POD ...]
 *
 * DUMP is what `kubectl get nodes,pods,... -A -o json` printed, or manifests. The named pods are placed one after the
 * other; without any, all that wait for a node, in the order of the scheduler's queue.
 * Ends with 0 where all were placed, 3 where some were not, 4 where a rule was not applied, 2 on bad input.
 */
#include <bayplan.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Says what is wrong, and frees the error. */
static int fail(bayplan_status_t status, bayplan_error_t *error)
{
    fprintf(stderr, "place: %s: %s\n", bayplan_status_name(status), bayplan_error_message(error));
    bayplan_error_free(error);
    return 2;
}

/* A whole file; NULL where it cannot be read. */
static char *read_file(const char *path, size_t *length)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    size_t room = 1 << 16;
    char *text = malloc(room);

    *length = 0;
    while (file != NULL && text != NULL) {
        size_t got = fread(text + *length, 1, room - *length, file);
        char *larger;

        *length += got;
        if (got == 0) {
            break;
        }
        if (*length == room) {
            larger = realloc(text, room *= 2);
            if (larger == NULL) {
                free(text);
            }
            text = larger;
        }
    }
    if (file == NULL || ferror(file) || text == NULL) {
        perror(path);
        free(text);
        text = NULL;
    }
    if (file != NULL && file != stdin) {
        fclose(file);
    }
    return text;
}

/* What the library has to say about the input. */
static int print_warnings(const bayplan_cluster_t *cluster)
{
    bayplan_strings_t *warnings;
    bayplan_error_t *error = NULL;
    bayplan_status_t status = bayplan_cluster_warnings(cluster, &warnings, &error);
    size_t i;

    if (status != BAYPLAN_OK) {
        return fail(status, error);
    }
    for (i = 0; i < bayplan_strings_count(warnings); i++) {
        bayplan_string_t text;

        if (bayplan_strings_get(warnings, i, &text, NULL) == BAYPLAN_OK) {
            fprintf(stderr, "warning: %s\n", text.data);
        }
    }
    bayplan_strings_free(warnings);
    return 0;
}

/* A line for each decision; the exit code. */
static int print_decisions(const bayplan_decisions_t *decisions)
{
    size_t count = bayplan_decisions_count(decisions), i;
    uint32_t n;
    bayplan_decision_t *all;
    bayplan_error_t *error = NULL;
    bayplan_status_t status;
    int code = 0;

    all = calloc(count + 1, sizeof *all);
    if (all == NULL) {
        perror("place");
        return 2;
    }
    all[0].struct_size = sizeof *all;
    status = bayplan_decisions_read(decisions, 0, count, all, &error);
    if (status != BAYPLAN_OK) {
        free(all);
        return fail(status, error);
    }
    for (i = 0; i < count; i++) {
        const bayplan_decision_t *d = &all[i];

        if (d->outcome == BAYPLAN_OUTCOME_SCHEDULED) {
            printf("%s -> %s score %" PRId64 " ties %" PRIu32 " feasible %" PRIu32 "\n", d->pod.data, d->node.data,
                   d->score, d->ties, d->feasible);
        } else {
            printf("%s pending: %s\n", d->pod.data, d->message.data);
            code = code == 4 ? 4 : 3;
        }
        for (n = 0; n < d->not_applied; n++) {
            bayplan_string_t rule, why;

            if (bayplan_decisions_not_applied(decisions, i, n, &rule, &why, NULL) == BAYPLAN_OK) {
                printf("  not applied: %s: %s\n", rule.data, why.data);
                code = 4;
            }
        }
        for (n = 0; n < d->missing; n++) {
            bayplan_string_t object;

            if (bayplan_decisions_missing(decisions, i, n, &object, NULL) == BAYPLAN_OK) {
                fprintf(stderr, "warning: %s needs %s, which is not among the objects\n", d->pod.data, object.data);
            }
        }
    }
    free(all);
    return code;
}

static int place(bayplan_cluster_t *cluster, const char *path, const char *const *pods, size_t count)
{
    bayplan_decisions_t *decisions;
    bayplan_error_t *error = NULL;
    bayplan_status_t status;
    size_t length;
    char *dump = read_file(path, &length);
    int code;

    if (dump == NULL) {
        return 2;
    }
    status = bayplan_cluster_load(cluster, dump, length, path, &error);
    free(dump);
    if (status != BAYPLAN_OK) {
        return fail(status, error);
    }
    code = print_warnings(cluster);
    if (code != 0) {
        return code;
    }
    if (count > 0) {
        status = bayplan_cluster_schedule(cluster, pods, count, 0, &decisions, &error);
    } else {
        status = bayplan_cluster_schedule_pending(cluster, 0, &decisions, &error);
    }
    if (status != BAYPLAN_OK) {
        return fail(status, error);
    }
    code = print_decisions(decisions);
    bayplan_decisions_free(decisions);
    return code;
}

int main(int argc, char **argv)
{
    bayplan_options_t options = {.struct_size = sizeof options};
    bayplan_cluster_t *cluster;
    bayplan_error_t *error = NULL;
    bayplan_status_t status;
    char *configuration = NULL;
    int at = 1, code;

    if (bayplan_abi_version() != BAYPLAN_ABI_VERSION) {
        fprintf(stderr, "place: the library is not the one that this program was built for\n");
        return 2;
    }
    for (; at + 1 < argc && argv[at][0] == '-' && argv[at][1] != '\0'; at += 2) {
        if (strcmp(argv[at], "-v") == 0) {
            options.version = argv[at + 1];
        } else if (strcmp(argv[at], "-c") == 0 && configuration == NULL) {
            configuration = read_file(argv[at + 1], &options.configuration_length);
            if (configuration == NULL) {
                return 2;
            }
            options.configuration = configuration;
        } else {
            break;
        }
    }
    if (at >= argc || (argv[at][0] == '-' && argv[at][1] != '\0')) {
        fprintf(stderr, "usage: place [-v VERSION] [-c CONFIGURATION] DUMP [NAMESPACE/POD ...]\n");
        free(configuration);
        return 2;
    }
    status = bayplan_cluster_new(&options, &cluster, &error);
    free(configuration);
    if (status != BAYPLAN_OK) {
        return fail(status, error);
    }
    code = place(cluster, argv[at], (const char *const *)(argv + at + 1), (size_t)(argc - at - 1));
    bayplan_cluster_free(cluster);
    return code;
}
