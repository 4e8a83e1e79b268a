/* SPDX-License-Identifier: Apache-2.0 */

/* Every form of error, word for word with its place. */

#include "harness/policy.h"

struct sample {
    const char *policy;
    const char *errors;
};

static void expect_errors(const struct sample *v, size_t n)
{
    unsigned wrong = 0;

    for (size_t i = 0; i < n; i++) {
        struct weir_settings *s;
        char text[8192];
        int r = policy_read(v[i].policy, "192.0.2.0/24\n", &s, text);

        if (r == -EBADMSG && !strcmp(text, v[i].errors))
            continue;
        print_error("%s\nreturned %d and said\n%sexpected\n%s\n", v[i].policy, r, text,
                    v[i].errors);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}
#define EXPECT(table) expect_errors(table, sizeof(table) / sizeof((table)[0]))

static void syntax(void **state)
{
    static const struct sample v[] = {
        { "mode: [observe", "p:2:1: YAML: did not find expected ',' or ']', while parsing a flow "
                            "sequence\n" },
        { "mode: observe\n\tallow: []\n",
          "p:2:1: YAML: found a tab character that violates indentation, while scanning a plain "
          "scalar\n" },
        { "mode: observe\nmode\n",
          "p:3:1: YAML: could not find expected ':', while scanning a simple key\n" },
        { "# caf\xff\n", "p:1:6: YAML: invalid leading UTF-8 octet\n" },
        { "mode: observe\nallow: [\x01]\n", "p:2:9: YAML: control characters are not allowed\n" },
        { "a: &x 1", "p:1:4: anchors (&name) are not supported: write the value out\n" },
        { "a: &x [1]", "p:1:4: anchors (&name) are not supported: write the value out\n" },
        { "mode: *x", "p:1:7: aliases (*name) are not supported: write the value out\n" },
        { "mode: !!str observe", "p:1:7: tags (!name) are not supported\n" },
        { "allow: !x [192.0.2.1]", "p:1:8: tags (!name) are not supported\n" },
        { "mode: observe\n---\nmode: enforce\n",
          "p:2:1: a second document; expected one policy a file\n" },
        { "[a]: b", "p:1:1: a key that is a list or a mapping; expected a word\n" },
        { "{[a]: b}", "p:1:2: a key that is a list or a mapping; expected a word\n" },
        { "mode: observe\nmode: enforce\n", "p:2:1: mode: given twice, first on line 1\n" },
        { "mode: \"a\\0b\"", "p:1:7: a text with a zero byte in it\n" },
        { "[[[[[[[[[[[[[", "p:1:13: nested more than 12 deep\n" },
        { "- mode", "p:1:1: policy: a list: expected a mapping\n" },
        { "observe", "p:1:1: policy: observe: expected a mapping\n" },
    };

    (void)state;
    EXPECT(v);
}

static void keys(void **state)
{
    static const struct sample v[] = {
        { "mod: observe", "p:1:1: mod: no such key; did you mean mode?\n" },
        { "firewall: on", "p:1:1: firewall: no such key; `weir policy keys` lists them\n" },
        { "bans:\n  never[]: x\n", "p:2:3: bans.never[]: no such key; did you mean never?\n" },
        { "limits: {flows: 100k}", "p:1:17: limits.flows: 100k: expected a number from 1024 to "
                                   "16777216 that is a power of two\n" },
        { "bans.for: 1h", "p:1:1: bans.for: no such key; `weir policy keys` lists them\n" },
        { "? \"a\\nb\"\n: 1", "p:1:3: a\\x0ab: no such key; `weir policy keys` lists them\n" },
        { "allow: [{prefix: 192.0.2.1, reason: x}]",
          "p:1:29: allow[0].reason: no such key; `weir policy keys` lists them\n" },
        { "detections:\n  scan.xmass: drop\n",
          "p:2:3: detections.scan.xmass: no such detection; did you mean scan.xmas?\n" },
        { "detections: {everything: off}",
          "p:1:14: detections.everything: no such detection; docs/detections.md lists them\n" },
        { "zones: [{name: a, match: {vlan: 7}, detections: {\"*\": off}}]",
          "p:1:50: zones[0].detections.*: no such detection; docs/detections.md lists them\n" },
        { "interfaces: [{attach: tc}]", "p:1:14: interfaces[0].match: is missing; expected the "
                                        "name of an interface, or a pattern "
                                        "such as eth*\n" },
        { "services: [{name: web}]", "p:1:12: services[0].listen: is missing; expected a list of 1 "
                                     "to 64\n" },
        { "detections: {scan.null: {}}",
          "p:1:25: detections.scan.null.action: is missing; expected "
          "off, count, alert, drop or ban\n" },
        { "zones: [{match: {vlan: 7}}]",
          "p:1:9: zones[0].name: is missing; expected at most 31 letters, digits, - and _, a "
          "letter first\n" },
    };

    (void)state;
    EXPECT(v);
}

static void values(void **state)
{
    static const struct sample v[] = {
        { "mode: observ", "p:1:7: mode: observ: expected observe or enforce\n" },
        { "mode:", "p:1:6: mode: nothing: expected observe or enforce\n" },
        { "mode: ''", "p:1:7: mode: \"\": expected observe or enforce\n" },
        { "mode: [observe]", "p:1:7: mode: a list: expected observe or enforce\n" },
        { "mode: {a: b}", "p:1:7: mode: a mapping: expected observe or enforce\n" },
        { "mode: \"\\e[2J\"", "p:1:7: mode: \\x1b[2J: expected observe or enforce\n" },
        { "mode: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
          "p:1:7: mode: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...: expected "
          "observe or enforce\n" },
        { "allow: 192.0.2.1", "p:1:8: allow: 192.0.2.1: expected a list of at most 16384\n" },
        { "allow: [[192.0.2.1]]", "p:1:9: allow[0]: a list: expected a mapping\n" },
        { "allow: [192.0.2.1/24]",
          "p:1:9: allow[0]: 192.0.2.1/24: expected an address, or ADDR/LEN with no bit set "
          "behind LEN\n" },
        { "deny: [192.0.2.256]", "p:1:8: deny[0]: 192.0.2.256: expected an address, or "
                                 "ADDR/LEN with no bit set behind LEN\n" },
        { "deny: [{prefix: 192.0.2.1, reason: \"a\\tb\"}]",
          "p:1:36: deny[0].reason: a\\x09b: expected at most 127 bytes without control "
          "characters\n" },
        { "bans: 5", "p:1:7: bans: 5: expected a mapping\n" },
        { "bans: {for: 10}",
          "p:1:13: bans.for: 10: expected a time from 1s to 365d, with s, m, h or d\n" },
        { "bans: {for: 366d}",
          "p:1:13: bans.for: 366d: expected a time from 1s to 365d, with s, m, h or d\n" },
        { "bans: {escalate: 2}", "p:1:18: bans.escalate: 2: expected a factor from 1x to 100x\n" },
        { "bans: {max_per_minute: 0}",
          "p:1:24: bans.max_per_minute: 0: expected a number from 1 to 1000000\n" },
        { "bans: {max_per_minute: 99999999999999999999}",
          "p:1:24: bans.max_per_minute: 99999999999999999999: expected a number from 1 to "
          "1000000\n" },
        { "bans: {never: [friends]}",
          "p:1:16: bans.never[0]: friends: expected gateway, resolvers, "
          "management, an address or ADDR/LEN\n" },
        { "limits: {events_high: 5000}", "p:1:23: limits.events_high: 5000: expected a size from "
                                         "4KiB to 1GiB that is a power of two\n" },
        { "interfaces: [eth0/1]", "p:1:14: interfaces[0]: eth0/1: expected the name of an "
                                  "interface, or a pattern such as eth*\n" },
        { "interfaces: [abcdefghijklmnop]",
          "p:1:14: interfaces[0]: abcdefghijklmnop: expected the name of an interface, or a "
          "pattern such as eth*\n" },
        { "interfaces: [{match: eth0, attach: native}]",
          "p:1:36: interfaces[0].attach: native: expected auto, xdp, xdp-generic or tc\n" },
        { "zones: [{name: a b, match: {vlan: 0}}]",
          "p:1:16: zones[0].name: a b: expected at most 31 letters, digits, - and _, a letter "
          "first\np:1:35: zones[0].match.vlan: 0: expected a number from 1 to 4094\n" },
        { "services: [{name: web, listen: [192.0.2.1:0]}]",
          "p:1:33: services[0].listen[0]: 192.0.2.1:0: expected ADDR:PORT, [ADDR]:PORT or "
          "*:PORT\n" },
        { "detections: {scan.null: limit}", "p:1:25: detections.scan.null: limit: expected "
                                            "off, count, alert, drop or ban\n" },
        { "detections: [scan.null]",
          "p:1:13: detections: a list: expected a mapping of detections\n" },
    };

    (void)state;
    EXPECT(v);
}

/* What each value alone would allow. */
static void together(void **state)
{
    static const struct sample v[] = {
        { "zones:\n- {name: a, match: {vlan: 7}}\n- {name: a, match: {vlan: 8}}\n",
          "p:3:3: zones[1].name: a: is the name of zones[0] on line 2\n" },
        { "zones:\n- {name: a, match: {vlan: 7}}\n- {name: b, match: {vlan: 7}}\n",
          "p:3:3: zones[1].match: is what zones[0] on line 2 matches\n" },
        { "zones: [{name: a}]",
          "p:1:9: zones[0].match: nothing; expected vlan, interface or both\n" },
        { "interfaces: [eth0, eth0]",
          "p:1:20: interfaces[1].match: eth0: given twice, first on line 1\n" },
        { "services:\n- {name: web, listen: [\"*:80\"]}\n- {name: web, listen: [\"*:80\"]}\n",
          "p:3:3: services[1].name: web: is the name of services[0] on line 2\n"
          "p:3:24: services[1].listen[0]: *:80: given twice, first in the service on line 2\n" },
        { "detections: {scan.null: {action: drop, for: 1h}}",
          "p:1:14: for: is the time of a ban; expected action: ban with it\n" },
        { "deny: [{prefix: 192.0.2.1, file: x.netset}]",
          "p:1:8: deny[0]: prefix and file; expected one of them\n" },
        { "allow: [{file: x.netset, name: me}]",
          "p:1:9: allow[0]: name of a list; expected a prefix with it\n" },
        { "deny: [{reason: x}]", "p:1:8: deny[0]: nothing; expected prefix or file\n" },
        { "deny: [{file: y.netset}]",
          "p:1:8: deny[0].file: y.netset: did not come with the policy\n" },
    };

    (void)state;
    EXPECT(v);
}

static void lists(void **state)
{
    static const struct sample v[] = {
        { "192.0.2.1\nnonsense\n", "x.netset:2:1: nonsense: expected an address, or ADDR/LEN with "
                                   "no bit set behind LEN\n" },
        { "  192.0.2.1/24 # why\n", "x.netset:1:3: 192.0.2.1/24: expected an address, or ADDR/LEN "
                                    "with no bit set behind LEN\n" },
        { "\n\n0.0.0.0/0", "x.netset:3:1: 0.0.0.0/0: is everybody; write that into the policy "
                           "itself\n" },
        { "::/0\r\n", "x.netset:1:1: ::/0: is everybody; write that into the policy itself\n" },
        { "192.0.2.1 192.0.2.2\n", "x.netset:1:1: 192.0.2.1 192.0.2.2: expected an address, or "
                                   "ADDR/LEN with no bit set behind LEN\n" },
    };
    struct weir_settings *s;
    char text[8192];

    (void)state;
    for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
        assert_int_equal(policy_read("deny: [{file: x.netset}]", v[i].policy, &s, text), -EBADMSG);
        assert_string_equal(text, v[i].errors);
    }
}

/* All that is wrong is told at once, in the order of the file; beyond a bound it is counted. */
static void all_at_once(void **state)
{
    char policy[4096] = "allow: [x]\nmode: loud\nbans: {for: x}\n", text[8192];
    struct weir_settings *s;

    (void)state;
    assert_int_equal(policy_read(policy, NULL, &s, text), -EBADMSG);
    assert_int_equal(strncmp(text, "p:1:9: ", 7), 0);
    assert_non_null(strstr(text, "\np:2:7: mode: loud"));
    assert_non_null(strstr(text, "\np:3:13: bans.for: x"));
    strcpy(policy, "allow:\n");
    for (int i = 0; i < WEIR_FAULTS_MAX + 7; i++)
        strcat(policy, "- x\n");
    assert_int_equal(policy_read(policy, NULL, &s, text), -EBADMSG);
    assert_non_null(strstr(text, "\n7 more\n"));
}

static void sizes(void **state)
{
    char *big = malloc(WEIR_YAML_BYTES + 2), text[8192];
    struct weir_settings *s;

    (void)state;
    assert_non_null(big);
    memset(big, '#', WEIR_YAML_BYTES + 1);
    big[WEIR_YAML_BYTES + 1] = '\0';
    assert_int_equal(policy_read(big, NULL, &s, text), -EBADMSG);
    assert_string_equal(text, "p:1: 4194305 bytes; expected at most 4194304\n");
    free(big);
    assert_int_equal(policy_read("limits: {bans: 64}\ndeny: [{file: x.netset}]",
                                 "192.0.2.0\n192.0.2.1\n", &s, text),
                     0);
    weir_settings_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(syntax),   cmocka_unit_test(keys),  cmocka_unit_test(values),
        cmocka_unit_test(together), cmocka_unit_test(lists), cmocka_unit_test(all_at_once),
        cmocka_unit_test(sizes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
