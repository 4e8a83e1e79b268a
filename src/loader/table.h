/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The maps of bans and denied prefixes, and batches on their way into them. Within the loader. */

#include "loader/internal.h"

#define WEIR_TABLE_BATCH (WEIR_PREFIX4_SLACK - 1)

enum weir_table_id {
    WEIR_TABLE_BAN4,
    WEIR_TABLE_BAN6,
    WEIR_TABLE_PREFIX4,
    WEIR_TABLE_PREFIX6,
    WEIR_TABLE_MAX
};

/* One of the four maps, and what is on its way into it. */
struct weir_table {
    enum weir_table_id id;
    struct weir_loader *l;
    int fd;
    uint32_t *present; /* its flag in struct weir_control */
    size_t key_bytes;
    size_t n;
    uint8_t *key;           /* of WEIR_TABLE_BATCH entries; NULL until one is added */
    struct weir_ban *value; /* likewise */
};

/* Where an entry for this prefix lives. */
enum weir_table_id weir_table_of(const struct weir_prefix *p);
void weir_table_init(struct weir_table *t, struct weir_loader *l, enum weir_table_id id);
void weir_table_free(struct weir_table *t);
/* Gather an entry; a full batch is written. */
int weir_table_add(struct weir_table *t, const struct weir_prefix *p, const struct weir_ban *ban,
                   struct weir_error *e);
int weir_table_flush(struct weir_table *t, struct weir_error *e);
/* 0 or -errno; -ENOENT: no such entry. Lowers the flag of a table that is empty now. */
int weir_table_remove(struct weir_table *t, const struct weir_prefix *p);

/* Those of n that are there. 0 or -errno. */
int weir_table_remove_all(struct weir_table *t, const struct weir_prefix *p, size_t n);
/* -ENOENT: no such entry. */
int weir_table_read(const struct weir_table *t, const struct weir_prefix *p, struct weir_ban *ret);

void weir_key_make(uint8_t *key, const struct weir_prefix *p, enum weir_table_id id);
void weir_key_read(struct weir_prefix *p, const uint8_t *key, enum weir_table_id id);

/* All four. */
struct weir_tables {
    struct weir_table t[WEIR_TABLE_MAX];
};

void weir_tables_init(struct weir_tables *all, struct weir_loader *l);
int weir_tables_flush(struct weir_tables *all, struct weir_error *e);
void weir_tables_free(struct weir_tables *all);
/* Every entry of a table, or of every table, the holes of the allow list among them. fn must not
 * enter or remove any. */
int weir_table_walk(struct weir_table *t, weir_ban_fn fn, void *arg);
int weir_tables_walk(struct weir_loader *l, weir_ban_fn fn, void *arg);

/* Entries to remove, gathered in a walk. */
struct weir_doomed {
    struct weir_prefix *prefix;
    size_t n;
    size_t size;
};

int weir_doom(struct weir_doomed *d, const struct weir_prefix *prefix);
/* Each from the table where it lives; one that is not there is no error. */
int weir_doomed_remove(struct weir_loader *l, const struct weir_doomed *d);

/* Is exactly p on the deny list? */
bool weir_deny_has(const struct weir_loader *l, const struct weir_prefix *p);
/* In place of the ban that hid it. -ENOENT: nothing hides it. */
int weir_deny_restore(struct weir_loader *l, const struct weir_prefix *p);

int weir_prefix_compare(const void *a, const void *b); /* by address, then length */
/* Sort, and leave out what another one holds; returns how many are left. */
size_t weir_prefixes_disjoint(struct weir_prefix *p, size_t n);
/* Is all of p allowed? */
bool weir_allow_has(const struct weir_loader *l, const struct weir_prefix *p);
/* Allowed prefixes as entries of the prefix tables: longer than what denies around them. */
int weir_allow_holes(const struct weir_loader *l, struct weir_tables *all, struct weir_error *e);
