/* Random calls through the block door, most of them nearly right: each must end with a status, and leave a block that holds together.
 * fuzz CALLS [SEED]; every buffer is exactly as long as is said, so that valgrind sees a step beyond. */
#include <bayplan_core.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t seed;
static bayplan_core_fault_t fault;
static unsigned char *block;
static size_t size;
static bayplan_core_limits_t limits;
static uint64_t statuses[32], calls;
/* What was allocated for the arrays of a call. */
static void *given[64];
static size_t given_count;

static uint64_t draw(uint64_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return below == 0 ? 0 : (seed >> 11) % below;
}

static void *allocated(size_t bytes)
{
    void *memory = malloc(bytes == 0 ? 1 : bytes);
    if (memory == NULL) {
        fprintf(stderr, "fuzz: no memory\n");
        exit(2);
    }
    return memory;
}

static void *kept(size_t bytes)
{
    given[given_count] = allocated(bytes);
    return given[given_count++];
}

/* An id: mostly one that may be there. */
static uint32_t id(void)
{
    switch (draw(60)) {
    case 0:
        return BAYPLAN_CORE_NONE;
    case 1:
        return (uint32_t)draw(UINT32_MAX);
    default:
        /* The first rows are those that are there. */
        return (uint32_t)draw(1 + draw(5));
    }
}

static int64_t amount(void)
{
    static const int64_t edges[] = {0, 1, -1, INT64_MAX, INT64_MIN, INT64_C(1) << 53, 110, 4000};
    return draw(4) == 0 ? edges[draw(8)] : (int64_t)draw(5000);
}

static uint32_t small(uint32_t legal)
{
    return draw(20) == 0 ? (uint32_t)draw(UINT32_MAX) : (uint32_t)draw(legal);
}

static uint32_t count(void)
{
    return (uint32_t)(draw(60) == 0 ? draw(700) : draw(5));
}

static uint32_t *ids(uint32_t n)
{
    uint32_t *list = kept(n * sizeof *list), i;
    for (i = 0; i < n; i++) {
        list[i] = id();
    }
    return list;
}

static int64_t *amounts(uint32_t n)
{
    int64_t *list = kept(n * sizeof *list);
    uint32_t i;
    for (i = 0; i < n; i++) {
        list[i] = amount();
    }
    return list;
}

static bayplan_core_pair_t *pairs(uint32_t n)
{
    return (bayplan_core_pair_t *)ids(2 * n);
}

static bayplan_core_requirement_t *requirements(uint32_t n, uint32_t terms, uint32_t values)
{
    bayplan_core_requirement_t *list = kept(n * sizeof *list);
    uint32_t i, term = 0;
    for (i = 0; i < n; i++) {
        memset(&list[i], 0, sizeof list[i]);
        if (terms > 1 && draw(2) == 0 && term + 1 < terms) {
            term++;
        }
        list[i].term = draw(40) == 0 ? id() : term;
        list[i].key = id();
        list[i].op = small(7);
        list[i].first = draw(30) == 0 ? id() : 0;
        list[i].count = draw(30) == 0 ? id() : values;
        list[i].bound = amount();
    }
    return list;
}

static const bayplan_core_node_terms_t *node_terms(void)
{
    bayplan_core_node_terms_t *terms;
    int32_t *weights;
    uint32_t i;
    if (draw(2) == 0) {
        return NULL;
    }
    terms = kept(sizeof *terms);
    memset(terms, 0, sizeof *terms);
    terms->terms = draw(60) == 0 ? id() : (uint32_t)draw(3);
    terms->value_count = count();
    terms->values = ids(terms->value_count);
    terms->requirement_count = count();
    terms->requirements = requirements(terms->requirement_count, terms->terms, terms->value_count);
    if (draw(2) == 0 && terms->terms < 1000) {
        weights = kept(terms->terms * sizeof *weights);
        for (i = 0; i < terms->terms; i++) {
            weights[i] = (int32_t)amount();
        }
        terms->weights = weights;
    }
    return terms;
}

static bayplan_core_spread_t *spreads(uint32_t n)
{
    bayplan_core_spread_t *list = kept(n * sizeof *list);
    uint32_t i;
    for (i = 0; i < n; i++) {
        list[i].selector = id();
        list[i].key = id();
        list[i].max_skew = (int32_t)amount();
        list[i].min_domains = (int32_t)amount();
        list[i].flags = small(16);
    }
    return list;
}

static bayplan_core_toleration_t *tolerations(uint32_t n)
{
    bayplan_core_toleration_t *list = kept(n * sizeof *list);
    uint32_t i;
    for (i = 0; i < n; i++) {
        list[i].key = id();
        list[i].op = small(4);
        list[i].value = id();
        list[i].effect = draw(3) == 0 ? BAYPLAN_CORE_NONE : small(3);
    }
    return list;
}

static void spec(bayplan_core_spec_t *of)
{
    memset(of, 0, sizeof *of);
    of->struct_size = draw(50) == 0 ? id() % 64 : (uint32_t)sizeof *of;
    of->profile = small(2);
    of->priority = (int32_t)amount();
    of->flags = small(4);
    of->fit = amounts(of->fit_count = count());
    of->bound = amounts(of->bound_count = count());
    of->score = amounts(of->score_count = count());
    of->balanced = amounts(of->balanced_count = count());
    of->bound_non_zero_cpu = amount();
    of->bound_non_zero_memory = amount();
    if (draw(3) == 0) {
        of->tolerations = tolerations(of->toleration_count = count());
    }
    of->node_selector = node_terms();
    of->required = draw(3) == 0 ? node_terms() : NULL;
    of->preferred = draw(3) == 0 ? node_terms() : NULL;
    of->names = ids(of->name_count = count());
    if (draw(3) == 0) {
        of->ports = pairs(of->port_count = count());
        of->disks = pairs(of->disk_count = count());
    }
    of->images = ids(of->image_entry_count = count());
    of->image_count = draw(3) == 0 ? draw(5) : of->image_entry_count;
    if (draw(3) == 0) {
        of->spread_hard = spreads(of->spread_hard_count = count());
        of->spread_soft = spreads(of->spread_soft_count = count());
        of->terms = ids(of->term_count = count());
    }
    of->features = draw(4);
}

static void filter(void *context, uint32_t slot, uint32_t first, uint32_t *codes, size_t n)
{
    size_t i;
    (void)context;
    (void)slot;
    for (i = 0; i < n; i++) {
        codes[i] = (first + i) % 5 == 0;
    }
}

static void score(void *context, uint32_t slot, uint32_t first, int64_t *scores, size_t n)
{
    size_t i;
    (void)context;
    (void)slot;
    for (i = 0; i < n; i++) {
        scores[i] = (int64_t)(first + i);
    }
}

static void request(bayplan_core_request_t *of)
{
    static const bayplan_core_external_t external = {NULL, filter, score};
    bayplan_core_volumes_t *volumes;
    bayplan_core_waiting_t *waiting;
    bayplan_core_room_t *rooms;
    uint32_t i, j;

    bayplan_core_request(of, (uint32_t)draw(1 + draw(8)), id());
    if (draw(3) == 0) {
        of->node_name = id();
        of->pin = id();
    }
    of->default_selector = draw(3) == 0 ? id() : BAYPLAN_CORE_NONE;
    of->uses = draw(3) == 0 ? id() : BAYPLAN_CORE_NONE;
    of->nomination = draw(6) == 0 ? id() : BAYPLAN_CORE_NONE;
    of->pick = small(2);
    of->seed = draw(UINT64_MAX);
    of->rejects = ids(of->reject_count = count());
    of->external = draw(3) == 0 ? &external : NULL;
    if (draw(3) != 0) {
        return;
    }
    volumes = kept(sizeof *volumes);
    memset(volumes, 0, sizeof *volumes);
    volumes->bound = ids(volumes->bound_count = (uint32_t)draw(3));
    volumes->zoned = ids(volumes->zoned_count = (uint32_t)draw(3));
    volumes->lost = (uint32_t)draw(2);
    volumes->waiting_count = (uint32_t)(draw(40) == 0 ? draw(40) : draw(3));
    waiting = kept(volumes->waiting_count * sizeof *waiting);
    for (i = 0; i < volumes->waiting_count; i++) {
        memset(&waiting[i], 0, sizeof waiting[i]);
        waiting[i].selected = draw(3) == 0 ? id() : BAYPLAN_CORE_NONE;
        waiting[i].makes = id();
        waiting[i].storage_class = id();
        waiting[i].bytes = amount();
        if (i > 4) {
            continue;
        }
        waiting[i].candidates = ids(waiting[i].candidate_count = (uint32_t)draw(3));
        waiting[i].reserved_volumes = ids(waiting[i].reserved_volume_count = (uint32_t)draw(3));
        waiting[i].room_count = (uint32_t)draw(3);
        rooms = kept(waiting[i].room_count * sizeof *rooms);
        for (j = 0; j < waiting[i].room_count; j++) {
            rooms[j].nodes = id();
            rooms[j].reserved = 0;
            rooms[j].bytes = amount();
        }
        waiting[i].rooms = draw(2) == 0 ? rooms : NULL;
    }
    volumes->waiting = waiting;
    of->volumes = volumes;
}

static void pod(bayplan_core_pod_t *of)
{
    of->spec = (uint32_t)draw(1 + draw(8));
    of->labels = id();
    of->uses = draw(2) == 0 ? BAYPLAN_CORE_NONE : id();
    of->flags = small(4);
    of->start = amount();
}

static bayplan_core_status_t some_row(uint32_t *row)
{
    bayplan_core_node_t node;
    bayplan_core_spec_t a_spec;
    bayplan_core_selector_t selector;
    bayplan_core_profile_t profile;
    bayplan_core_taint_t *taints;
    bayplan_core_image_t *images;
    bayplan_core_weighted_t *weighted;
    uint32_t n = count(), i;

    switch (draw(26)) {
    case 0:
        return bayplan_core_add_string(block, size, draw(2) == 0, amount(), row, &fault);
    case 1:
        return bayplan_core_add_key(block, size, row, &fault);
    case 2:
        return bayplan_core_add_resource(block, size, row, &fault);
    case 3:
        return bayplan_core_add_image(block, size, row, &fault);
    case 4:
        taints = kept(n * sizeof *taints);
        for (i = 0; i < n; i++) {
            taints[i].key = id();
            taints[i].value = id();
            taints[i].effect = small(3);
        }
        return bayplan_core_add_taint_set(block, size, taints, n, row, &fault);
    case 5:
        images = kept(n * sizeof *images);
        for (i = 0; i < n; i++) {
            images[i].image = id();
            images[i].reserved = 0;
            images[i].bytes = amount();
        }
        return bayplan_core_add_image_set(block, size, images, n, row, &fault);
    case 6:
        return bayplan_core_add_namespace(block, size, pairs(n), n, draw(2) == 0, row, &fault);
    case 7:
        return bayplan_core_relabel_namespace(block, size, id(), pairs(n), n, draw(2) == 0, &fault);
    case 8:
    case 9:
        return bayplan_core_add_label_class(block, size, id(), pairs(n), n, row, &fault);
    case 10:
        memset(&selector, 0, sizeof selector);
        selector.struct_size = (uint32_t)sizeof selector;
        selector.flags = small(8);
        selector.namespaces = ids(selector.namespace_count = n);
        selector.values = ids(selector.value_count = count());
        selector.requirement_count = count();
        selector.requirements = requirements(selector.requirement_count, 1, selector.value_count);
        selector.namespace_requirement_count = count();
        selector.namespace_requirements = requirements(selector.namespace_requirement_count, 1, selector.value_count);
        return bayplan_core_add_selector(block, size, &selector, row, &fault);
    case 11:
        return bayplan_core_add_term(block, size, id(), id(), id(), small(4), (int32_t)amount(), row, &fault);
    case 12:
        memset(&profile, 0, sizeof profile);
        profile.struct_size = (uint32_t)sizeof profile;
        profile.flags = small(16);
        profile.strategy = small(3);
        profile.hard_pod_affinity_weight = amount();
        profile.filter_count = count();
        profile.filters = ids(profile.filter_count);
        profile.score_count = count();
        weighted = kept(profile.score_count * sizeof *weighted);
        for (i = 0; i < profile.score_count; i++) {
            weighted[i].id = draw(5) == 0 ? BAYPLAN_CORE_SLOT + id() : small(16);
            weighted[i].reserved = 0;
            weighted[i].weight = amount();
        }
        profile.scores = weighted;
        profile.shape_count = (uint32_t)draw(3);
        profile.shape = (const int32_t *)ids(2 * profile.shape_count);
        profile.balanced = draw(2) == 0 ? NULL : ids(profile.balanced_count = count());
        profile.enforced = draw(3) == 0 ? node_terms() : NULL;
        profile.added_preferred = draw(3) == 0 ? node_terms() : NULL;
        return bayplan_core_add_profile(block, size, &profile, row, &fault);
    case 13:
        return bayplan_core_add_default_profile(block, size, 33 + (uint32_t)draw(6), row, &fault);
    case 14:
    case 15:
        spec(&a_spec);
        return bayplan_core_add_spec(block, size, &a_spec, row, &fault);
    case 16:
    case 17:
        memset(&node, 0, sizeof node);
        node.struct_size = (uint32_t)sizeof node + (uint32_t)(draw(50) == 0 ? draw(9) : 0);
        if (node.struct_size != sizeof node) {
            return bayplan_core_add_node(block, size, NULL, row, &fault);
        }
        node.name = id();
        node.taints = small(3);
        node.images = small(3);
        node.allocatable = amounts(node.allocatable_count = count());
        node.labels = pairs(node.label_count = count());
        node.features = draw(4);
        node.unschedulable = draw(10) == 0;
        return draw(5) == 0 ? bayplan_core_update_node(block, size, id(), &node, &fault)
                            : bayplan_core_add_node(block, size, &node, row, &fault);
    case 18:
        return bayplan_core_add_use_key(block, size, row, &fault);
    case 19:
        return bayplan_core_add_use_list(block, size, pairs(n), n, row, &fault);
    case 20:
        return bayplan_core_add_driver(block, size, row, &fault);
    case 21:
        return bayplan_core_add_node_set(block, size, node_terms(), row, &fault);
    case 22:
        return bayplan_core_add_volume(block, size, id(), id(), id(), amount(), row, &fault);
    case 23:
        return bayplan_core_add_budget(block, size, id(), (int32_t)amount(), row, &fault);
    case 24:
        return bayplan_core_add_slot(block, size, id(), small(3), row, &fault);
    default:
        return bayplan_core_set_slot(block, size, id(), id(), ids(n), n, amounts(n), n, &fault);
    }
}

static bayplan_core_status_t some_question(uint32_t *row)
{
    bayplan_core_request_t asked;
    bayplan_core_request_t *many;
    bayplan_core_choice_t choice, *choices;
    bayplan_core_preempt_options_t options;
    bayplan_core_preemption_t preemption;
    bayplan_core_pod_t a_pod;
    bayplan_core_amounts_t of;
    size_t n = draw(20), found;
    uint32_t i;

    pod(&a_pod);
    switch (draw(18)) {
    case 16:
        request(&asked);
        return bayplan_core_judge(block, size, &asked, id(), kept(n * sizeof(bayplan_core_verdict_t)), n, &found, &fault);
    case 17:
        request(&asked);
        return bayplan_core_volumes_on(block, size, &asked, id(), kept(n * sizeof(bayplan_core_gets_t)), n, &found, &fault);
    case 0:
    case 1:
        request(&asked);
        return bayplan_core_decide(block, size, &asked, &choice, &fault);
    case 2:
        n = draw(5);
        many = kept(n * sizeof *many);
        for (i = 0; i < n; i++) {
            bayplan_core_request(&many[i], (uint32_t)draw(1 + draw(8)), id());
        }
        choices = kept(n * sizeof *choices);
        return bayplan_core_decide_many(block, size, many, n, small(2), amount(), choices, kept(n * sizeof(uint32_t)),
                                        &fault);
    case 3:
        request(&asked);
        return bayplan_core_explain(block, size, &asked, kept(n * sizeof(bayplan_core_verdict_t)), n, &found, &fault);
    case 4:
        request(&asked);
        return bayplan_core_scores(block, size, &asked, kept(n * sizeof(bayplan_core_score_t)), n, &found, &fault);
    case 5:
        request(&asked);
        return bayplan_core_totals(block, size, &asked, kept(n * sizeof(int64_t)), n, &found, &fault);
    case 6:
        request(&asked);
        memset(&options, 0, sizeof options);
        options.struct_size = (uint32_t)sizeof options;
        options.minor = 34 + small(4);
        options.flags = draw(10) == 0;
        options.exempt = (const bayplan_core_exempt_t *)ids(2 * (options.exempt_count = count()));
        options.claims = (const bayplan_core_claims_t *)ids(2 * (options.claim_count = count()));
        return bayplan_core_preempt(block, size, &asked, &options, &preemption,
                                    kept(n * sizeof(bayplan_core_candidate_t)), n,
                                    kept(n * sizeof(bayplan_core_victim_t)), n, &fault);
    case 7:
    case 8:
    case 9:
        return bayplan_core_bind(block, size, &a_pod, id(), row, &fault);
    case 10:
        return bayplan_core_unbind(block, size, (uint32_t)draw(1 + draw(40)), &fault);
    case 11:
        return bayplan_core_update_pod(block, size, (uint32_t)draw(1 + draw(40)), &a_pod, row, &fault);
    case 12:
        return bayplan_core_pods_on(block, size, id(), kept(n * sizeof(uint32_t)), n, &found, &fault);
    case 13:
        return draw(2) == 0 ? bayplan_core_nominate(block, size, &a_pod, id(), row, &fault)
                            : bayplan_core_withdraw(block, size, id(), &fault);
    case 14:
        return bayplan_core_amounts(block, size, id(), id(), &of, &fault);
    default:
        return bayplan_core_node_of(block, size, (uint32_t)draw(1 + draw(40)), row, &fault);
    }
}

static bayplan_core_status_t some_change(void)
{
    switch (draw(8)) {
    case 0:
        return bayplan_core_remove_node(block, size, id(), &fault);
    case 1:
        return bayplan_core_relabel_node(block, size, id(), id(), id(), &fault);
    case 2:
        return bayplan_core_set_driver(block, size, id(), id(), id(), draw(2) == 0, &fault);
    case 3:
        return bayplan_core_set_key_driver(block, size, id(), id(), &fault);
    case 4:
        return bayplan_core_set_attached(block, size, id(), id(), draw(2) == 0, &fault);
    case 5:
        return bayplan_core_set_budget(block, size, id(), (int32_t)amount(), &fault);
    case 6:
        return bayplan_core_remove_budget(block, size, id(), &fault);
    default:
        return bayplan_core_used(block, size, &limits, &fault);
    }
}

static void failed(const char *what)
{
    fprintf(stderr, "fuzz: %s after %" PRIu64 " calls: status %" PRIu32 ", %s\n", what, calls, fault.status,
            (const char *)fault.what);
    exit(1);
}

static void anew(void)
{
    bayplan_core_limits_t now;
    size_t state;
    bayplan_core_limits(&now);
    now.nodes = (uint32_t)draw(12);
    now.pods = (uint32_t)draw(1 + draw(40));
    now.profiles = 1 + (uint32_t)draw(3);
    now.externals = now.external_columns = (uint32_t)draw(3);
    now.arena = (uint32_t)draw(3000);
    now.journal = 1 + (uint32_t)draw(20);
    now.trial = (uint32_t)draw(2000);
    now.victims = (uint32_t)draw(20);
    now.cached_specs = 1 + (uint32_t)draw(4);
    now.cached_counters = 1 + (uint32_t)draw(4);
    if (bayplan_core_size(&now, &size, &state, &fault) != BAYPLAN_CORE_OK) {
        failed("size");
    }
    free(block);
    block = allocated(size);
    memset(block, (int)draw(256), size);
    if (bayplan_core_init(block, size, &now, &fault) != BAYPLAN_CORE_OK) {
        failed("init");
    }
}

/* What every block that is asked begins with. */
static void seeded(void)
{
    static const int64_t room[] = {4000, 16000, 0, 110};
    bayplan_core_node_t node;
    bayplan_core_spec_t of;
    uint32_t row, i;
    bayplan_core_add_default_profile(block, size, 34 + (uint32_t)draw(4), &row, &fault);
    bayplan_core_add_taint_set(block, size, NULL, 0, &row, &fault);
    bayplan_core_add_image_set(block, size, NULL, 0, &row, &fault);
    bayplan_core_add_namespace(block, size, NULL, 0, true, &row, &fault);
    bayplan_core_add_label_class(block, size, 0, NULL, 0, &row, &fault);
    memset(&node, 0, sizeof node);
    node.struct_size = (uint32_t)sizeof node;
    node.allocatable = room;
    node.allocatable_count = 4;
    memset(&of, 0, sizeof of);
    of.struct_size = (uint32_t)sizeof of;
    of.fit = of.bound = of.score = of.balanced = room + 2;
    for (i = 0; i < 3; i++) {
        bayplan_core_add_string(block, size, i == 0, 7, &node.name, &fault);
        bayplan_core_add_key(block, size, &row, &fault);
        bayplan_core_add_use_key(block, size, &row, &fault);
        bayplan_core_add_node(block, size, &node, &row, &fault);
        of.priority = (int32_t)i;
        bayplan_core_add_spec(block, size, &of, &row, &fault);
        bayplan_core_bind(block, size, &(bayplan_core_pod_t){i, 0, BAYPLAN_CORE_NONE, 0, 0}, i, &row, &fault);
    }
}

/* A copy of the state passes all checks, and decides the same. */
static void checked(void)
{
    unsigned char *copy = allocated(size);
    bayplan_core_request_t asked;
    bayplan_core_choice_t here, there;
    if (bayplan_core_fork(block, size, copy, size, &fault) != BAYPLAN_CORE_OK) {
        failed("fork");
    }
    if (bayplan_core_attach(copy, size, &fault) != BAYPLAN_CORE_OK) {
        failed("attach");
    }
    bayplan_core_request(&asked, 0, 0);
    if (bayplan_core_decide(block, size, &asked, &here, &fault) == BAYPLAN_CORE_OK &&
        (bayplan_core_decide(copy, size, &asked, &there, &fault) != BAYPLAN_CORE_OK || here.node != there.node ||
         here.score != there.score || here.ties != there.ties || here.feasible != there.feasible)) {
        failed("a copy decides otherwise");
    }
    free(copy);
}

int main(int argc, char **argv)
{
    uint64_t most = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000;
    bayplan_core_status_t status;
    uint32_t row, i;

    seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 88172645463325252u;
    while (calls < most) {
        anew();
        seeded();
        for (i = 0; i < 400 && calls < most; i++) {
            calls++;
            switch (draw(8)) {
            case 0:
            case 1:
            case 2:
                status = some_row(&row);
                break;
            case 3:
                status = some_change();
                break;
            default:
                status = some_question(&row);
            }
            statuses[status < 32 ? status : 31]++;
            while (given_count > 0) {
                free(given[--given_count]);
            }
        }
        checked();
    }
    free(block);
    printf("fuzz: %" PRIu64 " calls:", calls);
    for (i = 0; i < 32; i++) {
        if (statuses[i] > 0) {
            printf(" %" PRIu64 " with status %" PRIu32, statuses[i], i);
        }
    }
    printf("\n");
    if (statuses[BAYPLAN_CORE_OK] < calls / 3) {
        fprintf(stderr, "fuzz: too few calls did something\n");
        return 1;
    }
    return 0;
}
