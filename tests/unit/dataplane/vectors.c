/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"
#include "harness/siege.h"
#include "harness/talk.h"
#include "vectors/vectors.h"

#include <string.h>

static bool same(const char *what, const char *name, const char *want, const char *got)
{
    if (!strcmp(want ? want : "", got))
        return true;
    print_error("%s: %s \"%s\", expected \"%s\"\n", name, what, got, want ? want : "");
    return false;
}

static bool run(const struct weir_vector *v)
{
    static struct weir_frame frame;
    const struct weir_arrival arrival = { .own_source = v->own_source };
    char text[WEIR_ROWS_TEXT];
    struct weir_inspection r;
    bool ok;

    weir_packet_build(v->packet, &frame);
    weir_inspect_bytes(&r, frame.b, frame.cap, frame.wire, &arrival);
    ok = same("outcome", v->name, expect_outcome_name(v->outcome),
              expect_outcome_name(r.pkt.outcome));
    ok &= same("found", v->name, v->found, weir_rows_text(&r.hits.found, text));
    ok &= same("noted", v->name, v->noted, weir_rows_text(&r.hits.noted, text));
    ok &= same("outside", v->name, v->outside, weir_rows_text(&r.outside, text));
    return ok;
}

static void all(void **state)
{
    size_t n, bad = 0;
    const struct weir_vector *v = weir_vectors(&n);

    (void)state;
    for (size_t i = 0; i < n; i++)
        bad += !run(v + i);
    assert_int_equal(bad, 0);
}

static bool besieged(const char *row)
{
    size_t n;
    const struct weir_siege *siege = weir_sieges(&n);

    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < SIEGE_RISES && siege[i].rise[k].row; k++)
            if (!strcmp(siege[i].rise[k].row, row))
                return true;
    return false;
}

/* Is there a vector, a conversation or a siege that the row is found in? */
static bool shown(const struct weir_vector *v, size_t n, const char *row)
{
    size_t talks;
    const struct weir_talk *talk = weir_talks(&talks);

    for (size_t i = 0; i < n; i++)
        if (v[i].found && strstr(v[i].found, row))
            return true;
    for (size_t i = 0; i < talks; i++)
        for (size_t k = 0; k < talk[i].steps; k++)
            if (talk[i].step[k].found && strstr(talk[i].step[k].found, row))
                return true;
    if (besieged(row))
        return true;
    print_error("no vector, no talk and no siege shows %s\n", row);
    return false;
}

static void every_talk(void **state)
{
    size_t n, bad = 0;
    const struct weir_talk *talk = weir_talks(&n);

    (void)state;
    for (size_t i = 0; i < n; i++)
        bad += !weir_talk_run(&talk[i]);
    assert_int_equal(bad, 0);
}

/* A row or outcome that no vector shows is one that the kernel host is not compared on. */
static void every_row_and_outcome(void **state)
{
    bool outcomes[WEIR_OUTCOME_MAX] = { 0 };
    size_t n, missing = 0;
    const struct weir_vector *v = weir_vectors(&n);

    (void)state;
    for (size_t i = 0; i < n; i++)
        outcomes[v[i].outcome] = true;
    for (int i = 0; i < WEIR_OUTCOME_MAX; i++) {
        if (!outcomes[i])
            print_error("no vector ends as %s\n", expect_outcome_name(i));
        missing += !outcomes[i];
    }
    /* What the patterns of a policy find is in tests/prog/patterns.c. */
#define DETECT(id, NAME, category, name, state, ...)                                               \
    missing += strcmp(#state, "HOST") && WEIR_ROW_##NAME != WEIR_ROW_PAYLOAD_SIGNATURE &&          \
               WEIR_ROW_##NAME != WEIR_ROW_PAYLOAD_SIGNATURE_DROP &&                               \
               !shown(v, n, #category "." #name);
#include "abi/detections.def"
#undef DETECT
    assert_int_equal(missing, 0);
}

static void names_are_unique(void **state)
{
    size_t n;
    const struct weir_vector *v = weir_vectors(&n);

    (void)state;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(v[i].name, v[k].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all),
        cmocka_unit_test(every_talk),
        cmocka_unit_test(every_row_and_outcome),
        cmocka_unit_test(names_are_unique),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
