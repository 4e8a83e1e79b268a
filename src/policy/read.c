/* SPDX-License-Identifier: Apache-2.0 */

/* A tree and the table make settings. One walk, driven by the table; nothing in it knows a key. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/word.h"
#include "policy/default.h"
#include "policy/patterns.h"
#include "policy/read.h"
#include "policy/tls.h"

/* Layout of every WEIR_LIST. */
struct list {
    void *v;
    size_t n;
};

static void value_read(struct weir_read *r, const struct weir_key *row, const struct weir_node *n,
                       void *base);

static size_t path_push(struct weir_read *r, const char *format, const char *name, size_t index)
{
    size_t before = r->path_len;
    int n;

    if (name)
        n = snprintf(r->path + before, WEIR_PATH_TEXT - before, format, before ? "." : "", name);
    else
        n = snprintf(r->path + before, WEIR_PATH_TEXT - before, "[%zu]", index);
    r->path_len += (size_t)n;
    if (r->path_len >= WEIR_PATH_TEXT)
        r->path_len = WEIR_PATH_TEXT - 1;
    return before;
}

static void path_pop(struct weir_read *r, size_t before)
{
    r->path_len = before;
    r->path[before] = '\0';
}

/* "PATH: VALUE: expected ..."; lists and mappings are named as such. */
static void misfit(struct weir_read *r, const struct weir_key *row, const struct weir_node *n)
{
    char expected[WEIR_EXPECTED_TEXT], shown[WEIR_QUOTE_TEXT];
    const char *value = n->kind == WEIR_NODE_MAPPING ? "a mapping" : "a list";

    if (n->kind == WEIR_NODE_SCALAR)
        value = *n->text ? weir_quote(n->text, shown) : n->plain ? "nothing" : "\"\"";
    weir_faults_add(r->faults, n->at, "%s: %s: expected %s", *r->path ? r->path : "policy", value,
                    weir_key_expected(row, expected));
}

static void scalar_read(struct weir_read *r, const struct weir_key *row, const struct weir_node *n,
                        void *field)
{
    if (!n) {
        (void)weir_scalar_read(&r->s->arena, row, row->initial, field);
    } else if (n->kind != WEIR_NODE_SCALAR || weir_node_is_empty(n) ||
               !weir_scalar_read(&r->s->arena, row, n->text, field)) {
        (void)weir_scalar_read(&r->s->arena, row, NULL, field);
        misfit(r, row, n);
    }
}

/* The last word of a row's path. */
static const char *row_name(const struct weir_key *row)
{
    const char *dot = strrchr(row->path, '.');

    return dot ? dot + 1 : row->path;
}

static void key_unknown(struct weir_read *r, const char *path, const struct weir_node *n)
{
    struct weir_word_guess guess = { .word = n->key };
    char shown[WEIR_QUOTE_TEXT];

    for (size_t i = 0; i < weir_keys_n; i++)
        if (weir_key_is_below(&weir_keys[i], path))
            weir_word_try(&guess, row_name(&weir_keys[i]));
    weir_faults_add(r->faults, n->key_at, "%s%s%s: no such key%s%s%s", r->path,
                    r->path_len ? "." : "", weir_quote(n->key, shown),
                    guess.meant ? "; did you mean " : "", guess.meant ? guess.meant : "",
                    guess.meant ? "?" : "; `weir policy keys` lists them");
}

static const struct weir_key *row_below(const char *path, const char *key)
{
    for (size_t i = 0; i < weir_keys_n; i++)
        if (weir_key_is_below(&weir_keys[i], path) && !strcmp(row_name(&weir_keys[i]), key))
            return &weir_keys[i];
    return NULL;
}

/* A key of a mapping; n NULL: left out. at: of the mapping. */
static void key_read(struct weir_read *r, const struct weir_key *row, const struct weir_node *n,
                     const struct weir_node *mapping, void *base)
{
    size_t before = path_push(r, "%s%s", row_name(row), 0);
    char expected[WEIR_EXPECTED_TEXT];

    if (!n && mapping && row->required)
        weir_faults_add(r->faults, mapping->at, "%s: is missing; expected %s", r->path,
                        weir_key_expected(row, expected));
    value_read(r, row, n, base);
    path_pop(r, before);
}

/* All keys of the mapping at path. n NULL: it was left out, and its keys take their defaults. */
static void map_read(struct weir_read *r, const char *path, const struct weir_node *n, void *base)
{
    for (const struct weir_node *c = n ? n->child : NULL; c; c = c->next)
        if (!row_below(path, c->key))
            key_unknown(r, path, c);
    for (size_t i = 0; i < weir_keys_n; i++) {
        const struct weir_key *row = &weir_keys[i];

        if (weir_key_is_below(row, path))
            key_read(r, row, weir_node_get(n, row_name(row)), n, base);
    }
}

/* An element that is written as the one value that matters. */
static void shorthand_read(struct weir_read *r, const struct weir_key *item,
                           const struct weir_node *n, void *element)
{
    for (size_t i = 0; i < weir_keys_n; i++) {
        const struct weir_key *row = &weir_keys[i];

        if (weir_key_is_below(row, item->path))
            value_read(r, row, strcmp(row_name(row), item->shorthand) != 0 ? NULL : n, element);
    }
}

static void element_read(struct weir_read *r, const struct weir_key *item,
                         const struct weir_node *n, void *element)
{
    *(struct weir_place *)element = n->at;
    if (item->type != WEIR_KEY_MAP)
        scalar_read(r, item, n, (char *)element + item->offset);
    else if (n->kind == WEIR_NODE_MAPPING)
        map_read(r, item->path, n, element);
    else if (n->kind == WEIR_NODE_SCALAR && item->shorthand && !weir_node_is_empty(n))
        shorthand_read(r, item, n, element);
    else
        misfit(r, item, n);
}

static void *elements_get(struct weir_read *r, struct list *list, const struct weir_key *item,
                          size_t n)
{
    list->v = n ? weir_arena_get(&r->s->arena, n * item->size) : NULL;
    if (n && !list->v)
        r->no_memory = true;
    return list->v;
}

/* The default of a list: its elements parted by blanks. */
static void list_default(struct weir_read *r, const struct weir_key *row,
                         const struct weir_key *item, struct list *list)
{
    size_t words = 0;
    char *element;

    for (const char *at = row->initial; at && *at; at += strspn(at, " "), words++)
        at += strcspn(at, " ");
    element = elements_get(r, list, item, words);
    for (const char *at = row->initial; element && list->n < words; element += item->size) {
        size_t len = strcspn(at, " ");
        const char *word = weir_arena_text(&r->s->arena, at, len);

        if (!word || !weir_scalar_read(&r->s->arena, item, word, element + item->offset)) {
            r->no_memory = true;
            return;
        }
        list->n++;
        at += len + strspn(at + len, " ");
    }
}

static void list_read(struct weir_read *r, const struct weir_key *row, const struct weir_node *n,
                      struct list *list)
{
    const struct weir_key *item = weir_key_find(row->path, "[]");
    char *element;

    if (!n)
        list_default(r, row, item, list);
    if (!n || (weir_node_is_empty(n) && !row->min))
        return;
    if (n->kind != WEIR_NODE_SEQUENCE || n->children < row->min || n->children > row->max) {
        misfit(r, row, n);
        return;
    }
    element = elements_get(r, list, item, n->children);
    for (const struct weir_node *c = n->child; c && element; c = c->next, element += item->size) {
        size_t before = path_push(r, NULL, NULL, list->n);

        element_read(r, item, c, element);
        list->n++;
        path_pop(r, before);
    }
}

static unsigned detection_row(struct weir_read *r, const struct weir_node *n)
{
    struct weir_word_guess guess = { .word = n->key };
    char shown[WEIR_QUOTE_TEXT];

    for (unsigned row = 0; row < WEIR_ROW_MAX; row++) {
        if (!strcmp(weir_row_name(row), n->key))
            return row;
        weir_word_try(&guess, weir_row_name(row));
    }
    weir_faults_add(r->faults, n->key_at, "%s.%s: no such detection%s%s%s", r->path,
                    weir_quote(n->key, shown), guess.meant ? "; did you mean " : "",
                    guess.meant ? guess.meant : "",
                    guess.meant ? "?" : "; docs/detections.md lists them");
    return WEIR_ROW_MAX;
}

static void dict_read(struct weir_read *r, const struct weir_key *row, const struct weir_node *n,
                      struct list *list)
{
    const struct weir_key *item = weir_key_find(row->path, "*");
    char *element;

    if (!n || weir_node_is_empty(n))
        return;
    if (n->kind != WEIR_NODE_MAPPING) {
        misfit(r, row, n);
        return;
    }
    element = elements_get(r, list, item, n->children);
    for (const struct weir_node *c = n->child; c && element; c = c->next, element += item->size) {
        struct weir_detection_setting *d = (struct weir_detection_setting *)(void *)element;
        unsigned detection = detection_row(r, c);
        char shown[WEIR_QUOTE_TEXT];
        size_t before = path_push(r, "%s%s", weir_quote(c->key, shown), 0);

        element_read(r, item, c, element);
        d->at = c->key_at;
        d->row = detection;
        list->n++;
        path_pop(r, before);
    }
}

static void value_read(struct weir_read *r, const struct weir_key *row, const struct weir_node *n,
                       void *base)
{
    void *field = (char *)base + row->offset;

    switch (row->type) {
    case WEIR_KEY_LIST:
        list_read(r, row, n, field);
        break;
    case WEIR_KEY_DICT:
        dict_read(r, row, n, field);
        break;
    case WEIR_KEY_MAP:
        if (n && n->kind != WEIR_NODE_MAPPING && !weir_node_is_empty(n))
            misfit(r, row, n);
        map_read(r, row->path, n && n->kind == WEIR_NODE_MAPPING ? n : NULL, base);
        break;
    default:
        scalar_read(r, row, n, field);
    }
}

static int root_read(struct weir_settings *s, struct weir_faults *f)
{
    static const struct weir_key root = { .path = "", .type = WEIR_KEY_MAP };
    struct weir_read r = { .s = s, .faults = f };

    if (s->root && s->root->kind != WEIR_NODE_MAPPING && !weir_node_is_empty(s->root)) {
        misfit(&r, &root, s->root);
        return -EBADMSG;
    }
    map_read(&r, "", s->root && s->root->kind == WEIR_NODE_MAPPING ? s->root : NULL, s);
    return r.no_memory ? -ENOMEM : 0;
}

int weir_settings_default(struct weir_settings **ret)
{
    struct weir_settings *s = calloc(1, sizeof(*s));
    struct weir_faults none = { 0 };
    int r = s ? root_read(s, &none) : -ENOMEM;

    if (r < 0) {
        weir_settings_free(s);
        return r;
    }
    *ret = s;
    return 0;
}

static int settings_fill(struct weir_settings *s, struct weir_faults *f)
{
    int r;

    s->root = weir_yaml_parse(s->bundle.file[0].text, s->bundle.file[0].len, &s->arena, f);
    r = s->root ? root_read(s, f) : f->n ? -EBADMSG : -ENOMEM;
    if (r < 0)
        return r;
    weir_settings_check(s, f);
    weir_tls_check(s, f);
    r = weir_listed_read(s, f);
    if (r == 0)
        r = weir_patterns_read(s, f);
    return r < 0 ? r : f->n ? -EBADMSG : 0;
}

int weir_settings_read(struct weir_bundle *b, struct weir_settings **ret, struct weir_faults *f)
{
    struct weir_settings *s = calloc(1, sizeof(*s));
    int r = -ENOMEM;

    *f = (struct weir_faults){ 0 };
    if (s) {
        s->bundle = *b;
        *b = (struct weir_bundle){ 0 };
        r = settings_fill(s, f);
    }
    weir_faults_sort(f);
    if (r == 0) {
        *ret = s;
        return 0;
    }
    if (s) {
        *b = s->bundle;
        s->bundle = (struct weir_bundle){ 0 };
    }
    weir_settings_free(s);
    return r;
}

void weir_settings_free(struct weir_settings *s)
{
    if (!s)
        return;
    free(s->allowed.v);
    free(s->denied.v);
    free(s->protected.v);
    weir_bundle_free(&s->bundle);
    weir_arena_free(&s->arena);
    free(s);
}

void weir_settings_freep(struct weir_settings **s)
{
    weir_settings_free(*s);
}

bool weir_settings_states(const struct weir_settings *s, const char *key)
{
    return s->root && weir_node_get(s->root, key);
}
