/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"
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
#define DETECT(id, NAME, category, name, ...)                                                      \
    do {                                                                                           \
        bool seen = false;                                                                         \
        for (size_t i = 0; i < n && !seen; i++)                                                    \
            seen = v[i].found && strstr(v[i].found, #category "." #name);                          \
        if (!seen)                                                                                 \
            print_error("no vector shows %s\n", #category "." #name);                              \
        missing += !seen;                                                                          \
    } while (0);
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
        cmocka_unit_test(every_row_and_outcome),
        cmocka_unit_test(names_are_unique),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
