/* SPDX-License-Identifier: Apache-2.0 */

/* Settings for people and programs: every key, its value, and where that comes from. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "policy/default.h"
#include "policy/schema.h"

#define PATH_TEXT 256

struct list {
    const char *v;
    size_t n;
};

/* One value on its way out. node: where it was written; NULL: it is a default. */
struct walk {
    void (*fn)(struct walk *w, const struct weir_key *row, const char *value,
               const struct weir_node *node);
    const struct weir_settings *s;
    struct weir_buf *out;
    struct weir_json *j;
    char path[PATH_TEXT];
    size_t len;
};

static void row_walk(struct walk *w, const struct weir_key *row, const struct weir_node *n,
                     const void *base);

/* Behind the path, to be taken away by setting w->len back. */
static void path_add(struct walk *w, const char *between, const char *name)
{
    int n = snprintf(w->path + w->len, PATH_TEXT - w->len, "%s%s", between, name);

    w->len += (size_t)n;
    if (w->len >= PATH_TEXT)
        w->len = PATH_TEXT - 1;
}

/* n: the mapping, or the value that an element was written as in short. */
static void map_walk(struct walk *w, const struct weir_key *item, const char *schema,
                     const struct weir_node *n, const void *base)
{
    bool shorthand = n && n->kind == WEIR_NODE_SCALAR;

    for (size_t i = 0; i < weir_keys_n; i++) {
        const struct weir_key *row = &weir_keys[i];
        const char *dot = strrchr(row->path, '.'), *name = dot ? dot + 1 : row->path;
        const struct weir_node *value = NULL;
        size_t before = w->len;

        if (!weir_key_is_below(row, schema))
            continue;
        if (shorthand && item && item->shorthand && !strcmp(name, item->shorthand))
            value = n;
        else if (n && !shorthand)
            value = weir_node_get(n, name);
        path_add(w, w->len ? "." : "", name);
        row_walk(w, row, value, base);
        w->len = before;
    }
}

static void list_walk(struct walk *w, const struct weir_key *row, const struct weir_node *n,
                      const struct list *list)
{
    bool dict = row->type == WEIR_KEY_DICT;
    const struct weir_key *item = weir_key_find(row->path, dict ? "*" : "[]");
    const struct weir_node *c = n ? n->child : NULL;
    const char *element = list->v;

    if (!list->n)
        w->fn(w, row, "", n);
    for (size_t i = 0; i < list->n; i++, element += item->size, c = c ? c->next : NULL) {
        const struct weir_detection_setting *d = (const void *)element;
        size_t before = w->len;
        char value[WEIR_EXPECTED_TEXT];

        (void)snprintf(value, sizeof(value), "%zu", i);
        path_add(w, dict ? "." : "[", dict ? weir_row_name((unsigned)d->row) : value);
        if (!dict)
            path_add(w, "]", "");
        if (item->type == WEIR_KEY_MAP)
            map_walk(w, item, item->path, c, element);
        else
            w->fn(w, item, weir_key_format(item, element + item->offset, value), c);
        w->len = before;
    }
}

static void row_walk(struct walk *w, const struct weir_key *row, const struct weir_node *n,
                     const void *base)
{
    const char *field = (const char *)base + row->offset;
    char value[WEIR_EXPECTED_TEXT];

    if (row->type == WEIR_KEY_MAP)
        map_walk(w, NULL, row->path, n, base);
    else if (row->type == WEIR_KEY_LIST || row->type == WEIR_KEY_DICT)
        list_walk(w, row, n, (const struct list *)(const void *)field);
    else
        w->fn(w, row, weir_key_format(row, field, value), n);
}

static void line_show(struct walk *w, const struct weir_key *row, const char *value,
                      const struct weir_node *n)
{
    size_t from = w->out->len;

    weir_buf_addf(w->out, "%.*s: ", (int)w->len, w->path);
    weir_buf_add_str(w->out, *value ? value : row->without ? row->without : "none");
    do
        weir_buf_add_char(w->out, ' ');
    while (!w->out->failed && w->out->len - from < 48);
    if (n)
        weir_buf_addf(w->out, "# %s:%u:%u\n", w->s->bundle.file[0].name, n->at.line, n->at.column);
    else
        weir_buf_add_str(w->out, "# default\n");
}

static void counts_show(const char *name, size_t n, struct weir_buf *out)
{
    if (n)
        weir_buf_addf(out, "# %s: %zu prefixes\n", name, n);
}

void weir_settings_show(const struct weir_settings *s, struct weir_buf *out)
{
    struct walk w = { .fn = line_show, .s = s, .out = out };

    map_walk(&w, NULL, "", s->root, s);
    counts_show("allow", s->allowed.n, out);
    counts_show("deny", s->denied.n, out);
    counts_show("protect", s->protected.n, out);
}

static void member_show(struct walk *w, const struct weir_key *row, const char *value,
                        const struct weir_node *n)
{
    (void)row;
    weir_json_object(w->j, NULL);
    weir_json_strn(w->j, "key", w->path, w->len);
    if (*value)
        weir_json_str(w->j, "value", value);
    if (n) {
        weir_json_str(w->j, "file", w->s->bundle.file[0].name);
        weir_json_u64(w->j, "line", n->at.line);
        weir_json_u64(w->j, "column", n->at.column);
    }
    weir_json_bool(w->j, "default", !n);
    weir_json_object_end(w->j);
}

void weir_settings_json(const struct weir_settings *s, struct weir_json *j)
{
    struct walk w = { .fn = member_show, .s = s, .j = j };

    weir_json_array(j, "keys");
    map_walk(&w, NULL, "", s->root, s);
    weir_json_array_end(j);
    weir_json_u64(j, "allowed", s->allowed.n);
    weir_json_u64(j, "denied", s->denied.n);
    weir_json_u64(j, "protected", s->protected.n);
}

static void choices_explain(struct weir_buf *out)
{
    enum {
        NO,
        YES
    };
    static const struct {
        const char *name;
        bool policy;
        const char *meaning;
    } actions[] = {
#define ACTION(NAME, name, drops, policy, meaning) { name, policy, meaning },
#include "abi/actions.def"
#undef ACTION
    };

    weir_buf_add_str(out, "\n| action | what it does |\n|---|---|\n");
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
        if (actions[i].policy)
            weir_buf_addf(out, "| `%s` | %s |\n", actions[i].name, actions[i].meaning);
}

void weir_settings_reference(struct weir_buf *out)
{
    weir_buf_add_str(out, "| key | value | without it | meaning |\n|---|---|---|---|\n");
    for (size_t i = 0; i < weir_keys_n; i++) {
        const struct weir_key *row = &weir_keys[i];
        char expected[WEIR_EXPECTED_TEXT];

        weir_buf_addf(out, "| `%s` | %s | ", row->path, weir_key_expected(row, expected));
        if (row->required)
            weir_buf_add_str(out, "an error");
        else if (row->initial)
            weir_buf_addf(out, "`%s`", row->initial);
        else
            weir_buf_add_str(out, row->without ? row->without : "-");
        weir_buf_addf(out, " | %s%s%s%s |\n", row->doc,
                      row->shorthand ? "; a lone value is its `" : "",
                      row->shorthand ? row->shorthand : "", row->shorthand ? "`" : "");
    }
    choices_explain(out);
}

void weir_settings_reference_json(struct weir_json *j)
{
    weir_json_array(j, "keys");
    for (size_t i = 0; i < weir_keys_n; i++) {
        const struct weir_key *row = &weir_keys[i];
        char expected[WEIR_EXPECTED_TEXT];

        weir_json_object(j, NULL);
        weir_json_str(j, "key", row->path);
        weir_json_str(j, "value", weir_key_expected(row, expected));
        weir_json_bool(j, "required", row->required);
        if (row->initial)
            weir_json_str(j, "default", row->initial);
        else if (row->without)
            weir_json_str(j, "without", row->without);
        if (row->shorthand)
            weir_json_str(j, "shorthand", row->shorthand);
        weir_json_str(j, "meaning", row->doc);
        weir_json_object_end(j);
    }
    weir_json_array_end(j);
}

/* A list's name is relative to the policy: shown as it can be opened. */
static void fault_name(const struct weir_fault *fault, const struct weir_bundle *b,
                       struct weir_buf *out)
{
    const char *name = b->file[fault->at.file].name, *first = b->file[0].name;
    const char *slash = strrchr(first, '/');

    if (fault->at.file && *name != '/' && slash)
        weir_buf_add(out, first, (size_t)(slash - first) + 1);
    weir_buf_add_str(out, name);
}

void weir_faults_write(const struct weir_faults *f, const struct weir_bundle *b,
                       struct weir_buf *out)
{
    for (size_t i = 0; i < f->n; i++) {
        fault_name(&f->v[i], b, out);
        weir_buf_addf(out, ":%u:", f->v[i].at.line);
        if (f->v[i].at.column)
            weir_buf_addf(out, "%u:", f->v[i].at.column);
        weir_buf_addf(out, " %s\n", f->v[i].text);
    }
    if (f->more)
        weir_buf_addf(out, "%zu more\n", f->more);
}

void weir_faults_json(const struct weir_faults *f, const struct weir_bundle *b, struct weir_json *j)
{
    weir_json_array(j, "errors");
    for (size_t i = 0; i < f->n; i++) {
        struct weir_buf name = { 0 };

        fault_name(&f->v[i], b, &name);
        weir_json_object(j, NULL);
        weir_json_strn(j, "file", name.data, name.len);
        weir_json_u64(j, "line", f->v[i].at.line);
        if (f->v[i].at.column)
            weir_json_u64(j, "column", f->v[i].at.column);
        weir_json_str(j, "text", f->v[i].text);
        weir_json_object_end(j);
        weir_buf_free(&name);
    }
    weir_json_array_end(j);
    weir_json_u64(j, "more", f->more);
}
