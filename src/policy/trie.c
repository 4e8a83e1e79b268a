/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/trie.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define SLOT_BYTES 8
#define NEAR_DEPTH 2 /* nodes up to here are found by the last two bytes */

void weir_trie_free(struct weir_trie *t)
{
    free(t->node);
    free(t->edge);
    free(t->output);
    free(t->near);
    *t = (struct weir_trie){ 0 };
}

static uint8_t folded(uint8_t byte, bool fold)
{
    return fold && byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte;
}

/* One class for each byte value that patterns have, and one for all others. */
static void give_classes(struct weir_trie *t, const struct weir_pattern_bytes *patterns, size_t n,
                         bool fold)
{
    bool used[256] = { false };
    int of[256];
    uint32_t other = 0;

    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < patterns[i].len; k++)
            used[folded(patterns[i].data[k], fold)] = true;
    t->classes = 0;
    for (int b = 0; b < 256; b++) {
        of[b] = -1;
        if (used[b])
            of[b] = (int)t->classes++;
    }
    other = t->classes;
    for (int b = 0; b < 256; b++) {
        int class = of[folded((uint8_t)b, fold)];

        t->class_of[b] = (uint8_t)(class < 0 ? (int)other : class);
        if (class < 0)
            t->classes = other + 1;
    }
}

static int no_memory(struct weir_error *e)
{
    return weir_error_set(e, ENOMEM, "no memory to build the automaton");
}

static int too_large(struct weir_error *e, size_t n, size_t memory)
{
    return weir_error_set(e, E2BIG, "%zu patterns do not fit into an automaton of %zu bytes", n,
                          memory);
}

static uint32_t find_child(const struct weir_trie *t, uint32_t node, uint16_t label)
{
    uint32_t at = t->node[node].child;

    while (at && t->node[at].label != label)
        at = t->node[at].sibling;
    return at;
}

static uint32_t add_child(struct weir_trie *t, uint32_t node, uint16_t label)
{
    uint32_t at = t->nodes++;

    t->node[at] = (struct weir_trie_node){ .label = label,
                                           .depth = t->node[node].depth + 1,
                                           .output = WEIR_OUTPUT_NONE,
                                           .sibling = t->node[node].child };
    t->node[node].child = at;
    if (t->node[at].depth > NEAR_DEPTH)
        t->deep++;
    return at;
}

/* Outputs of a node stand in the order of their patterns. */
static void add_output(struct weir_trie *t, uint32_t node, uint32_t pattern)
{
    uint32_t *link = &t->node[node].output;

    while (*link != WEIR_OUTPUT_NONE)
        link = &t->output[*link].next;
    *link = t->outputs;
    t->output[t->outputs++] =
        (struct weir_trie_output){ .pattern = pattern, .next = WEIR_OUTPUT_NONE };
    t->node[node].chain++;
}

static int reserve_nodes(struct weir_trie *t, uint32_t more, size_t *room)
{
    size_t want = *room;
    struct weir_trie_node *node;

    while (want < t->nodes + (size_t)more)
        want = want ? want * 2 : 1024;
    if (want == *room)
        return 0;
    node = reallocarray(t->node, want, sizeof(*node));
    if (!node)
        return -ENOMEM;
    t->node = node;
    *room = want;
    return 0;
}

static int insert(struct weir_trie *t, const struct weir_pattern_bytes *p, uint32_t number,
                  struct weir_error *e)
{
    uint32_t at = 0;

    for (size_t i = 0; i < p->len; i++) {
        uint16_t label = 1 + t->class_of[p->data[i]];
        uint32_t child = find_child(t, at, label);

        at = child ? child : add_child(t, at, label);
    }
    if (t->node[at].chain == WEIR_OUTPUT_CHAIN)
        return weir_error_set(e, EINVAL,
                              "pattern %u: the same bytes as %d patterns before it, at "
                              "most %d may be equal",
                              number, WEIR_OUTPUT_CHAIN, WEIR_OUTPUT_CHAIN);
    add_output(t, at, number);
    return 0;
}

static int insert_all(struct weir_trie *t, const struct weir_pattern_bytes *patterns, size_t n,
                      size_t memory, struct weir_error *e)
{
    size_t room = 0;
    int r;

    if (reserve_nodes(t, 1, &room) < 0)
        return no_memory(e);
    t->node[0] = (struct weir_trie_node){ .output = WEIR_OUTPUT_NONE };
    t->nodes = 1;
    for (size_t i = 0; i < n; i++) {
        if (reserve_nodes(t, WEIR_PATTERN_BYTES_MAX, &room) < 0)
            return no_memory(e);
        r = insert(t, &patterns[i], (uint32_t)i, e);
        if (r < 0)
            return r;
        if (t->deep > t->edges_max)
            return too_large(e, n, memory);
    }
    return 0;
}

static int fill_near(struct weir_trie *t)
{
    t->near = calloc((size_t)(t->classes + 1) * t->classes, sizeof(*t->near));
    if (!t->near)
        return -ENOMEM;
    for (uint32_t one = t->node[0].child; one; one = t->node[one].sibling)
        for (uint32_t label = 0; label <= t->classes; label++)
            *weir_trie_near(t, label, t->node[one].label - 1U) = one;
    for (uint32_t one = t->node[0].child; one; one = t->node[one].sibling)
        for (uint32_t two = t->node[one].child; two; two = t->node[two].sibling)
            *weir_trie_near(t, t->node[one].label, t->node[two].label - 1U) = two;
    return 0;
}

static uint32_t find_edge(const struct weir_trie *t, uint32_t node, uint32_t class)
{
    const struct weir_trie_node *from = &t->node[node];

    for (uint32_t i = 0; i < from->edges; i++)
        if (t->edge[from->edge + i].class == class)
            return t->edge[from->edge + i].target;
    return 0;
}

/* Where a node goes on a byte; its edges, and those of shorter nodes, must be there. */
static uint32_t follow(const struct weir_trie *t, uint32_t node, uint32_t class)
{
    uint32_t near = t->node[node].near, to = find_edge(t, node, class);

    if (!to && near != node)
        to = find_edge(t, near, class);
    return to ? to : *weir_trie_near(t, t->node[node].label, class);
}

static int add_edge(struct weir_trie *t, struct weir_trie_node *node, uint32_t class,
                    uint32_t target)
{
    if (t->edges == t->edges_max)
        return -E2BIG;
    if (t->edges == t->edge_room) {
        size_t want = t->edge_room ? t->edge_room * 2 : 1024;
        struct weir_trie_edge *edge = reallocarray(t->edge, want, sizeof(*edge));

        if (!edge)
            return -ENOMEM;
        t->edge = edge;
        t->edge_room = want;
    }
    t->edge[t->edges++] = (struct weir_trie_edge){ .class = class, .target = target };
    node->edges++;
    return 0;
}

/* A node's own children, and where its longest suffix goes on all other bytes, unless that is short
 * enough to be asked itself. */
static int add_edges(struct weir_trie *t, uint32_t at)
{
    struct weir_trie_node *node = &t->node[at];
    const struct weir_trie_node *fail = &t->node[node->fail];
    bool own[256] = { false };
    int r;

    node->edge = (uint32_t)t->edges;
    if (node->depth < NEAR_DEPTH)
        return 0;
    for (uint32_t child = node->child; child; child = t->node[child].sibling) {
        own[t->node[child].label - 1] = true;
        r = add_edge(t, node, t->node[child].label - 1U, child);
        if (r < 0)
            return r;
    }
    for (uint32_t i = 0; fail->depth > NEAR_DEPTH && i < fail->edges; i++) {
        const struct weir_trie_edge edge = t->edge[fail->edge + i];

        if (own[edge.class])
            continue;
        r = add_edge(t, node, edge.class, edge.target);
        if (r < 0)
            return r;
    }
    return 0;
}

/* The outputs of a node's suffixes are its own as well. */
static int join_outputs(struct weir_trie *t, uint32_t at, struct weir_error *e)
{
    struct weir_trie_node *node = &t->node[at];
    const struct weir_trie_node *fail = &t->node[node->fail];
    uint32_t *link = &node->output;

    if (node->chain + fail->chain > WEIR_OUTPUT_CHAIN)
        return weir_error_set(e, EINVAL, "pattern %u ends with more than %d other patterns",
                              node->output == WEIR_OUTPUT_NONE ? t->output[fail->output].pattern
                                                               : t->output[node->output].pattern,
                              WEIR_OUTPUT_CHAIN - 1);
    while (*link != WEIR_OUTPUT_NONE)
        link = &t->output[*link].next;
    *link = fail->output;
    node->chain += fail->chain;
    return 0;
}

static int visit(struct weir_trie *t, uint32_t at, uint32_t *queue, uint32_t *tail,
                 struct weir_error *e)
{
    int r = at ? join_outputs(t, at, e) : 0;

    if (r < 0)
        return r;
    r = add_edges(t, at);
    if (r < 0)
        return r;
    for (uint32_t child = t->node[at].child; child; child = t->node[child].sibling) {
        uint32_t class = t->node[child].label - 1U;

        t->node[child].fail = at ? follow(t, t->node[at].fail, class) : 0;
        t->node[child].near = *weir_trie_near(t, t->node[at].label, class);
        queue[(*tail)++] = child;
    }
    return 0;
}

/* Nodes by rising depth: a suffix is done before what ends with it. */
static int connect(struct weir_trie *t, size_t n, size_t memory, struct weir_error *e)
{
    _cleanup_free_ uint32_t *queue = calloc(t->nodes, sizeof(*queue));
    uint32_t tail = 1;
    int r = 0;

    if (!queue || fill_near(t) < 0)
        return no_memory(e);
    for (uint32_t head = 0; head < tail && r == 0; head++)
        r = visit(t, queue[head], queue, &tail, e);
    if (r == -ENOMEM)
        return no_memory(e);
    return r == -E2BIG ? too_large(e, n, memory) : r;
}

int weir_trie_build(struct weir_trie *t, const struct weir_pattern_bytes *patterns, size_t n,
                    bool fold, size_t memory, struct weir_error *e)
{
    int r;

    if (!n || n > WEIR_PATTERNS_MAX)
        return weir_error_set(e, EINVAL, "%zu patterns: an automaton is of 1 to %d", n,
                              WEIR_PATTERNS_MAX);
    for (size_t i = 0; i < n; i++)
        if (!patterns[i].len || patterns[i].len > WEIR_PATTERN_BYTES_MAX)
            return weir_error_set(e, EINVAL, "pattern %zu has %zu bytes, may have 1 to %d", i,
                                  patterns[i].len, WEIR_PATTERN_BYTES_MAX);
    t->edges_max = memory / SLOT_BYTES;
    t->output = calloc(n, sizeof(*t->output));
    if (!t->output)
        return no_memory(e);
    give_classes(t, patterns, n, fold);
    r = insert_all(t, patterns, n, memory, e);
    return r < 0 ? r : connect(t, n, memory, e);
}
