/* SPDX-License-Identifier: Apache-2.0 */

/* libyaml's events to a tree, iteratively: depth is a number here, not a stack. */

#include <string.h>
#include <yaml.h>

#include "policy/node.h"

struct reader {
    yaml_parser_t yaml;
    struct weir_arena *arena;
    struct weir_faults *faults;
    struct weir_node *open[WEIR_YAML_DEPTH];
    struct weir_node *last[WEIR_YAML_DEPTH]; /* child of each */
    size_t depth;
    size_t nodes;
    struct weir_node *root;
    const char *key; /* that waits for its value */
    struct weir_place key_at;
};

static struct weir_place place_of(const yaml_mark_t *mark)
{
    return (struct weir_place){ 0, (uint32_t)mark->line + 1, (uint32_t)mark->column + 1 };
}

static bool refuse(struct reader *r, const yaml_event_t *ev, const char *what)
{
    weir_faults_add(r->faults, place_of(&ev->start_mark), "%s", what);
    return false;
}

static struct weir_node *parent_of(const struct reader *r)
{
    return r->depth ? r->open[r->depth - 1] : NULL;
}

/* The place of a byte: libyaml gives no more for bytes that are no text. */
static struct weir_place place_of_offset(const char *text, size_t len, size_t offset)
{
    struct weir_place at = { 0, 1, 1 };

    for (size_t i = 0; i < offset && i < len; i++) {
        at.column++;
        if (text[i] == '\n')
            at = (struct weir_place){ 0, at.line + 1, 1 };
    }
    return at;
}

static void yaml_fault(struct reader *r, const char *text, size_t len)
{
    const yaml_parser_t *y = &r->yaml;
    struct weir_place at = place_of(&y->problem_mark);

    if (y->error == YAML_READER_ERROR)
        at = place_of_offset(text, len, y->problem_offset);
    weir_faults_add(r->faults, at, "YAML: %s%s%s", y->problem ? y->problem : "unreadable",
                    y->context ? ", " : "", y->context ? y->context : "");
}

static struct weir_node *node_add(struct reader *r, const yaml_event_t *ev,
                                  enum weir_node_kind kind)
{
    struct weir_node *n = weir_arena_get(r->arena, sizeof(*n)), *parent = parent_of(r);

    if (!n || ++r->nodes > WEIR_YAML_NODES) {
        (void)refuse(r, ev, n ? "more than 200000 values; put long lists into files" : "no memory");
        return NULL;
    }
    n->kind = kind;
    n->at = place_of(&ev->start_mark);
    if (!parent) {
        r->root = n;
        return n;
    }
    n->key = r->key;
    n->key_at = r->key_at;
    r->key = NULL;
    if (r->last[r->depth - 1])
        r->last[r->depth - 1]->next = n;
    else
        parent->child = n;
    r->last[r->depth - 1] = n;
    parent->children++;
    return n;
}

static bool key_add(struct reader *r, const yaml_event_t *ev, const struct weir_node *mapping)
{
    const struct weir_node *before;
    const char *key = (const char *)ev->data.scalar.value;
    char shown[WEIR_QUOTE_TEXT];

    before = weir_node_get(mapping, key);
    r->key_at = place_of(&ev->start_mark);
    if (before)
        weir_faults_add(r->faults, r->key_at, "%s: given twice, first on line %u",
                        weir_quote(key, shown), before->key_at.line);
    if (mapping->children == WEIR_YAML_KEYS)
        return refuse(r, ev, "more than 1024 keys in one mapping");
    r->key = weir_arena_text(r->arena, key, ev->data.scalar.length);
    return r->key || refuse(r, ev, "no memory");
}

static bool on_scalar(struct reader *r, const yaml_event_t *ev)
{
    const struct weir_node *parent = parent_of(r);
    struct weir_node *n;

    if (ev->data.scalar.anchor)
        return refuse(r, ev, "anchors (&name) are not supported: write the value out");
    if (ev->data.scalar.tag)
        return refuse(r, ev, "tags (!name) are not supported");
    if (memchr(ev->data.scalar.value, '\0', ev->data.scalar.length))
        return refuse(r, ev, "a text with a zero byte in it");
    if (parent && parent->kind == WEIR_NODE_MAPPING && !r->key)
        return key_add(r, ev, parent);
    n = node_add(r, ev, WEIR_NODE_SCALAR);
    if (!n)
        return false;
    n->plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    n->text =
        weir_arena_text(r->arena, (const char *)ev->data.scalar.value, ev->data.scalar.length);
    return n->text || refuse(r, ev, "no memory");
}

static bool on_open(struct reader *r, const yaml_event_t *ev, enum weir_node_kind kind,
                    const void *anchor, const void *tag)
{
    const struct weir_node *parent = parent_of(r);
    struct weir_node *n;

    if (anchor)
        return refuse(r, ev, "anchors (&name) are not supported: write the value out");
    if (tag)
        return refuse(r, ev, "tags (!name) are not supported");
    if (parent && parent->kind == WEIR_NODE_MAPPING && !r->key)
        return refuse(r, ev, "a key that is a list or a mapping; expected a word");
    if (r->depth == WEIR_YAML_DEPTH)
        return refuse(r, ev, "nested more than 12 deep");
    n = node_add(r, ev, kind);
    if (!n)
        return false;
    r->open[r->depth] = n;
    r->last[r->depth] = NULL;
    r->depth++;
    return true;
}

static bool on_event(struct reader *r, const yaml_event_t *ev)
{
    switch (ev->type) {
    case YAML_SCALAR_EVENT:
        return on_scalar(r, ev);
    case YAML_SEQUENCE_START_EVENT:
        return on_open(r, ev, WEIR_NODE_SEQUENCE, ev->data.sequence_start.anchor,
                       ev->data.sequence_start.tag);
    case YAML_MAPPING_START_EVENT:
        return on_open(r, ev, WEIR_NODE_MAPPING, ev->data.mapping_start.anchor,
                       ev->data.mapping_start.tag);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        r->depth--;
        return true;
    case YAML_ALIAS_EVENT:
        return refuse(r, ev, "aliases (*name) are not supported: write the value out");
    case YAML_DOCUMENT_START_EVENT:
        return !r->root || refuse(r, ev, "a second document; expected one policy a file");
    default:
        return true;
    }
}

static bool read_all(struct reader *r, const char *text, size_t len)
{
    bool more = true, good = true;

    while (more && good) {
        yaml_event_t ev;

        if (!yaml_parser_parse(&r->yaml, &ev)) {
            yaml_fault(r, text, len);
            return false;
        }
        more = ev.type != YAML_STREAM_END_EVENT;
        good = on_event(r, &ev);
        yaml_event_delete(&ev);
    }
    return good;
}

struct weir_node *weir_yaml_parse(const char *text, size_t len, struct weir_arena *a,
                                  struct weir_faults *f)
{
    struct reader r = { .arena = a, .faults = f };
    bool good;

    if (len > WEIR_YAML_BYTES) {
        weir_faults_add(f, (struct weir_place){ 0, 1, 0 }, "%zu bytes; expected at most %zu", len,
                        WEIR_YAML_BYTES);
        return NULL;
    }
    if (!yaml_parser_initialize(&r.yaml)) {
        weir_faults_add(f, (struct weir_place){ 0, 1, 0 }, "no memory");
        return NULL;
    }
    yaml_parser_set_input_string(&r.yaml, (const unsigned char *)text, len);
    yaml_parser_set_encoding(&r.yaml, YAML_UTF8_ENCODING);
    good = read_all(&r, text, len);
    yaml_parser_delete(&r.yaml);
    if (!good)
        return NULL;
    if (!r.root) {
        r.root = weir_arena_get(a, sizeof(*r.root));
        if (!r.root)
            return NULL;
        r.root->kind = WEIR_NODE_MAPPING;
        r.root->at = (struct weir_place){ 0, 1, 1 };
    }
    return r.root;
}

const struct weir_node *weir_node_get(const struct weir_node *mapping, const char *key)
{
    const struct weir_node *n = mapping ? mapping->child : NULL;

    while (n && (!n->key || strcmp(n->key, key) != 0))
        n = n->next;
    return n;
}

bool weir_node_is_empty(const struct weir_node *n)
{
    return n->kind == WEIR_NODE_SCALAR && n->plain && !*n->text;
}
