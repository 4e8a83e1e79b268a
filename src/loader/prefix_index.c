/* SPDX-License-Identifier: Apache-2.0 */

/* The index of the prefixes: bits go up before an entry is written, and come down when many entries
 * are gone, all at once, each word from one true value to another. The loader is its only writer.
 */

#include "loader/table.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define STALE_MIN 1024 /* below this many, bits left behind are not worth a walk */

/* Not yet the live words, or those. */
struct bits {
    __u64 *lengths4;
    struct weir_lengths *lengths6;
    __u64 *filter;
    size_t n;
};

static void set_bits(__u64 *word, __u64 bits)
{
    __atomic_or_fetch(word, bits, __ATOMIC_RELEASE);
}

static void set_filter(struct bits *b, uint32_t bit)
{
    set_bits(&b->filter[bit >> 6], 1ULL << (bit & 63));
}

static void add4(struct bits *b, const struct weir_prefix *p)
{
    uint32_t bits = p->bits - 96U, addr, block, blocks;

    memcpy(&addr, p->addr + 12, sizeof(addr));
    addr = be32toh(addr) & weir_prefix4_mask(bits);
    set_filter(b, weir_prefix4_bit(addr, bits));
    block = addr >> (32 - WEIR_PREFIX_BLOCK_BITS);
    blocks = bits < WEIR_PREFIX_BLOCK_BITS ? 1U << (WEIR_PREFIX_BLOCK_BITS - bits) : 1;
    for (uint32_t i = 0; i < blocks; i++)
        set_bits(&b->lengths4[block + i], 1ULL << (32 - bits));
}

/* Blocks are hashed: a prefix shorter than what is hashed has as many as there are ends to it, up
 * to all there are. */
static void add6(struct bits *b, const struct weir_prefix *p)
{
    uint32_t bit = (128U - p->bits) & 63, word = (128U - p->bits) >> 6, first;
    __u64 w[2], ends;

    memcpy(w, p->addr, sizeof(w));
    w[0] = be64toh(w[0]) & weir_prefix6_mask_high(p->bits);
    w[1] = be64toh(w[1]) & weir_prefix6_mask_low(p->bits);
    set_filter(b, weir_prefix6_bit(w[0], w[1], p->bits));
    if (!p->bits)
        return;
    first = (uint32_t)(w[0] >> 32);
    ends = p->bits < 32 ? 1ULL << (32 - p->bits) : 1;
    for (uint32_t i = 0; i < (ends < WEIR_PREFIX_BLOCKS ? ends : WEIR_PREFIX_BLOCKS); i++)
        set_bits(
            &b->lengths6[ends < WEIR_PREFIX_BLOCKS ? weir_prefix6_block(first + i) : i].w[word],
            1ULL << bit);
}

static void add(struct bits *b, const struct weir_prefix *p)
{
    b->n++;
    if (weir_addr_is_ip4(p->addr) && p->bits >= 96)
        add4(b, p);
    else
        add6(b, p);
}

static int add_entry(const struct weir_ban_entry *entry, void *arg)
{
    add(arg, &entry->prefix);
    return 0;
}

static struct bits live_bits(const struct weir_loader *l)
{
    return (struct bits){ l->index.lengths4, l->index.lengths6, l->index.filter, 0 };
}

void weir_prefix_index_add(struct weir_loader *l, const struct weir_prefix *p)
{
    struct bits b = live_bits(l);

    if (!p->bits)
        __atomic_or_fetch(&l->skel->data_control->control.prefixes6, WEIR_PREFIXES_ALL,
                          __ATOMIC_RELEASE);
    add(&b, p);
    l->index.added++;
}

#define LENGTHS4_BYTES (WEIR_PREFIX_BLOCKS * sizeof(__u64))
#define LENGTHS6_BYTES (WEIR_PREFIX_BLOCKS * sizeof(struct weir_lengths))
#define FILTER_BYTES (WEIR_PREFIX_FILTER_WORDS * sizeof(__u64))

static void store(__u64 *live, const __u64 *fresh, size_t bytes)
{
    for (size_t i = 0; i < bytes / sizeof(*live); i++)
        __atomic_store_n(&live[i], fresh[i], __ATOMIC_RELAXED);
}

/* From the entries that stand. On failure the bits stay: they are too many, never too few. */
static int rebuild(struct weir_loader *l)
{
    _cleanup_free_ __u64 *fresh = calloc(1, LENGTHS4_BYTES + LENGTHS6_BYTES + FILTER_BYTES);
    struct bits b = { 0 };
    int r = 0;

    if (!fresh)
        return -ENOMEM;
    b.lengths4 = fresh;
    b.lengths6 = (struct weir_lengths *)(fresh + LENGTHS4_BYTES / sizeof(*fresh));
    b.filter = fresh + (LENGTHS4_BYTES + LENGTHS6_BYTES) / sizeof(*fresh);
    for (int id = WEIR_TABLE_PREFIX4; r == 0 && id <= WEIR_TABLE_PREFIX6; id++) {
        struct weir_table t;

        weir_table_init(&t, l, id);
        r = weir_table_walk(&t, true, add_entry, &b);
    }
    if (r < 0)
        return r;
    store(l->index.lengths4, b.lengths4, LENGTHS4_BYTES);
    store((__u64 *)l->index.lengths6, (__u64 *)b.lengths6, LENGTHS6_BYTES);
    store(l->index.filter, b.filter, FILTER_BYTES);
    l->index.added = b.n;
    l->index.stale = 0;
    return 0;
}

void weir_prefix_index_removed(struct weir_loader *l)
{
    l->index.stale++;
    if (l->index.stale >= STALE_MIN && l->index.stale > l->index.added / 2)
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

int weir_prefix_index_open(struct weir_loader *l, struct weir_error *e)
{
    struct weir_prefix_index *x = &l->index;
    int r = map_words(l->skel->maps.lengths4, LENGTHS4_BYTES, &x->lengths4, e);

    if (r == 0)
        r = map_words(l->skel->maps.lengths6, LENGTHS6_BYTES, &x->lengths6, e);
    if (r == 0)
        r = map_words(l->skel->maps.prefix_filter, FILTER_BYTES, &x->filter, e);
    if (r < 0 || !l->adopted)
        return r;
    r = rebuild(l);
    return r < 0 ? weir_error_set(e, -r, "index of prefixes: %s", weir_errno_text(r)) : 0;
}

void weir_prefix_index_close(struct weir_loader *l)
{
    if (l->index.lengths4)
        (void)munmap(l->index.lengths4, LENGTHS4_BYTES);
    if (l->index.lengths6)
        (void)munmap(l->index.lengths6, LENGTHS6_BYTES);
    if (l->index.filter)
        (void)munmap(l->index.filter, FILTER_BYTES);
}
