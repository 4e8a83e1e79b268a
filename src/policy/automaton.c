/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/automaton.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "policy/trie.h"

/* Rows of the trie's transitions interleaved in one array, each at a base where all its slots are
 * free: rows are short, and nearly no slot stays empty. */
struct packing {
    const struct weir_trie *t;
    size_t room;     /* slots there may be */
    uint64_t *taken; /* bit by slot */
    uint64_t *based; /* bit by base: no two states share one */
    size_t free;     /* free slots below are given up */
    size_t used;     /* end of the highest slot in use */
    uint32_t *order; /* nodes with slots, the longest row first */
    uint32_t rows;
};

/* Bases start at 1, and a slot that is free lies at least its offset behind its base. */
#define PACKING_FIRST 257

void weir_automaton_image_free(struct weir_automaton_image *i)
{
    free(i->automaton);
    *i = (struct weir_automaton_image){ 0 };
}

static void packing_free(struct packing *p)
{
    free(p->taken);
    free(p->based);
    free(p->order);
}

static bool bit(const uint64_t *set, size_t at)
{
    return set[at / 64] >> at % 64 & 1;
}

static void set_bit(uint64_t *set, size_t at)
{
    set[at / 64] |= 1ULL << at % 64;
}

/* Slots of a node: its edges, and one for its outputs. */
static uint32_t row_slots(const struct weir_trie_node *n)
{
    return n->edges + (n->output != WEIR_OUTPUT_NONE);
}

/* Offset from the base of the node's i-th slot. */
static uint32_t row_offset(const struct weir_trie *t, const struct weir_trie_node *n, uint32_t i)
{
    return i < n->edges ? t->edge[n->edge + i].class : t->classes;
}

/* Longest first, by counting. */
static int order_rows(struct packing *p)
{
    const struct weir_trie *t = p->t;
    uint32_t start[258 + 1] = { 0 };

    p->order = calloc(t->nodes, sizeof(*p->order));
    if (!p->order)
        return -ENOMEM;
    for (uint32_t i = 0; i < t->nodes; i++)
        start[257 - row_slots(&t->node[i]) + 1]++;
    for (uint32_t i = 1; i < 259; i++)
        start[i] += start[i - 1];
    p->rows = start[257];
    for (uint32_t i = 0; i < t->nodes; i++) {
        uint32_t slots = row_slots(&t->node[i]);

        if (slots)
            p->order[start[257 - slots]++] = i;
    }
    return 0;
}

static bool fits(const struct packing *p, const struct weir_trie_node *n, size_t base)
{
    if (bit(p->based, base))
        return false;
    for (uint32_t i = 0; i < row_slots(n); i++)
        if (bit(p->taken, base + row_offset(p->t, n, i)))
            return false;
    return true;
}

/* First slot at or behind `at` that nobody has. */
static size_t next_free(const struct packing *p, size_t at)
{
    uint64_t left = ~p->taken[at / 64] >> at % 64;

    if (left)
        return at + (size_t)__builtin_ctzll(left);
    for (at = at / 64 + 1; !~p->taken[at]; at++)
        ;
    return at * 64 + (size_t)__builtin_ctzll(~p->taken[at]);
}

/* Free slots looked at for one row before it goes behind all others. Rows of several slots look at
 * the end, where most is free; single slots, which come last, fill what was left open. */
#define PACKING_TRIES 512
#define PACKING_REACH 4096

static size_t find_base(struct packing *p, const struct weir_trie_node *n)
{
    uint32_t first = row_offset(p->t, n, 0), tries = 0;
    size_t at = p->free;

    if (row_slots(n) > 1 && p->used > PACKING_FIRST + PACKING_REACH)
        at = p->used - PACKING_REACH;
    for (at = next_free(p, at); at < p->used && tries < PACKING_TRIES; at = next_free(p, at + 1)) {
        if (fits(p, n, at - first))
            return at - first;
        tries++;
    }
    if (row_slots(n) == 1 && tries == PACKING_TRIES)
        p->free = next_free(p, p->free) + 1;
    return p->used + 1 > PACKING_FIRST ? p->used + 1 : PACKING_FIRST;
}

static int place(struct packing *p, struct weir_trie_node *n)
{
    size_t base = find_base(p, n);

    if (base + p->t->classes >= p->room || base > WEIR_STATE_BASE_MASK)
        return -E2BIG;
    set_bit(p->based, base);
    n->base = (uint32_t)base;
    for (uint32_t i = 0; i < row_slots(n); i++) {
        size_t at = base + row_offset(p->t, n, i);

        set_bit(p->taken, at);
        if (at >= p->used)
            p->used = at + 1;
    }
    return 0;
}

static int pack(struct packing *p, struct weir_trie *t)
{
    size_t words = p->room / 64 + 8; /* rows are tried up to 256 slots behind the last */
    int r;

    p->taken = calloc(words, sizeof(*p->taken));
    p->based = calloc(words, sizeof(*p->based));
    r = p->taken && p->based ? order_rows(p) : -ENOMEM;
    for (uint32_t i = 0; i < p->rows && r == 0; i++) {
        struct weir_trie_node *n = &t->node[p->order[i]];

        r = place(p, n);
    }
    return r;
}

static uint32_t state_of(const struct weir_trie *t, uint32_t node)
{
    const struct weir_trie_node *n = &t->node[node];

    return (uint32_t)n->label << WEIR_STATE_LABEL_SHIFT | n->base |
           (n->output != WEIR_OUTPUT_NONE ? WEIR_STATE_ACCEPT : 0);
}

static void write_slots(const struct packing *p, uint32_t *slot, size_t slots)
{
    const struct weir_trie *t = p->t;

    for (size_t i = 0; i < slots; i++)
        slot[2 * i] = WEIR_SLOT_FREE;
    for (uint32_t k = 0; k < p->rows; k++) {
        const struct weir_trie_node *n = &t->node[p->order[k]];

        for (uint32_t i = 0; i < row_slots(n); i++) {
            uint32_t *at = slot + 2 * (n->base + row_offset(t, n, i));

            at[0] = n->base;
            at[1] = i < n->edges ? state_of(t, t->edge[n->edge + i].target) : n->output;
        }
    }
}

static int write_image(const struct packing *p, uint32_t epoch, size_t memory,
                       struct weir_automaton_image *ret)
{
    const struct weir_trie *t = p->t;
    size_t pairs = (size_t)(t->classes + 1) * t->classes;
    /* One row more than is used: a base near the end is still read at every class. */
    size_t slots = (size_t)p->used + t->classes + 1;
    size_t at_slots = (pairs + 1) & ~1UL, at_outputs = at_slots + 2 * slots;
    size_t words = at_outputs + 2 * (size_t)t->outputs;
    struct weir_automaton *a;
    uint32_t *word;

    if (sizeof(*a) + words * sizeof(*word) > memory)
        return -E2BIG;
    a = calloc(1, sizeof(*a) + words * sizeof(*word));
    if (!a)
        return -ENOMEM;
    *a = (struct weir_automaton){ .epoch = epoch,
                                  .classes = t->classes,
                                  .slots = (uint32_t)at_slots,
                                  .outputs = (uint32_t)at_outputs,
                                  .words = (uint32_t)words,
                                  .patterns = t->outputs };
    memcpy(a->class_of, t->class_of, sizeof(a->class_of));
    word = (uint32_t *)(a + 1);
    for (size_t i = 0; i < pairs; i++)
        word[i] = state_of(t, t->near[i]);
    write_slots(p, word + at_slots, slots);
    memcpy(word + at_outputs, t->output, t->outputs * sizeof(*t->output));
    *ret = (struct weir_automaton_image){ .automaton = a,
                                          .bytes = sizeof(*a) + words * sizeof(*word) };
    return 0;
}

int weir_automaton_build(const struct weir_pattern_bytes *patterns, size_t n, bool fold,
                         uint32_t epoch, size_t memory, struct weir_automaton_image *ret,
                         struct weir_error *e)
{
    _cleanup_(weir_trie_free) struct weir_trie t = { 0 };
    _cleanup_(
        packing_free) struct packing p = { .t = &t, .room = memory / 8 + 1, .free = PACKING_FIRST };
    int r = weir_trie_build(&t, patterns, n, fold, memory, e);

    if (r < 0)
        return r;
    r = pack(&p, &t);
    if (r == 0)
        r = write_image(&p, epoch, memory, ret);
    if (r == -E2BIG)
        return weir_error_set(e, E2BIG, "%zu patterns do not fit into an automaton of %zu bytes", n,
                              memory);
    return r < 0 ? weir_error_set(e, -r, "no memory to build the automaton") : 0;
}
