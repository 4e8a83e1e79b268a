/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/patterns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

void weir_patterns_image_free(struct weir_patterns_image *i)
{
    for (unsigned lane = 0; lane < WEIR_LANES; lane++)
        weir_automaton_image_free(&i->lane[lane]);
}

static struct weir_signature signature_of(const struct weir_pattern_setting *p, size_t place)
{
    struct weir_signature s = { .number = (uint32_t)place + 1,
                                .action = (uint8_t)p->action,
                                .direction = (uint8_t)p->direction,
                                .ports = (uint8_t)p->ports.n };

    for (size_t i = 0; i < p->ports.n && i < WEIR_SIGNATURE_PORTS; i++)
        s.port[i] = (uint16_t)p->ports.v[i].port;
    return s;
}

/* Put the signatures behind the automaton. */
static int signatures_append(struct weir_automaton_image *i, const struct weir_signature *s,
                             size_t n)
{
    size_t bytes = i->bytes + n * sizeof(*s);
    struct weir_automaton *grown;

    if (bytes > WEIR_PATTERNS_BYTES)
        return -E2BIG;
    grown = realloc(i->automaton, bytes);
    if (!grown)
        return -ENOMEM;
    memcpy((char *)grown + i->bytes, s, n * sizeof(*s));
    *i = (struct weir_automaton_image){ grown, bytes };
    return 0;
}

static int lane_build(const struct weir_settings *s, enum weir_lane lane, uint32_t epoch,
                      struct weir_automaton_image *ret, struct weir_error *e)
{
    _cleanup_free_ struct weir_pattern_bytes *bytes = calloc(s->patterns.n, sizeof(*bytes));
    _cleanup_free_ struct weir_signature *signatures = calloc(s->patterns.n, sizeof(*signatures));
    size_t n = 0;
    int r;

    if (!bytes || !signatures)
        return weir_error_set(e, ENOMEM, "no memory");
    for (size_t i = 0; i < s->patterns.n; i++) {
        const struct weir_pattern_setting *p = &s->patterns.v[i];

        if ((p->ignore_case ? WEIR_LANE_FOLD : WEIR_LANE_EXACT) != lane)
            continue;
        bytes[n] = (struct weir_pattern_bytes){ p->data, p->len };
        signatures[n++] = signature_of(p, i);
    }
    if (!n)
        return 0;
    r = weir_automaton_build(bytes, n, lane == WEIR_LANE_FOLD, epoch, WEIR_PATTERNS_BYTES, ret, e);
    if (r < 0)
        return r;
    r = signatures_append(ret, signatures, n);
    return r == -E2BIG    ? weir_error_set(e, E2BIG, "%zu patterns do not fit into %u bytes", n,
                                           WEIR_PATTERNS_BYTES)
           : r == -ENOMEM ? weir_error_set(e, ENOMEM, "no memory")
                          : 0;
}

int weir_patterns_build(const struct weir_settings *s, uint32_t epoch,
                        struct weir_patterns_image *ret, struct weir_error *e)
{
    _cleanup_(weir_patterns_image_free) struct weir_patterns_image image = { 0 };

    for (unsigned lane = 0; lane < WEIR_LANES && s->patterns.n; lane++) {
        int r = lane_build(s, lane, epoch, &image.lane[lane], e);

        if (r < 0)
            return r;
    }
    *ret = image;
    image = (struct weir_patterns_image){ 0 };
    return 0;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Pairs of hexadecimal digits, blanks between them at will. Returns how many; -1: it is not that.
 */
static int hex_read(const char *text, uint8_t ret[WEIR_PATTERN_BYTES_MAX])
{
    int n = 0;

    while (*text) {
        if (*text == ' ') {
            text++;
            continue;
        }
        if (digit(text[0]) < 0 || digit(text[1]) < 0 || n == WEIR_PATTERN_BYTES_MAX)
            return -1;
        ret[n++] = (uint8_t)(digit(text[0]) << 4 | digit(text[1]));
        text += 2;
    }
    return n;
}

/* False: no memory. */
static bool bytes_read(struct weir_settings *s, size_t i, struct weir_faults *f)
{
    struct weir_pattern_setting *p = &s->patterns.v[i];
    uint8_t data[WEIR_PATTERN_BYTES_MAX];
    char shown[WEIR_QUOTE_TEXT];
    int n;

    if (!p->text == !p->bytes) {
        weir_faults_add(f, p->at, "payload.patterns[%zu]: %s; expected one of text and bytes", i,
                        p->text ? "text and bytes" : "neither text nor bytes");
        return true;
    }
    if (p->text) {
        p->data = (const uint8_t *)p->text;
        p->len = strlen(p->text);
    } else {
        n = hex_read(p->bytes, data);
        if (n > 0) {
            p->len = (size_t)n;
            p->data = (const uint8_t *)weir_arena_text(&s->arena, (const char *)data, p->len);
            return p->data;
        }
        weir_faults_add(f, p->at,
                        "payload.patterns[%zu].bytes: %s: expected 1 to %d pairs of hexadecimal "
                        "digits",
                        i, weir_quote(p->bytes, shown), WEIR_PATTERN_BYTES_MAX);
    }
    return true;
}

static int by_name(const void *a, const void *b)
{
    const struct weir_pattern_setting *x = *(const struct weir_pattern_setting *const *)a;
    const struct weir_pattern_setting *y = *(const struct weir_pattern_setting *const *)b;
    int r = strcmp(x->name, y->name);

    return r ? r : (x > y) - (x < y);
}

static int names_check(const struct weir_settings *s, struct weir_faults *f)
{
    _cleanup_free_ const struct weir_pattern_setting **sorted =
        calloc(s->patterns.n, sizeof(const struct weir_pattern_setting *));
    size_t n = 0;

    if (!sorted)
        return -ENOMEM;
    for (size_t i = 0; i < s->patterns.n; i++)
        if (s->patterns.v[i].name)
            sorted[n++] = &s->patterns.v[i];
    qsort(sorted, n, sizeof(const struct weir_pattern_setting *), by_name);
    for (size_t i = 1; i < n; i++)
        if (!strcmp(sorted[i]->name, sorted[i - 1]->name))
            weir_faults_add(f, sorted[i]->at,
                            "payload.patterns[%zu].name: %s: is the name of payload.patterns[%zu] "
                            "on line %u",
                            (size_t)(sorted[i] - s->patterns.v), sorted[i]->name,
                            (size_t)(sorted[i - 1] - s->patterns.v), sorted[i - 1]->at.line);
    return 0;
}

const char *weir_pattern_name(const struct weir_settings *s, const struct weir_event *ev)
{
    uint32_t number = ev->evidence[0];

    if (ev->detection != WEIR_DET_PAYLOAD_SIGNATURE &&
        ev->detection != WEIR_DET_PAYLOAD_SIGNATURE_DROP)
        return NULL;
    if (number > s->patterns.n && number - s->patterns.n <= s->tls.n)
        return s->tls.v[number - s->patterns.n - 1].name;
    return number && number <= s->patterns.n ? s->patterns.v[number - 1].name : NULL;
}

int weir_patterns_read(struct weir_settings *s, struct weir_faults *f)
{
    _cleanup_(weir_patterns_image_free) struct weir_patterns_image image = { 0 };
    struct weir_error e = { 0 };
    int r;

    if (!s->patterns.n)
        return 0;
    for (size_t i = 0; i < s->patterns.n; i++)
        if (!bytes_read(s, i, f))
            return -ENOMEM;
    r = names_check(s, f);
    if (r < 0 || f->n)
        return r;
    r = weir_patterns_build(s, 1, &image, &e);
    if (r < 0 && r != -ENOMEM)
        weir_faults_add(f, s->patterns.v[0].at, "payload.patterns: %s", e.text);
    return r == -ENOMEM ? r : 0;
}
