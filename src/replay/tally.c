/* SPDX-License-Identifier: Apache-2.0 */
#include "replay/tally.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define WEIR_TALLY_PROBES 32 /* places a key may be at; full: counted as overflow */

struct weir_tally_entry {
    uint8_t addr[2][16]; /* by enum weir_tally_side */
    uint64_t packets;
    uint64_t row; /* FORGED: addr of the source is void */
};

#define FORGED (1ULL << 32)
#define PLACES 2 /* of the index, an entry */

struct weir_tally {
    uint64_t key; /* of the hash */
    uint64_t overflow;
    size_t mask;
    uint32_t *index; /* by hash: number of the entry, from 1; 0: free */
    size_t used, size;
    struct weir_tally_entry *entry;
};

int weir_tally_new(size_t memory_bytes, struct weir_tally **ret)
{
    struct weir_tally *t = calloc(1, sizeof(*t));
    size_t size = 1;

    while (size * 2 <= memory_bytes / (sizeof(*t->entry) + PLACES * sizeof(*t->index)) &&
           size < 1U << 22)
        size *= 2;
    if (!t)
        return -ENOMEM;
    t->size = size;
    t->mask = PLACES * size - 1;
    t->entry = calloc(size, sizeof(*t->entry));
    t->index = calloc(PLACES * size, sizeof(*t->index));
    if (!t->entry || !t->index || getrandom(&t->key, sizeof(t->key), 0) != sizeof(t->key)) {
        weir_tally_free(t);
        return -ENOMEM;
    }
    *ret = t;
    return 0;
}

void weir_tally_free(struct weir_tally *t)
{
    if (!t)
        return;
    free(t->index);
    free(t->entry);
    free(t);
}

static struct weir_tally_entry *entry_new(struct weir_tally *t, uint32_t *place, uint64_t row,
                                          const uint8_t src[16], const uint8_t dst[16])
{
    struct weir_tally_entry *e;

    if (t->used == t->size)
        return NULL;
    e = &t->entry[t->used++];
    *place = (uint32_t)t->used;
    memcpy(e->addr[WEIR_TALLY_SOURCE], src, 16);
    memcpy(e->addr[WEIR_TALLY_TARGET], dst, 16);
    e->row = row;
    return e;
}

static struct weir_tally_entry *entry_find(struct weir_tally *t, uint64_t row,
                                           const uint8_t src[16], const uint8_t dst[16])
{
    uint64_t word[4], hash = t->key ^ row;

    memcpy(word, src, 16);
    memcpy(word + 2, dst, 16);
    for (int i = 0; i < 4; i++) {
        hash = (hash ^ word[i]) * 0xff51afd7ed558ccdULL; /* MurmurHash3's finalizer */
        hash ^= hash >> 32;
    }
    for (size_t i = 0; i < WEIR_TALLY_PROBES; i++) {
        uint32_t *place = &t->index[(hash + i) & t->mask];
        struct weir_tally_entry *e;

        if (!*place)
            return entry_new(t, place, row, src, dst);
        e = &t->entry[*place - 1];
        if (e->row == row && !memcmp(e->addr[0], src, 16) && !memcmp(e->addr[1], dst, 16))
            return e;
    }
    return NULL;
}

void weir_tally_note(struct weir_tally *t, unsigned row, const uint8_t src[16],
                     const uint8_t dst[16])
{
    static const uint8_t nobody[16];
    struct weir_tally_entry *e =
        src ? entry_find(t, row, src, dst) : entry_find(t, row | FORGED, nobody, dst);

    if (e)
        e->packets++;
    else
        t->overflow++;
}

uint64_t weir_tally_overflow(const struct weir_tally *t)
{
    return t->overflow;
}

static int weir_tally_by_side(const struct weir_tally_entry *a, const struct weir_tally_entry *b,
                              enum weir_tally_side side)
{
    int r = memcmp(a->addr[side], b->addr[side], 16);

    if (r)
        return r;
    return a->row < b->row ? -1 : a->row > b->row;
}

static int weir_tally_by_source(const void *a, const void *b)
{
    return weir_tally_by_side(a, b, WEIR_TALLY_SOURCE);
}

static int weir_tally_by_target(const void *a, const void *b)
{
    return weir_tally_by_side(a, b, WEIR_TALLY_TARGET);
}

void weir_tally_sources(struct weir_tally *t, uint64_t *ret, unsigned rows)
{
    size_t n = t->used;

    memset(ret, 0, rows * sizeof(*ret));
    qsort(t->entry, n, sizeof(*t->entry), weir_tally_by_source);
    for (size_t i = 0; i < n; i++) {
        const struct weir_tally_entry *e = &t->entry[i];
        bool repeated = i && e->row == e[-1].row &&
                        !memcmp(e->addr[WEIR_TALLY_SOURCE], e[-1].addr[WEIR_TALLY_SOURCE], 16);

        if (!repeated && e->row < rows)
            ret[e->row]++;
    }
}

/* Insert into the sorted first *n of top[max]. */
static void weir_tally_rank(struct weir_tally_line *top, size_t *n, size_t max,
                            const struct weir_tally_line *line)
{
    size_t at = *n;

    while (at > 0 && top[at - 1].packets < line->packets)
        at--;
    if (at >= max)
        return;
    if (*n < max)
        (*n)++;
    memmove(&top[at + 1], &top[at], (*n - 1 - at) * sizeof(*top));
    top[at] = *line;
}

static bool is_line(const struct weir_tally_entry *e, enum weir_tally_side side)
{
    return side == WEIR_TALLY_TARGET || !(e->row & FORGED);
}

/* The entries of one address, from i on: they stand together, and those of one row within them. */
static size_t weir_tally_gather(const struct weir_tally *t, size_t i, size_t n,
                                enum weir_tally_side side, struct weir_tally_line *ret)
{
    uint64_t most = 0, of_row = 0;
    size_t first = i;

    memset(ret, 0, sizeof(*ret));
    memcpy(ret->addr, t->entry[i].addr[side], 16);
    for (; i < n && is_line(&t->entry[i], side) && !memcmp(t->entry[i].addr[side], ret->addr, 16);
         i++) {
        if (i == first || t->entry[i].row != t->entry[i - 1].row) {
            ret->rows++;
            of_row = 0;
        }
        of_row += t->entry[i].packets;
        ret->packets += t->entry[i].packets;
        if (of_row > most) {
            most = of_row;
            ret->row = (unsigned)(t->entry[i].row & ~FORGED);
        }
    }
    return i;
}

size_t weir_tally_top(struct weir_tally *t, enum weir_tally_side side, struct weir_tally_line *ret,
                      size_t max, size_t *ret_n)
{
    size_t n = t->used, lines = 0;

    *ret_n = 0;
    qsort(t->entry, n, sizeof(*t->entry),
          side == WEIR_TALLY_SOURCE ? weir_tally_by_source : weir_tally_by_target);
    for (size_t i = 0; i < n;) {
        struct weir_tally_line line;

        if (!is_line(&t->entry[i], side)) {
            i++;
            continue;
        }
        i = weir_tally_gather(t, i, n, side, &line);
        weir_tally_rank(ret, ret_n, max, &line);
        lines++;
    }
    return lines;
}
