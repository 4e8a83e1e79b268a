/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* `weir top`: two answers of the daemon, a second apart, become tables of rates. A table is a view:
 * a row of top_views.c and a function. What fills the screen, a pipe or a JSON line reads the same
 * tables. */

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/buf.h"

enum weir_top_sort {
    WEIR_TOP_BY_RATE,
    WEIR_TOP_BY_TOTAL,
    WEIR_TOP_BY_NAME,
    WEIR_TOP_SORTS,
};

struct weir_top {
    json_t *now;    /* owned; the newest answer */
    json_t *before; /* owned; the one before it, NULL at first */
    enum weir_top_sort sort;
};

enum weir_top_kind {
    WEIR_TOP_TEXT,
    WEIR_TOP_RATE,    /* a second */
    WEIR_TOP_COUNT,   /* in all */
    WEIR_TOP_SECONDS, /* empty when it is not there, as the next */
    WEIR_TOP_MILLISECONDS,
};

struct weir_top_column {
    const char *key; /* of the row's object */
    const char *heading;
    int width; /* 0: the last column takes what is left */
    enum weir_top_kind kind;
};

struct weir_top_view {
    const char *name;
    const struct weir_top_column *columns; /* ends with key NULL */
    const char *name_key;                  /* to sort by; NULL: rows stay in their order */
    const char *rate_key;
    const char *total_key;
    /* An array of objects, owned by the caller; NULL when memory ends. */
    json_t *(*rows)(const struct weir_top *t);
    /* How many of them there are in all, when the daemon sends only the first; NULL: all are here.
     */
    size_t (*of)(const struct weir_top *t);
};

/* top_views.c. Ends with name NULL. */
extern const struct weir_top_view weir_top_views[];
/* Seconds between the two answers; 0 with one. */
double weir_top_seconds(const struct weir_top *t);

/* Take an answer over. */
void weir_top_push(struct weir_top *t, json_t *reply);
void weir_top_free(struct weir_top *t);

/* top_table.c. Rows of the view in the order of t->sort; owned. */
json_t *weir_top_rows(const struct weir_top *t, const struct weir_top_view *v);
/* Heading and at most max_rows rows, each a line of at most `width` characters (0: any); a line
 * says how many more there are. Nothing but printable ASCII. Returns the number of lines. */
size_t weir_top_table(const struct weir_top *t, const struct weir_top_view *v, size_t max_rows,
                      size_t width, struct weir_buf *out);
/* "weir top  observe  eth0 ...": one line. */
void weir_top_title(const struct weir_top *t, size_t width, struct weir_buf *out);
/* All views in one object. NULL when memory ends. */
json_t *weir_top_json(const struct weir_top *t);

/* top_screen.c: the terminal, until the user ends it. next() fetches an answer into t (an exit
 * status ends it). -ENOTTY: the terminal cannot be used, nothing was drawn. Else an exit status. */
int weir_top_screen(struct weir_top *t, int (*next)(struct weir_top *t, void *arg), void *arg);
