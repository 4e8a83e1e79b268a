/* SPDX-License-Identifier: Apache-2.0 */

/* The index of IPv6 prefixes: bits go up before an entry is written, and come down when many
 * entries are gone, all at once, each word from one true value to another. The loader is its only
 * writer.
 */

#include "loader/table.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define STALE_MIN 1024 /* below this many, bits left behind are not worth a walk */

/* Not yet the live words, or those. */
struct bits {
    struct weir_lengths6 *lengths;
    __u64 *filter;
    size_t n;
};

static void set_bits(__u64 *word, __u64 bits)
{
    __atomic_or_fetch(word, bits, __ATOMIC_RELEASE);
}

/* Blocks are hashed: a prefix shorter than what is hashed has as many as there are ends to it, up
 * to all there are. */
static void add(struct bits *b, const struct weir_prefix *p)
{
    uint32_t bit = (128U - p->bits) & 63, word = (128U - p->bits) >> 6, first;
    __u64 w[2], ends;
    uint32_t f;

    memcpy(w, p->addr, sizeof(w));
    w[0] = be64toh(w[0]) & weir_prefix6_mask_high(p->bits);
    w[1] = be64toh(w[1]) & weir_prefix6_mask_low(p->bits);
    f = weir_prefix6_bit(w[0], w[1], p->bits);
    set_bits(&b->filter[f >> 6], 1ULL << (f & 63));
    b->n++;
    if (!p->bits)
        return;
    first = (uint32_t)(w[0] >> 32);
    ends = p->bits < 32 ? 1ULL << (32 - p->bits) : 1;
    for (uint32_t i = 0; i < (ends < WEIR_PREFIX6_BLOCKS ? ends : WEIR_PREFIX6_BLOCKS); i++)
        set_bits(
            &b->lengths[ends < WEIR_PREFIX6_BLOCKS ? weir_prefix6_block(first + i) : i].w[word],
            1ULL << bit);
}

static int add_entry(const struct weir_ban_entry *entry, void *arg)
{
    add(arg, &entry->prefix);
    return 0;
}

void weir_prefix6_add(struct weir_loader *l, const struct weir_prefix *p)
{
    struct bits b = { l->index6.lengths, l->index6.filter, 0 };

    if (!p->bits)
        __atomic_or_fetch(&l->skel->data_control->control.prefixes6, WEIR_PREFIXES_ALL,
                          __ATOMIC_RELEASE);
    add(&b, p);
    l->index6.added++;
}

#define LENGTHS_BYTES (WEIR_PREFIX6_BLOCKS * sizeof(struct weir_lengths6))
#define FILTER_BYTES (WEIR_PREFIX6_FILTER_WORDS * sizeof(__u64))

static void store(__u64 *live, const __u64 *fresh, size_t bytes)
{
    for (size_t i = 0; i < bytes / sizeof(*live); i++)
        __atomic_store_n(&live[i], fresh[i], __ATOMIC_RELAXED);
}

/* From the entries that stand. On failure the bits stay: they are too many, never too few. */
static int rebuild(struct weir_loader *l)
{
    _cleanup_free_ __u64 *fresh = calloc(1, LENGTHS_BYTES + FILTER_BYTES);
    struct bits b = { .lengths = (struct weir_lengths6 *)fresh };
    struct weir_table t;
    int r;

    if (!fresh)
        return -ENOMEM;
    b.filter = fresh + LENGTHS_BYTES / sizeof(*fresh);
    weir_table_init(&t, l, WEIR_TABLE_PREFIX6);
    r = weir_table_walk(&t, add_entry, &b);
    if (r < 0)
        return r;
    store((__u64 *)l->index6.lengths, fresh, LENGTHS_BYTES);
    store(l->index6.filter, b.filter, FILTER_BYTES);
    l->index6.added = b.n;
    l->index6.stale = 0;
    return 0;
}

void weir_prefix6_removed(struct weir_loader *l)
{
    l->index6.stale++;
    if (l->index6.stale >= STALE_MIN && l->index6.stale > l->index6.added / 2)
        (void)rebuild(l); /* tried again with the next one */
}

static int map_words(const struct bpf_map *map, size_t bytes, void *ret, struct weir_error *e)
{
    void *words = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);

    if (words == MAP_FAILED)
        return weir_error_set(e, errno, "map %s: %s", bpf_map__name(map), strerror(errno));
    memcpy(ret, &words, sizeof(words));
    return 0;
}

int weir_prefix6_open(struct weir_loader *l, struct weir_error *e)
{
    struct weir_prefix6_index *x = &l->index6;
    int r = map_words(l->skel->maps.prefix6_lengths, LENGTHS_BYTES, &x->lengths, e);

    if (r == 0)
        r = map_words(l->skel->maps.prefix6_filter, FILTER_BYTES, &x->filter, e);
    if (r < 0 || !l->adopted)
        return r;
    r = rebuild(l);
    return r < 0 ? weir_error_set(e, -r, "index of prefixes: %s", weir_errno_text(r)) : 0;
}

void weir_prefix6_close(struct weir_loader *l)
{
    if (l->index6.lengths)
        (void)munmap(l->index6.lengths, LENGTHS_BYTES);
    if (l->index6.filter)
        (void)munmap(l->index6.filter, FILTER_BYTES);
}
