/* SPDX-License-Identifier: Apache-2.0 */

/* allow, deny and protect as sorted prefixes: those written in the policy, and those of the files
 * it names (FireHOL's netset form: one a line, # or ; begins a comment). */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/read.h"

struct gather {
    struct weir_settings *s;
    struct weir_faults *faults;
    struct weir_listed_set *set;
    size_t size;
};

/* -ENOMEM, -E2BIG. */
static int put(struct gather *g, const struct weir_prefix *p, size_t item)
{
    if (g->set->n == g->size) {
        size_t size = g->size ? g->size * 2 : 256;
        struct weir_listed *more = reallocarray(g->set->v, size, sizeof(*more));

        if (!more)
            return -ENOMEM;
        g->set->v = more;
        g->size = size;
    }
    if (g->set->n == WEIR_LISTED_MAX)
        return -E2BIG;
    g->set->v[g->set->n++] = (struct weir_listed){ *p, (uint16_t)item };
    return 0;
}

/* A line without its comment; false when nothing is on it. */
static bool line_word(const char *line, size_t len, const char **ret, size_t *ret_len)
{
    size_t end = 0;

    while (end < len && line[end] != '#' && line[end] != ';')
        end++;
    while (end && (line[end - 1] == ' ' || line[end - 1] == '\t' || line[end - 1] == '\r'))
        end--;
    while (end && (*line == ' ' || *line == '\t')) {
        line++;
        end--;
    }
    *ret = line;
    *ret_len = end;
    return end > 0;
}

static int line_read(struct gather *g, struct weir_place at, const char *line, size_t len,
                     size_t item)
{
    char text[WEIR_QUOTE_TEXT], shown[WEIR_QUOTE_TEXT];
    struct weir_prefix p;
    const char *word;
    size_t n;

    if (!line_word(line, len, &word, &n))
        return 0;
    at.column = (uint32_t)(word - line) + 1;
    (void)snprintf(text, sizeof(text), "%.*s", (int)(n < sizeof(text) ? n : sizeof(text)), word);
    if (memchr(word, '\0', n) || n >= sizeof(text) || weir_prefix_parse(text, &p) < 0) {
        weir_faults_add(g->faults, at,
                        "%s: expected an address, or ADDR/LEN with no bit set behind LEN",
                        weir_quote(text, shown));
        return 0;
    }
    if (p.bits == 0 || (p.bits == 96 && weir_addr_is_ip4(p.addr))) {
        weir_faults_add(g->faults, at, "%s: is everybody; write that into the policy itself", text);
        return 0;
    }
    return put(g, &p, item);
}

static int file_read(struct gather *g, size_t file, size_t item)
{
    const char *at = g->s->bundle.file[file].text, *end = at + g->s->bundle.file[file].len;
    struct weir_place place = { (uint32_t)file, 1, 0 };
    int r = 0;

    for (; r == 0 && at < end; place.line++) {
        const char *eol = memchr(at, '\n', (size_t)(end - at));

        eol = eol ? eol : end;
        r = line_read(g, place, at, (size_t)(eol - at), item);
        at = eol + 1;
    }
    return r;
}

static int source_read(struct gather *g, const char *name, const struct weir_source_setting *src,
                       size_t item)
{
    struct weir_error e = { 0 };
    int file;

    if (src->prefix.bits != WEIR_PREFIX_NONE)
        return put(g, &src->prefix, item);
    if (!src->file) {
        if (!g->faults->n) /* else it is what did not fit */
            weir_faults_add(g->faults, src->at, "%s[%zu]: nothing; expected prefix or file", name,
                            item);
        return 0;
    }
    file = weir_bundle_list(&g->s->bundle, src->file, &e);
    if (file == -ENOMEM)
        return file;
    if (file < 0) {
        weir_faults_add(g->faults, src->at, "%s[%zu].file: %s", name, item, e.text);
        return 0;
    }
    return file_read(g, (size_t)file, item);
}

static int compare(const void *a, const void *b)
{
    const struct weir_listed *x = a, *y = b;
    int d = memcmp(x->prefix.addr, y->prefix.addr, 16);

    if (!d)
        d = (int)x->prefix.bits - (int)y->prefix.bits;
    return d ? d : (int)x->item - (int)y->item;
}

/* Sort; of equal prefixes the first item of the policy keeps it. */
static void sort(struct weir_listed_set *set)
{
    size_t kept = 0;

    if (set->n)
        qsort(set->v, set->n, sizeof(set->v[0]), compare);
    for (size_t i = 0; i < set->n; i++)
        if (!kept || set->v[kept - 1].prefix.bits != set->v[i].prefix.bits ||
            memcmp(set->v[kept - 1].prefix.addr, set->v[i].prefix.addr, 16) != 0)
            set->v[kept++] = set->v[i];
    set->n = kept;
}

static int gather(struct weir_settings *s, const char *name, const struct weir_source_setting *v,
                  size_t n, struct weir_listed_set *set, struct weir_faults *f)
{
    struct gather g = { .s = s, .faults = f, .set = set };

    for (size_t i = 0; i < n; i++) {
        int r = source_read(&g, name, &v[i], i);

        if (r == -E2BIG)
            weir_faults_add(f, v[i].at, "%s[%zu]: more than %d prefixes", name, i, WEIR_LISTED_MAX);
        if (r < 0)
            return r == -E2BIG ? 0 : r;
    }
    sort(set);
    return 0;
}

/* A list that the tables cannot hold is told now, not when half of it is in. */
static void sizes_check(const struct weir_settings *s, struct weir_faults *f)
{
    const struct weir_place top = { 0, 1, 0 };
    size_t n[2][2] = { 0 }; /* by family, by whether it is one address */

    for (size_t i = 0; i < s->denied.n; i++) {
        const struct weir_prefix *p = &s->denied.v[i].prefix;

        n[weir_addr_is_ip4(p->addr) && p->bits >= 96][p->bits == 128]++;
    }
    for (int family = 0; family < 2; family++) {
        if (n[family][1] > s->limits.bans)
            weir_faults_add(f, top, "deny: %zu addresses; expected limits.bans of more than that",
                            n[family][1]);
        if (n[family][0] > s->limits.prefixes)
            weir_faults_add(f, top,
                            "deny: %zu prefixes; expected limits.prefixes of more than that",
                            n[family][0]);
    }
    if (s->allowed.n > s->limits.allow)
        weir_faults_add(f, top, "allow: %zu prefixes; expected limits.allow of at least that",
                        s->allowed.n);
}

const char *weir_allowed_name(const struct weir_settings *s, const uint8_t addr[16])
{
    for (size_t i = 0; i < s->allow.n; i++)
        if (s->allow.v[i].name && weir_prefix_has(&s->allow.v[i].prefix, addr))
            return s->allow.v[i].name;
    return NULL;
}

int weir_listed_read(struct weir_settings *s, struct weir_faults *f)
{
    int r = gather(s, "allow", s->allow.v, s->allow.n, &s->allowed, f);

    if (r == 0)
        r = gather(s, "deny", s->deny.v, s->deny.n, &s->denied, f);
    if (r == 0)
        r = gather(s, "protect", s->protect.v, s->protect.n, &s->protected, f);
    if (r == 0)
        sizes_check(s, f);
    return r;
}
