/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What automaton.c builds in between: the trie of all patterns, and of each node the transitions
 * that do not follow from the last two bytes alone, as abi/automaton.h says. */

#include "policy/automaton.h"

struct weir_trie_node {
    uint32_t child;   /* first; 0: none, as the root is nobody's child */
    uint32_t sibling; /* next child of the parent */
    uint32_t fail;    /* node of the longest proper suffix */
    uint32_t near;    /* node of the longest suffix of at most two bytes */
    uint32_t output;  /* first, WEIR_OUTPUT_NONE without */
    uint32_t edge;    /* first of the node's in edge[] */
    uint32_t base;    /* given by packing */
    uint16_t edges;
    uint16_t label; /* 1 + class of the last byte */
    uint8_t depth;
    uint8_t chain; /* length of the list of outputs */
    uint16_t _pad;
};

struct weir_trie_edge {
    uint32_t class;
    uint32_t target; /* node */
};

struct weir_trie_output {
    uint32_t pattern;
    uint32_t next;
};

struct weir_trie {
    uint8_t class_of[256];
    uint32_t classes;
    struct weir_trie_node *node; /* the root is 0 */
    uint32_t nodes;
    uint32_t deep; /* nodes deeper than two: each takes a slot at least */
    struct weir_trie_edge *edge;
    size_t edges;
    size_t edge_room;
    size_t edges_max; /* by the memory that the image may take */
    struct weir_trie_output *output;
    uint32_t outputs;
    uint32_t *near; /* node by label and class: the longest suffix of at most two bytes */
};

void weir_trie_free(struct weir_trie *t); /* also for _cleanup_ */
/* memory: bytes that the image may take. */
int weir_trie_build(struct weir_trie *t, const struct weir_pattern_bytes *patterns, size_t n,
                    bool fold, size_t memory, struct weir_error *e);

/* A row of near[] has the size of classes whatever the label. */
static inline uint32_t *weir_trie_near(const struct weir_trie *t, uint32_t label, uint32_t class)
{
    return &t->near[(size_t)label * t->classes + class];
}
