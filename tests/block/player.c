/* Plays a file of rows through bayplan_core.h: everything that the conformance vectors write to a block, one row after the other, and every attempt, whose
 * answers must be those that are in the file. A table that is full is made larger, as a program would.
 * player FILE: cluster/src/compile/record.rs says what a row is. The vectors never update or remove a node, relabel a namespace, remove a budget, add a
 * slot or update a pod: these calls are checks.c's and fuzz.c's. */
#include <bayplan_core.h>
#include "rows.h"
#include <stddef.h>

enum {
    NEW_BLOCK,
    ADD_STRING,
    ADD_TAINT_SET,
    ADD_IMAGE,
    ADD_IMAGE_SET,
    ADD_RESOURCE,
    ADD_KEY,
    ADD_NODE,
    UPDATE_NODE,
    REMOVE_NODE,
    RELABEL_NODE,
    ADD_NAMESPACE,
    RELABEL_NAMESPACE,
    ADD_LABEL_CLASS,
    ADD_SELECTOR,
    ADD_TERM,
    ADD_SPEC,
    ADD_PROFILE,
    ADD_NODE_SET,
    ADD_VOLUME,
    ADD_DRIVER,
    SET_DRIVER,
    SET_KEY_DRIVER,
    ADD_USE_LIST,
    SET_ATTACHED,
    ADD_USE_KEY,
    NOMINATE,
    WITHDRAW,
    ADD_BUDGET,
    REMOVE_BUDGET,
    ADD_SLOT,
    BIND,
    UNBIND,
    UPDATE_POD,
    ATTEMPT,
    CLOSING
};

static uint64_t attempts, grown;
static void *block;
static size_t block_size;
static bayplan_core_limits_t limits;

static void new_block(void)
{
    size_t state;
    free(block);
    EXPECT(bayplan_core_limits(&limits) == BAYPLAN_CORE_OK);
    EXPECT(bayplan_core_size(&limits, &block_size, &state, &fault) == BAYPLAN_CORE_OK);
    block = malloc(block_size);
    EXPECT(block != NULL);
    EXPECT(bayplan_core_init(block, block_size, &limits, &fault) == BAYPLAN_CORE_OK);
}

/* Whether a call is to be made again: a table was full, and is larger now. */
static int call_again(bayplan_core_status_t status)
{
#define LIMIT(name) {#name, offsetof(bayplan_core_limits_t, name)}
    static const struct {
        const char *name;
        size_t at;
    } names[] = {
        LIMIT(nodes),         LIMIT(resources),      LIMIT(keys),           LIMIT(strings),    LIMIT(taint_sets), LIMIT(image_sets),
        LIMIT(images),        LIMIT(profiles),       LIMIT(specs),          LIMIT(namespaces), LIMIT(selectors),  LIMIT(terms),
        LIMIT(label_classes), LIMIT(pods),           LIMIT(use_keys),       LIMIT(uses),       LIMIT(drivers),    LIMIT(node_sets),
        LIMIT(use_lists),     LIMIT(volumes),        LIMIT(nominations),    LIMIT(budgets),    LIMIT(externals),  LIMIT(external_columns),
        LIMIT(arena),         LIMIT(journal),        LIMIT(trial),          LIMIT(victims),
    };
    size_t i, size, state;
    uint32_t *limit = NULL;
    void *larger;
    if (status == BAYPLAN_CORE_OK) {
        return 0;
    }
    if (status != BAYPLAN_CORE_FULL) {
        fail("the call");
    }
    for (i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp((const char *)fault.what, names[i].name) == 0) {
            limit = (uint32_t *)((char *)&limits + names[i].at);
        }
    }
    EXPECT(limit != NULL && *limit == fault.holds && fault.needed > fault.holds);
    *limit = (uint32_t)fault.needed > *limit * 2 ? (uint32_t)fault.needed : *limit * 2;
    EXPECT(bayplan_core_size(&limits, &size, &state, &fault) == BAYPLAN_CORE_OK);
    larger = malloc(size);
    EXPECT(larger != NULL);
    EXPECT(bayplan_core_grow(block, block_size, larger, size, &limits, &fault) == BAYPLAN_CORE_OK);
    free(block);
    block = larger;
    block_size = size;
    grown++;
    return 1;
}

#define CALL(...)                                                       \
    do {                                                                \
    } while (call_again(__VA_ARGS__))
#define B block, block_size

/* An operation that gives an id, which must be the one in the row. */
#define GIVES(...)            \
    do {                      \
        CALL(__VA_ARGS__);    \
        EXPECT(id == word()); \
    } while (0)

/* Answers that are written into an array of the caller's: the number is asked for first, then all of them. */
#define ANSWERS(type, list, count, function)                                              \
    do {                                                                                  \
        CALL(function(B, &request, NULL, 0, &count, &fault));                             \
        list = list_of((uint32_t)count, sizeof(type));                                    \
        CALL(function(B, &request, list, count, &count, &fault));                         \
        EXPECT(count == word());                                                          \
    } while (0)

static void expect_outcome(const bayplan_core_preemption_t *found)
{
    EXPECT(found->outcome == word());
    EXPECT(found->node == word());
    EXPECT(found->ties == word());
}

static void preempt(const bayplan_core_request_t *request)
{
    bayplan_core_preempt_options_t options = {0};
    bayplan_core_preemption_t quick, all, again;
    bayplan_core_candidate_t *candidates;
    bayplan_core_victim_t *victims;
    const bayplan_core_pair_t *list;
    size_t i, j;
    options.struct_size = (uint32_t)sizeof options;
    options.flags = word() != 0 ? BAYPLAN_CORE_NEVER_PREEMPTS : 0;
    options.minor = word() != 0 ? 37 : 36;
    list = pairs(&options.exempt_count);
    options.exempt = (const bayplan_core_exempt_t *)list;
    list = pairs(&options.claim_count);
    options.claims = (const bayplan_core_claims_t *)list;
    CALL(bayplan_core_preempt(B, request, &options, &quick, NULL, 0, NULL, 0, &fault));
    expect_outcome(&quick);
    candidates = list_of(1, sizeof *candidates);
    CALL(bayplan_core_preempt(B, request, &options, &all, candidates, 1, NULL, 0, &fault));
    expect_outcome(&all);
    victims = list_of((uint32_t)all.victims, sizeof *victims);
    /* Without room for any it would be the quick form again. */
    if (all.candidates > 0) {
        candidates = list_of(all.candidates, sizeof *candidates);
        CALL(bayplan_core_preempt(B, request, &options, &again, candidates, all.candidates, victims, all.victims, &fault));
        EXPECT(memcmp(&all, &again, sizeof all) == 0);
    }
    EXPECT(all.candidates == word());
    for (i = 0; i < all.candidates; i++) {
        EXPECT(candidates[i].node == word());
        EXPECT(candidates[i].violations == word());
        EXPECT(candidates[i].highest_priority == (int32_t)word());
        EXPECT(candidates[i].priority_sum == wide());
        EXPECT(candidates[i].start == wide());
        EXPECT(candidates[i].victims == word());
        for (j = 0; j < candidates[i].victims; j++) {
            EXPECT(victims[candidates[i].first_victim + j].pod == word());
            EXPECT(victims[candidates[i].first_victim + j].violates == word());
        }
    }
}

static void expect_verdicts(const bayplan_core_verdict_t *verdicts, size_t count)
{
    size_t i;
    for (i = 0; i < count; i++) {
        EXPECT(verdicts[i].node == word());
        EXPECT(verdicts[i].rule == word());
        EXPECT(verdicts[i].reason == word());
        EXPECT(verdicts[i].subject == word());
        EXPECT(verdicts[i].flags == word());
    }
}

/* What is said of one node by itself. */
static void one_node(const bayplan_core_request_t *request, uint32_t node)
{
    bayplan_core_verdict_t verdicts[64];
    bayplan_core_gets_t gets[32];
    size_t count, i;
    CALL(bayplan_core_judge(B, request, node, verdicts, 64, &count, &fault));
    EXPECT(count == word() && count <= 64);
    expect_verdicts(verdicts, count);
    CALL(bayplan_core_volumes_on(B, request, node, gets, 32, &count, &fault));
    EXPECT(count == word() && count <= 32);
    for (i = 0; i < count; i++) {
        EXPECT(gets[i].claim == word());
        EXPECT(gets[i].volume == word());
    }
}

static void attempt(void)
{
    bayplan_core_request_t request = request_row();
    bayplan_core_choice_t choice, same;
    bayplan_core_verdict_t *verdicts;
    bayplan_core_score_t *scores;
    int64_t *totals;
    size_t count, nodes, i;

    CALL(bayplan_core_decide(B, &request, &choice, &fault));
    EXPECT(choice.node == word());
    EXPECT(choice.score == wide());
    EXPECT(choice.ties == word());
    EXPECT(choice.feasible == word());
    CALL(bayplan_core_decide_many(B, &request, 1, 0, 0, &same, NULL, &fault));
    EXPECT(memcmp(&choice, &same, sizeof same) == 0);
    ANSWERS(bayplan_core_verdict_t, verdicts, count, bayplan_core_explain);
    expect_verdicts(verdicts, count);
    ANSWERS(bayplan_core_score_t, scores, count, bayplan_core_scores);
    for (i = 0; i < count; i++) {
        EXPECT(scores[i].node == word());
        EXPECT(scores[i].rule == word());
        EXPECT(scores[i].score == wide());
    }
    totals = list_of(limits.nodes, sizeof *totals);
    CALL(bayplan_core_totals(B, &request, totals, limits.nodes, &count, &fault));
    EXPECT(count == word());
    nodes = count;
    for (i = 0; i < nodes; i++) {
        EXPECT(totals[i] == wide());
    }
    for (i = 0; i < nodes; i++) {
        one_node(&request, (uint32_t)i);
    }
    if (word() != 0) {
        preempt(&request);
    }
    attempts++;
}

/* What the nodes have in the end, and what is requested of them. */
static void closing(void)
{
    bayplan_core_amounts_t amounts;
    uint32_t node, resource, nodes = word(), resources = word();
    for (node = 0; node < nodes; node++) {
        for (resource = 0; resource < resources; resource++) {
            CALL(bayplan_core_amounts(B, node, resource, &amounts, &fault));
            EXPECT(amounts.allocatable == wide());
            EXPECT(amounts.requested == wide());
        }
    }
}

static void add_rows(void)
{
    uint32_t id = BAYPLAN_CORE_NONE, count, flag, a, b, c, d, i;
    const bayplan_core_pair_t *list;
    int64_t number;

    switch (operation) {
    case ADD_STRING:
        flag = word();
        number = wide();
        GIVES(bayplan_core_add_string(B, flag != 0, number, &id, &fault));
        break;
    case ADD_TAINT_SET: {
        bayplan_core_taint_t *taints;
        count = word();
        taints = list_of(count, sizeof *taints);
        for (i = 0; i < count; i++) {
            taints[i].key = word();
            taints[i].value = word();
            taints[i].effect = word();
        }
        GIVES(bayplan_core_add_taint_set(B, taints, count, &id, &fault));
        break;
    }
    case ADD_IMAGE:
        GIVES(bayplan_core_add_image(B, &id, &fault));
        break;
    case ADD_IMAGE_SET: {
        bayplan_core_image_t *images;
        count = word();
        images = list_of(count, sizeof *images);
        for (i = 0; i < count; i++) {
            images[i].image = word();
            images[i].bytes = wide();
        }
        GIVES(bayplan_core_add_image_set(B, images, count, &id, &fault));
        break;
    }
    case ADD_RESOURCE:
        GIVES(bayplan_core_add_resource(B, &id, &fault));
        break;
    case ADD_KEY:
        GIVES(bayplan_core_add_key(B, &id, &fault));
        break;
    case ADD_NAMESPACE:
        list = pairs(&count);
        flag = word();
        GIVES(bayplan_core_add_namespace(B, list, count, flag != 0, &id, &fault));
        break;
    case ADD_LABEL_CLASS:
        a = word();
        list = pairs(&count);
        GIVES(bayplan_core_add_label_class(B, a, list, count, &id, &fault));
        break;
    case ADD_SELECTOR: {
        bayplan_core_selector_t selector = selector_row();
        GIVES(bayplan_core_add_selector(B, &selector, &id, &fault));
        break;
    }
    case ADD_TERM:
        a = word();
        b = word();
        c = word();
        d = word();
        i = word();
        GIVES(bayplan_core_add_term(B, a, b, c, d, (int32_t)i, &id, &fault));
        break;
    case ADD_SPEC: {
        bayplan_core_spec_t spec = spec_row();
        GIVES(bayplan_core_add_spec(B, &spec, &id, &fault));
        break;
    }
    case ADD_PROFILE: {
        bayplan_core_profile_t profile = profile_row();
        GIVES(bayplan_core_add_profile(B, &profile, &id, &fault));
        break;
    }
    case ADD_NODE_SET: {
        const bayplan_core_node_terms_t *of = terms_or_null();
        GIVES(bayplan_core_add_node_set(B, of, &id, &fault));
        break;
    }
    case ADD_VOLUME:
        a = word();
        b = word();
        c = word();
        number = wide();
        GIVES(bayplan_core_add_volume(B, a, b, c, number, &id, &fault));
        break;
    case ADD_DRIVER:
        GIVES(bayplan_core_add_driver(B, &id, &fault));
        break;
    case ADD_USE_LIST:
        list = pairs(&count);
        GIVES(bayplan_core_add_use_list(B, list, count, &id, &fault));
        break;
    case ADD_USE_KEY:
        GIVES(bayplan_core_add_use_key(B, &id, &fault));
        break;
    case ADD_BUDGET:
        a = word();
        b = word();
        GIVES(bayplan_core_add_budget(B, a, (int32_t)b, &id, &fault));
        break;
    case ADD_SLOT:
        a = word();
        b = word();
        GIVES(bayplan_core_add_slot(B, a, b, &id, &fault));
        break;
    default:
        fail("no such operation");
    }
}

static void play(void)
{
    uint32_t id = BAYPLAN_CORE_NONE, count, a, b, c, d;
    const bayplan_core_pair_t *list;

    switch (operation) {
    case NEW_BLOCK:
        new_block();
        break;
    case ADD_NODE: {
        bayplan_core_node_t node = node_row();
        GIVES(bayplan_core_add_node(B, &node, &id, &fault));
        break;
    }
    case UPDATE_NODE: {
        bayplan_core_node_t node;
        a = word();
        node = node_row();
        CALL(bayplan_core_update_node(B, a, &node, &fault));
        break;
    }
    case REMOVE_NODE:
        a = word();
        CALL(bayplan_core_remove_node(B, a, &fault));
        break;
    case RELABEL_NODE:
        a = word();
        b = word();
        c = word();
        CALL(bayplan_core_relabel_node(B, a, b, c, &fault));
        break;
    case RELABEL_NAMESPACE:
        a = word();
        list = pairs(&count);
        b = word();
        CALL(bayplan_core_relabel_namespace(B, a, list, count, b != 0, &fault));
        break;
    case SET_DRIVER:
        a = word();
        b = word();
        c = word();
        d = word();
        CALL(bayplan_core_set_driver(B, a, b, c, d != 0, &fault));
        break;
    case SET_KEY_DRIVER:
        a = word();
        b = word();
        CALL(bayplan_core_set_key_driver(B, a, b, &fault));
        break;
    case SET_ATTACHED:
        a = word();
        b = word();
        c = word();
        CALL(bayplan_core_set_attached(B, a, b, c != 0, &fault));
        break;
    case NOMINATE: {
        bayplan_core_pod_t pod = pod_row();
        a = word();
        GIVES(bayplan_core_nominate(B, &pod, a, &id, &fault));
        break;
    }
    case WITHDRAW:
        a = word();
        CALL(bayplan_core_withdraw(B, a, &fault));
        break;
    case REMOVE_BUDGET:
        a = word();
        CALL(bayplan_core_remove_budget(B, a, &fault));
        break;
    case BIND: {
        bayplan_core_pod_t pod = pod_row();
        a = word();
        GIVES(bayplan_core_bind(B, &pod, a, &id, &fault));
        break;
    }
    case UNBIND:
        a = word();
        CALL(bayplan_core_unbind(B, a, &fault));
        break;
    case UPDATE_POD: {
        bayplan_core_pod_t pod;
        a = word();
        pod = pod_row();
        GIVES(bayplan_core_update_pod(B, a, &pod, &id, &fault));
        break;
    }
    case ATTEMPT:
        attempt();
        break;
    case CLOSING:
        closing();
        break;
    default:
        add_rows();
    }
    EXPECT(next == row_end);
}

int main(int argc, char **argv)
{
    FILE *file;
    uint32_t *words = NULL;
    size_t read = 0, room = 1 << 20;
    if (argc != 2) {
        fprintf(stderr, "player: which file?\n");
        return 2;
    }
    file_name = argv[1];
    file = fopen(file_name, "rb");
    do {
        room *= 2;
        words = realloc(words, room * sizeof *words);
        if (file == NULL || words == NULL) {
            fprintf(stderr, "player: %s can't be read\n", file_name);
            return 2;
        }
        read += fread(words + read, sizeof *words, room - read, file);
    } while (read == room);
    fclose(file);
    next = row_end = words;
    while (next < words + read) {
        row_end = next + 1 + *next;
        EXPECT(*next > 0 && row_end <= words + read);
        next++;
        operation = *next++;
        pool_used = 0;
        play();
        row_number++;
    }
    printf("%llu rows, %llu attempts, %llu times a larger block\n", (unsigned long long)row_number, (unsigned long long)attempts,
           (unsigned long long)grown);
    free(block);
    free(words);
    return attempts == 0;
}
