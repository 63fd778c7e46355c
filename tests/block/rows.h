/* The words of a row, and the structs of bayplan_core.h that they say: cluster/src/compile/record.rs writes them. For player.c. */
#include <bayplan_core.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t *next, *row_end;
static const char *file_name;
static uint64_t row_number;
static uint32_t operation;
static bayplan_core_fault_t fault;

static void fail(const char *what)
{
    fprintf(stderr, "player: %s: row %llu, operation %u: %s (fault %u, %s)\n", file_name, (unsigned long long)row_number,
            (unsigned)operation, what, (unsigned)fault.status, (const char *)fault.what);
    exit(1);
}

#define EXPECT(holds)     \
    do {                  \
        if (!(holds)) {   \
            fail(#holds); \
        }                 \
    } while (0)

/* What a row says, word by word. */
static uint32_t word(void)
{
    EXPECT(next < row_end);
    return *next++;
}

static int64_t wide(void)
{
    uint64_t low = word(), high = word();
    return (int64_t)(high << 32 | low);
}

/* Memory for the lists of one row. */
static uint64_t pool[1 << 20];
static size_t pool_used;

static void *list_of(uint32_t count, size_t size)
{
    size_t words = (count * size + 7) / 8 + 1;
    void *list = pool + pool_used;
    EXPECT(words <= sizeof pool / 8 - pool_used);
    pool_used += words;
    memset(list, 0, count * size);
    return list;
}

static const uint32_t *ids(uint32_t *count)
{
    const uint32_t *list;
    *count = word();
    list = next;
    EXPECT(*count <= (size_t)(row_end - next));
    next += *count;
    return list;
}

static const int64_t *wides(uint32_t *count)
{
    int64_t *list;
    uint32_t i;
    *count = word();
    list = list_of(*count, sizeof *list);
    for (i = 0; i < *count; i++) {
        list[i] = wide();
    }
    return list;
}

static const bayplan_core_pair_t *pairs(uint32_t *count)
{
    bayplan_core_pair_t *list;
    uint32_t i;
    *count = word();
    list = list_of(*count, sizeof *list);
    for (i = 0; i < *count; i++) {
        list[i].key = word();
        list[i].value = word();
    }
    return list;
}

static const bayplan_core_requirement_t *requirements(uint32_t *count)
{
    bayplan_core_requirement_t *list;
    uint32_t i;
    *count = word();
    list = list_of(*count, sizeof *list);
    for (i = 0; i < *count; i++) {
        list[i].term = word();
        list[i].key = word();
        list[i].op = word();
        list[i].first = word();
        list[i].count = word();
        list[i].bound = wide();
    }
    return list;
}

static const bayplan_core_node_terms_t *terms(void)
{
    bayplan_core_node_terms_t *terms = list_of(1, sizeof *terms);
    uint32_t i, count, *weights;
    terms->terms = word();
    count = word();
    EXPECT(count == 0 || count == terms->terms);
    weights = list_of(count, sizeof *weights);
    for (i = 0; i < count; i++) {
        weights[i] = word();
    }
    terms->weights = count == 0 ? NULL : (const int32_t *)weights;
    terms->requirements = requirements(&terms->requirement_count);
    terms->values = ids(&terms->value_count);
    return terms;
}

static const bayplan_core_node_terms_t *terms_or_null(void)
{
    return word() != 0 ? terms() : NULL;
}

static const bayplan_core_weighted_t *weighted(uint32_t *count)
{
    bayplan_core_weighted_t *list;
    uint32_t i;
    *count = word();
    list = list_of(*count, sizeof *list);
    for (i = 0; i < *count; i++) {
        list[i].id = word();
        list[i].weight = wide();
    }
    return list;
}

static const bayplan_core_spread_t *spread(uint32_t *count)
{
    bayplan_core_spread_t *list;
    uint32_t i;
    *count = word();
    list = list_of(*count, sizeof *list);
    for (i = 0; i < *count; i++) {
        list[i].selector = word() != 0 ? word() : BAYPLAN_CORE_NONE;
        list[i].key = word();
        list[i].max_skew = (int32_t)word();
        list[i].min_domains = (int32_t)word();
        list[i].flags |= word() != 0 ? BAYPLAN_CORE_SPREAD_HOSTNAME : 0;
        list[i].flags |= word() != 0 ? BAYPLAN_CORE_SPREAD_HONOR_AFFINITY : 0;
        list[i].flags |= word() != 0 ? BAYPLAN_CORE_SPREAD_HONOR_TAINTS : 0;
        list[i].flags |= word() != 0 ? BAYPLAN_CORE_SPREAD_COUNTS_NOTHING : 0;
    }
    return list;
}

static bayplan_core_node_t node_row(void)
{
    bayplan_core_node_t node = {0};
    node.struct_size = (uint32_t)sizeof node;
    node.name = word();
    node.unschedulable = word();
    node.allocatable = wides(&node.allocatable_count);
    node.labels = pairs(&node.label_count);
    node.taints = word();
    node.images = word();
    node.features = (uint64_t)wide();
    return node;
}

static bayplan_core_pod_t pod_row(void)
{
    bayplan_core_pod_t pod = {0};
    pod.spec = word();
    pod.labels = word();
    pod.uses = word();
    pod.start = wide();
    pod.flags |= word() != 0 ? BAYPLAN_CORE_TERMINATING : 0;
    pod.flags |= word() != 0 ? BAYPLAN_CORE_PREEMPTED : 0;
    return pod;
}

static bayplan_core_selector_t selector_row(void)
{
    bayplan_core_selector_t selector = {0};
    selector.struct_size = (uint32_t)sizeof selector;
    selector.namespaces = ids(&selector.namespace_count);
    if (word() != 0) {
        selector.flags |= BAYPLAN_CORE_SELECT_NAMESPACES;
        selector.namespace_requirements = requirements(&selector.namespace_requirement_count);
    }
    if (word() != 0) {
        selector.flags |= BAYPLAN_CORE_SELECT_PODS;
        selector.requirements = requirements(&selector.requirement_count);
    }
    selector.flags |= word() != 0 ? BAYPLAN_CORE_EXISTING_NAMESPACES : 0;
    selector.values = ids(&selector.value_count);
    return selector;
}

static bayplan_core_spec_t spec_row(void)
{
    bayplan_core_spec_t spec = {0};
    bayplan_core_toleration_t *tolerations;
    uint32_t i;
    spec.struct_size = (uint32_t)sizeof spec;
    spec.profile = word();
    spec.priority = (int32_t)word();
    spec.fit = wides(&spec.fit_count);
    spec.bound = wides(&spec.bound_count);
    spec.score = wides(&spec.score_count);
    spec.balanced = wides(&spec.balanced_count);
    spec.bound_non_zero_cpu = wide();
    spec.bound_non_zero_memory = wide();
    spec.toleration_count = word();
    spec.tolerations = tolerations = list_of(spec.toleration_count, sizeof *tolerations);
    for (i = 0; i < spec.toleration_count; i++) {
        tolerations[i].key = word();
        tolerations[i].op = word();
        tolerations[i].value = word();
        tolerations[i].effect = word();
    }
    spec.node_selector = terms_or_null();
    spec.required = terms_or_null();
    spec.preferred = terms_or_null();
    if (word() != 0) {
        spec.flags |= BAYPLAN_CORE_HAS_NAMES;
        spec.names = ids(&spec.name_count);
    }
    spec.ports = pairs(&spec.port_count);
    spec.images = ids(&spec.image_entry_count);
    spec.image_count = word();
    spec.features = (uint64_t)wide();
    spec.spread_hard = spread(&spec.spread_hard_count);
    spec.spread_soft = spread(&spec.spread_soft_count);
    spec.flags |= word() != 0 ? BAYPLAN_CORE_OWN_SPREAD : 0;
    spec.terms = ids(&spec.term_count);
    spec.disks = pairs(&spec.disk_count);
    return spec;
}

static bayplan_core_profile_t profile_row(void)
{
    bayplan_core_profile_t profile = {0};
    profile.struct_size = (uint32_t)sizeof profile;
    profile.filters = ids(&profile.filter_count);
    profile.scores = weighted(&profile.score_count);
    profile.strategy = word();
    profile.fit_resources = weighted(&profile.fit_resource_count);
    profile.shape = (const int32_t *)pairs(&profile.shape_count);
    profile.volume_shape = (const int32_t *)pairs(&profile.volume_shape_count);
    profile.balanced = ids(&profile.balanced_count);
    profile.flags |= word() != 0 ? BAYPLAN_CORE_BALANCED_BY_DIFFERENCE : 0;
    profile.enforced = terms_or_null();
    profile.added_preferred = terms();
    profile.flags |= word() != 0 ? BAYPLAN_CORE_PREFERS_NODES : 0;
    profile.hard_pod_affinity_weight = wide();
    profile.flags |= word() != 0 ? BAYPLAN_CORE_IGNORE_PREFERRED_TERMS : 0;
    profile.flags |= word() != 0 ? BAYPLAN_CORE_SYSTEM_SPREAD : 0;
    return profile;
}

static bayplan_core_request_t request_row(void)
{
    bayplan_core_request_t request;
    bayplan_core_volumes_t *volumes = list_of(1, sizeof *volumes);
    bayplan_core_waiting_t *waiting;
    bayplan_core_room_t *rooms;
    uint32_t spec = word(), labels = word(), i, j;
    EXPECT(bayplan_core_request(&request, spec, labels) == BAYPLAN_CORE_OK);
    request.pin = word();
    request.default_selector = word();
    request.uses = word();
    request.nomination = word();
    request.rejects = ids(&request.reject_count);
    request.volumes = volumes;
    volumes->bound = ids(&volumes->bound_count);
    volumes->lost = word();
    volumes->zoned = ids(&volumes->zoned_count);
    volumes->waiting_count = word();
    volumes->waiting = waiting = list_of(volumes->waiting_count, sizeof *waiting);
    for (i = 0; i < volumes->waiting_count; i++) {
        waiting[i].selected = word();
        waiting[i].candidates = ids(&waiting[i].candidate_count);
        waiting[i].reserved_volumes = ids(&waiting[i].reserved_volume_count);
        waiting[i].makes = word();
        if (word() != 0) {
            waiting[i].room_count = word();
            waiting[i].rooms = rooms = list_of(waiting[i].room_count, sizeof *rooms);
            for (j = 0; j < waiting[i].room_count; j++) {
                rooms[j].nodes = word();
                rooms[j].bytes = wide();
            }
        }
        waiting[i].bytes = wide();
        waiting[i].storage_class = word();
    }
    return request;
}
