/* Runs the probe in memory that the linker laid out: nothing here allocates either. */
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define WORDS 65536

size_t bayplan_probe_words(void);
int32_t bayplan_probe(uint64_t *first, uint64_t *second, size_t words);
void bayplan_probe_panicked(int32_t line);

static const char *const FILES[] = {"?", "decide.rs", "keep.rs", "world.rs", "room.rs", "?", "?", "?", "?", "a panic"};

static void failed(int32_t place)
{
    fprintf(stderr, "noalloc: failed in %s, line %" PRId32 "\n", FILES[place / 10000 % 10], place % 10000);
    exit(1);
}

void bayplan_probe_panicked(int32_t line)
{
    failed(line);
    abort();
}

/* Rust's core library, as it is shipped, names the unwinder's hook; where panics abort nobody calls it. */
void rust_eh_personality(void);
void rust_eh_personality(void)
{
    abort();
}

int main(void)
{
    static uint64_t first[WORDS], second[WORDS];
    int32_t place;

    if (bayplan_probe_words() > WORDS) {
        fprintf(stderr, "noalloc: raise WORDS to %zu\n", bayplan_probe_words());
        return 1;
    }
    place = bayplan_probe(first, second, WORDS);
    if (place != 0) {
        failed(place < 0 ? 0 : place);
    }
    printf("noalloc: the core ran in two blocks of %zu words\n", bayplan_probe_words());
    return 0;
}
