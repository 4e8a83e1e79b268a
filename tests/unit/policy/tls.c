/* SPDX-License-Identifier: Apache-2.0 */

/* payload.tls: which client is which entry, and what an entry must not be. */

#include "harness/policy.h"

#include "policy/patterns.h"
#include "policy/tls.h"

#define JA3 "ada70206e40642a3e4461f35503241d5"
#define JA4 "t13d1516h2_8daaf6152771_e5627efa2ab1"

static const char policy[] = "payload:\n"
                             "  patterns: [{name: p, text: needle}]\n"
                             "  tls:\n"
                             "  - {name: a, sni: Bad.example, action: ban}\n"
                             "  - {name: b, sni: '*.evil.example', ja4: " JA4 "}\n"
                             "  - {name: c, ja3: " JA3 "}\n";

static struct weir_tls_event client(const char *name, const char *ja3, const char *ja4)
{
    struct weir_tls_event ev = { .name_len = (__u16)strlen(name) };

    memcpy(ev.name, name, strlen(name));
    memcpy(ev.ja3, ja3, strlen(ja3));
    memcpy(ev.ja4, ja4, strlen(ja4));
    return ev;
}

static uint32_t find(const struct weir_settings *s, const char *name, const char *ja3,
                     const char *ja4)
{
    const struct weir_tls_event ev = client(name, ja3, ja4);

    return weir_tls_find(s, &ev);
}

static void which_entry(void **state)
{
    static const char other[] = "t13i1516h2_8daaf6152771_e5627efa2ab1";
    struct weir_settings *s = policy_good(policy, NULL);
    struct weir_event ev = { .detection = WEIR_DET_PAYLOAD_SIGNATURE };

    (void)state;
    assert_int_equal(find(s, "bad.example", "", other), 1);
    assert_int_equal(find(s, "BAD.EXAMPLE.", JA3, other), 1);
    assert_int_equal(find(s, "very.bad.example", "", other), 0);
    assert_int_equal(find(s, "bad.example.org", "", other), 0);
    assert_int_equal(find(s, "x.EVIL.example", "", JA4), 2);
    assert_int_equal(find(s, "x.evil.example", "", other), 0);
    assert_int_equal(find(s, "evil.example", "", JA4), 0);
    assert_int_equal(find(s, ".evil.example", "", JA4), 0);
    assert_int_equal(find(s, "notevil.example", "", JA4), 0);
    assert_int_equal(find(s, "", JA3, other), 3);
    assert_int_equal(find(s, "", "", other), 0);
    assert_int_equal(s->tls.v[0].action, WEIR_CLIENT_BAN);
    assert_int_equal(s->tls.v[1].action, WEIR_CLIENT_ALERT);
    ev.evidence[0] = weir_tls_number(s, 3);
    assert_string_equal(weir_pattern_name(s, &ev), "c");
    ev.evidence[0]++;
    assert_null(weir_pattern_name(s, &ev));
    ev.evidence[0] = 1;
    assert_string_equal(weir_pattern_name(s, &ev), "p");
    weir_settings_free(s);
}

static void bad(const char *text, const char *why)
{
    struct weir_settings *s;
    char said[8192];

    assert_int_equal(policy_read(text, NULL, &s, said), -EBADMSG);
    if (strncmp(said, why, strlen(why)) != 0)
        fail_msg("%s: expected %s", said, why);
}

static void faults(void **state)
{
    (void)state;
    bad("payload:\n  tls:\n  - {name: a}\n",
        "p:3:5: payload.tls[0]: matches every client; expected sni, ja3 or ja4");
    bad("payload:\n  tls:\n  - {name: a, sni: a.*.b}\n",
        "p:3:5: payload.tls[0].sni: a.*.b: expected a host name, or *. and the end of one");
    bad("payload:\n  tls:\n  - {name: a, ja3: 12}\n",
        "p:3:5: payload.tls[0].ja3: 12: expected 32 hexadecimal digits in lower case");
    bad("payload:\n  tls:\n  - {name: a, ja4: t13}\n",
        "p:3:5: payload.tls[0].ja4: t13: expected the form "
        "t13d1516h2_8daaf6152771_e5627efa2ab1");
    bad("payload:\n  tls:\n  - {name: a, sni: x}\n  - {name: a, sni: y}\n",
        "p:4:5: payload.tls[1].name: a: is the name of payload.tls[0] on line 3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(which_entry),
        cmocka_unit_test(faults),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
