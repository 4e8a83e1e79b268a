/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* IPv4 prefixes: the entries and the trie that packets find them by (abi/prefix.h), and beside
 * them, in the loader alone, the sorted list that both are made from. Within the loader. */

#include "abi/prefix.h"
#include "loader/loader.h"
#include "loader/pool.h"

struct weir_trie_item {
    uint32_t addr; /* host order, masked */
    uint32_t bits;
    uint32_t entry; /* its number */
};

struct weir_trie_list {
    struct weir_trie_item
        *v; /* by address, then length: what covers comes before what is covered */
    size_t n;
    size_t size;
    size_t of_length[33];
};

/* A /16, which a slot of the first nodes stands for: it is built as a whole. */
#define WEIR_TRIE_BLOCK_BITS (WEIR_TRIE_ROOT_BITS + WEIR_TRIE_BITS)
#define WEIR_TRIE_BLOCKS (1U << WEIR_TRIE_BLOCK_BITS)

/* Sizes of the maps for so many prefixes; 0 for 0. */
static inline uint32_t weir_trie_entries(uint32_t prefixes)
{
    return prefixes ? WEIR_PREFIX4_SLACK + prefixes : 0;
}

static inline uint32_t weir_trie_nodes(uint32_t prefixes)
{
    return prefixes ? WEIR_TRIE_ROOTS + WEIR_TRIE_SLACK + 2 * prefixes : 0;
}

struct weir_trie {
    struct weir_prefix4_entry *entry; /* mapped */
    struct weir_trie_node *node;      /* mapped */
    size_t entry_bytes;
    size_t node_bytes;
    struct weir_pool entries;
    struct weir_pool nodes;
    struct weir_trie_list list;
    size_t limit;  /* prefixes */
    uint32_t room; /* nodes that may be in use */
    uint32_t used;
    uint16_t need[WEIR_TRIE_BLOCKS]; /* nodes in use, by block */
    uint8_t dirty[WEIR_TRIE_BLOCKS]; /* to be built anew */
};

/* trie_list.c */
uint32_t weir_trie_mask(uint32_t bits);
int weir_trie_compare(const void *a, const void *b);
/* First item that does not come before. */
size_t weir_trie_seek(const struct weir_trie_list *l, uint32_t addr, uint32_t bits);
struct weir_trie_item *weir_trie_find(const struct weir_trie_list *l, uint32_t addr, uint32_t bits);
/* Entry of the longest prefix of at most so many bits that covers addr; 0 for none. */
uint32_t weir_trie_cover(const struct weir_trie_list *l, uint32_t addr, int bits);
/* Sorted items, none of them in the list. -ENOMEM: the list is as it was. */
int weir_trie_merge(struct weir_trie_list *l, const struct weir_trie_item *items, size_t n);
/* Leave out items whose entry is 0. */
void weir_trie_compact(struct weir_trie_list *l);

/* trie_build.c */
/* Is there room for the list, in which the blocks of these items have changed? */
bool weir_trie_fits(struct weir_trie *t, const struct weir_trie_item *changed, size_t n);
/* Make nodes and links say what the list says, which fits. */
void weir_trie_update(struct weir_trie *t, const struct weir_trie_item *changed, size_t n);

/* trie_open.c; l->skel is loaded. */
int weir_trie_open(struct weir_loader *l, struct weir_error *e);
void weir_trie_close(struct weir_loader *l);
/* trie.c */
/* Enter or replace all of them, or none: -E2BIG when there is no room. */
int weir_trie_set(struct weir_loader *l, const struct weir_prefix4 *keys,
                  const struct weir_ban *values, size_t n);
/* Returns how many of them there were, or -errno. */
int weir_trie_remove(struct weir_loader *l, const struct weir_prefix4 *keys, size_t n);
/* -ENOENT: no such entry. */
int weir_trie_read(struct weir_loader *l, const struct weir_prefix4 *key, struct weir_ban *ret);
/* As weir_bans_each(); fn must not remove or enter prefixes. */
int weir_trie_each(struct weir_loader *l, weir_ban_fn fn, void *arg);
