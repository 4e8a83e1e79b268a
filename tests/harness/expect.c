/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

#include <stdio.h>
#include <string.h>

static const char *const row_names[] = {
#define DETECT(id, NAME, category, name, ...) [WEIR_ROW_##NAME] = #category "." #name,
#include "abi/detections.def"
#undef DETECT
};

static const char *const outcome_names[] = {
#define OUTCOME(NAME, kind, name, meaning) [WEIR_OUTCOME_##NAME] = name,
#include "abi/outcomes.def"
#undef OUTCOME
};

const char *expect_outcome_name(enum weir_outcome outcome)
{
    return outcome < WEIR_OUTCOME_MAX ? outcome_names[outcome] : "out of range";
}

const char *weir_rows_text(const struct weir_rows *rows, char text[WEIR_ROWS_TEXT])
{
    size_t n = 0;

    text[0] = 0;
    for (__u32 row = 0; row < WEIR_ROW_MAX; row++) {
        if (weir_rows_has(rows, row))
            n += (size_t)snprintf(text + n, WEIR_ROWS_TEXT - n, "%s%s", n ? " " : "",
                                  row_names[row]);
    }
    return text;
}

__u32 weir_row_by_name(const char *name)
{
    __u32 row = 0;

    while (row < WEIR_ROW_MAX && strcmp(name, row_names[row]))
        row++;
    return row;
}

static enum weir_hit form_of(const struct weir_inspection *r, __u32 row)
{
    if (weir_rows_has(&r->hits.found, row))
        return WEIR_HIT;
    return weir_rows_has(&r->hits.noted, row) ? WEIR_NOTED : WEIR_MISS;
}

static void fail_with(const struct weir_inspection *r, const char *what, const char *file, int line)
{
    char found[WEIR_ROWS_TEXT], noted[WEIR_ROWS_TEXT];

    print_error("expected %s; outcome %s, found \"%s\", noted \"%s\"\n", what,
                expect_outcome_name(r->pkt.outcome), weir_rows_text(&r->hits.found, found),
                weir_rows_text(&r->hits.noted, noted));
    _fail(file, line);
}

void weir_expect_form(const char *name, const struct weir_packet *p, enum weir_hit form,
                      const char *file, int line)
{
    static const char *const forms[] = { "miss of", "hit of", "note of" };
    struct weir_inspection r;
    __u32 row = weir_row_by_name(name);
    char what[100];

    weir_inspect(&r, p);
    snprintf(what, sizeof(what), "%s %s", forms[form], name);
    if (row == WEIR_ROW_MAX || form_of(&r, row) != form)
        fail_with(&r, what, file, line);
}

/* What the row itself writes, whichever row is the most specific of the packet. */
static void judge_alone(const struct weir_inspection *r, __u32 row, struct weir_hits *ret_hits)
{
    struct weir_rows only = { 0 };

    *ret_hits = (struct weir_hits){ 0 };
    weir_rows_set(&only, row);
    weir_hits_begin(ret_hits);
    weir_detect_stateless(ret_hits, &r->pkt, only);
}

void weir_expect_hit(const char *name, const struct weir_packet *p, const __u32 *evidence, size_t n,
                     const char *file, int line)
{
    struct weir_inspection r;
    struct weir_hits alone;

    weir_expect_form(name, p, WEIR_HIT, file, line);
    weir_inspect(&r, p);
    judge_alone(&r, weir_row_by_name(name), &alone);
    for (size_t i = 0; i < WEIR_EVIDENCE_MAX; i++) {
        __u32 want = i < n ? evidence[i] : 0;

        if (alone.evidence.v[i] == want)
            continue;
        print_error("%s: evidence %zu is %u, expected %u\n", name, i, alone.evidence.v[i], want);
        _fail(file, line);
    }
}

void weir_expect_silence(const struct weir_packet *p, const char *file, int line)
{
    struct weir_inspection r;

    weir_inspect(&r, p);
    if (r.hits.found.w[0] | r.hits.found.w[1] | r.hits.noted.w[0] | r.hits.noted.w[1])
        fail_with(&r, "silence", file, line);
}
