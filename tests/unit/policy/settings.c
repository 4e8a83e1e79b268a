/* SPDX-License-Identifier: Apache-2.0 */

/* Good policies: what they say is what comes out, and what they leave out is the table's default.
 */

#include "harness/policy.h"

#include <jansson.h>

#include "policy/schema.h"

static void defaults(void **state)
{
    static const char *const texts[] = {
        "", "# nothing\n", "{}", "---\n...\n", "allow:\ndeny: []\n", "bans:\nlimits: {}\n"
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct weir_settings *s = policy_good(texts[i], NULL);

        assert_int_equal(s->mode, WEIR_MODE_OBSERVE);
        assert_int_equal(s->interfaces.n + s->zones.n + s->services.n + s->detections.n, 0);
        assert_int_equal(s->cookies.when, WEIR_COOKIES_AUTO);
        assert_int_equal(s->cookies.sysctl, WEIR_COOKIES_SYSCTL_KEEP);
        assert_int_equal(s->bans.for_s, 3600);
        assert_int_equal(s->bans.max_per_minute, 100);
        assert_int_equal(s->bans.escalate, 100);
        assert_int_equal(s->bans.never.n, 3);
        for (size_t k = 0; k < 3; k++)
            assert_int_equal(s->bans.never.v[k].never.kind, WEIR_NEVER_GATEWAY + k);
        assert_int_equal(s->limits.bans, 65536);
        assert_int_equal(s->limits.prefixes, 131072);
        assert_int_equal(s->limits.events_bulk, 4 << 20);
        assert_int_equal(s->allowed.n + s->denied.n + s->protected.n, 0);
        assert_false(weir_settings_states(s, "mode"));
        weir_settings_free(s);
    }
}

static const char full[] = "mode: enforce\n"
                           "interfaces: [{match: eth0, attach: xdp-generic}, wlan*]\n"
                           "allow: [192.0.2.10, \"2001:db8:1::/48\", {file: x.netset}]\n"
                           "deny:\n"
                           "- {file: x.netset, reason: feed}\n"
                           "- 198.51.100.7\n"
                           "protect: [203.0.113.0/24]\n"
                           "services:\n"
                           "- {name: web, listen: [\"203.0.113.10:443\", \"[2001:db8::1]:80\"]}\n"
                           "detections:\n"
                           "  scan.xmas: {action: ban, for: 10m}\n"
                           "  integrity.ttl: off\n"
                           "bans: {max_per_minute: 10k, escalate: 2.5x, for: 2h,\n"
                           "       never: [management, 10.0.0.0/8]}\n"
                           "limits: {bans: 1M, events_high: 1MiB, incidents: 100k}\n"
                           "zones:\n"
                           "- name: office\n"
                           "  match: {vlan: 7, interface: eth0}\n"
                           "  check: liberal\n"
                           "  mode: observe\n"
                           "  detections: {scan.null: alert}\n"
                           "cookies: {when: always, sysctl: set}\n";

static const char full_list[] = "# FireHOL\n"
                                "\n"
                                "192.0.2.0/24 ; SBL\n"
                                "\t198.51.100.7\r\n"
                                "2001:db8:2::/48";

static void everything(void **state)
{
    struct weir_settings *s = policy_good(full, full_list);

    (void)state;
    assert_int_equal(s->mode, WEIR_MODE_ENFORCE);
    assert_int_equal(s->interfaces.n, 2);
    assert_string_equal(s->interfaces.v[0].match, "eth0");
    assert_int_equal(s->interfaces.v[0].attach, WEIR_ATTACH_SETTING_XDP_GENERIC);
    assert_string_equal(s->interfaces.v[1].match, "wlan*");
    assert_int_equal(s->interfaces.v[1].attach, WEIR_ATTACH_SETTING_AUTO);
    assert_int_equal(s->services.v[0].listen.n, 2);
    assert_int_equal(s->services.v[0].listen.v[1].listen.port, 80);
    assert_int_equal(s->detections.n, 2);
    assert_int_equal(s->cookies.when, WEIR_COOKIES_ALWAYS);
    assert_int_equal(s->cookies.sysctl, WEIR_COOKIES_SYSCTL_SET);
    assert_int_equal(s->detections.v[0].row, WEIR_ROW_SCAN_XMAS);
    assert_int_equal(s->detections.v[0].action, WEIR_ACTION_BAN);
    assert_int_equal(s->detections.v[0].for_s, 600);
    assert_int_equal(s->detections.v[1].action, WEIR_ACTION_OFF);
    assert_int_equal(s->detections.v[1].for_s, WEIR_UNSET);
    assert_int_equal(s->bans.max_per_minute, 10000);
    assert_int_equal(s->bans.escalate, 250);
    assert_int_equal(s->bans.for_s, 7200);
    assert_int_equal(s->bans.never.n, 2);
    assert_int_equal(s->bans.never.v[1].never.prefix.bits, 104);
    assert_int_equal(s->limits.bans, 1000000);
    assert_int_equal(s->limits.events_high, 1 << 20);
    assert_int_equal(s->zones.n, 1);
    assert_int_equal(s->zones.v[0].vlan, 7);
    assert_string_equal(s->zones.v[0].interface, "eth0");
    assert_int_equal(s->zones.v[0].check, WEIR_CHECK_LIBERAL);
    assert_int_equal(s->zones.v[0].mode, WEIR_MODE_OBSERVE);
    assert_int_equal(s->zones.v[0].detections.v[0].row, WEIR_ROW_SCAN_NULL);
    assert_true(weir_settings_states(s, "mode"));
    weir_settings_free(s);
}

static void lists_are_sorted_and_known_by_item(void **state)
{
    struct weir_settings *s = policy_good(full, full_list);
    char text[WEIR_ADDR_TEXT];

    (void)state;
    assert_int_equal(s->allowed.n, 5);
    assert_int_equal(s->denied.n, 3);
    assert_int_equal(s->protected.n, 1);
    assert_string_equal(weir_addr_format(s->denied.v[0].prefix.addr, text), "192.0.2.0");
    assert_int_equal(s->denied.v[0].item, 0);
    assert_string_equal(weir_addr_format(s->denied.v[1].prefix.addr, text), "198.51.100.7");
    assert_int_equal(s->denied.v[1].prefix.bits, 128);
    assert_int_equal(s->denied.v[1].item, 0); /* in the file, and again as item 1 */
    assert_int_equal(s->denied.v[2].prefix.bits, 48);
    assert_string_equal(s->deny.v[0].reason, "feed");
    weir_settings_free(s);
}

/* A key whose value is this line's, or NULL. */
static const char *line_of(const char *shown, const char *key, char line[256])
{
    const char *at = strstr(shown, key);

    if (!at || (at != shown && at[-1] != '\n'))
        return NULL;
    (void)snprintf(line, 256, "%.*s", (int)strcspn(at, "\n"), at);
    return line;
}

static void shown_with_origin(void **state)
{
    struct weir_settings *s = policy_good(full, full_list);
    struct weir_buf out = { 0 };
    char line[256];

    (void)state;
    weir_settings_show(s, &out);
    weir_buf_add_char(&out, '\0');
    assert_false(out.failed);
#define LINE(key, value, origin)                                                                   \
    do {                                                                                           \
        assert_non_null(line_of(out.data, key ": ", line));                                        \
        assert_int_equal(strncmp(line, key ": " value " ", sizeof(key ": " value " ") - 1), 0);    \
        assert_string_equal(strchr(line, '#'), "# " origin);                                       \
    } while (0)
    LINE("mode", "enforce", "p:1:7");
    LINE("interfaces[1].match", "wlan*", "p:2:50");
    LINE("interfaces[1].attach", "auto", "default");
    LINE("deny[1].prefix", "198.51.100.7", "p:6:3");
    LINE("detections.scan.xmas.for", "10m", "p:11:33");
    LINE("detections.integrity.ttl.action", "off", "p:12:18");
    LINE("bans.escalate", "2.5x", "p:13:39");
    LINE("bans.never[1]", "10.0.0.0/8", "p:14:28");
    LINE("limits.prefixes", "131072", "default");
    LINE("cookies.when", "always", "p:22:17");
    LINE("zones[0].match.vlan", "7", "p:18:17");
    LINE("zones[0].detections.scan.null.action", "alert", "p:21:27");
    assert_non_null(strstr(out.data, "\n# deny: 3 prefixes\n"));
    weir_buf_free(&out);
    weir_settings_free(s);
}

/* Every key of the table shows up, so that no row is only half connected. */
static void table_is_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < weir_keys_n; i++) {
        const struct weir_key *row = &weir_keys[i];
        bool element = row->path[strlen(row->path) - 1] == ']';

        assert_true(row->doc && *row->doc);
        assert_ptr_equal(weir_key_find(row->path, ""), row); /* no path twice */
        if (row->type == WEIR_KEY_LIST)
            assert_non_null(weir_key_find(row->path, "[]"));
        if (row->type == WEIR_KEY_DICT)
            assert_non_null(weir_key_find(row->path, "*"));
        if (element || strstr(row->path, ".*"))
            assert_true(row->size || !element);
        if (row->type >= WEIR_KEY_CHOICE && !element && !row->required && !row->initial)
            assert_non_null(row->without);
        if (row->type == WEIR_KEY_CHOICE)
            assert_true(row->choices > 1);
    }
}

static void document_read(const char *name, struct weir_buf *ret)
{
    const char *source = getenv("WEIR_SOURCE");
    char path[512], block[4096];
    size_t n;
    FILE *f;

    assert_non_null(source);
    (void)snprintf(path, sizeof(path), "%s/%s", source, name);
    f = fopen(path, "r");
    assert_non_null(f);
    while ((n = fread(block, 1, sizeof(block), f)) > 0)
        weir_buf_add(ret, block, n);
    (void)fclose(f);
    weir_buf_add_char(ret, '\0');
    assert_false(ret->failed);
}

static void reference_is_in_the_documents(void **state)
{
    struct weir_buf out = { 0 }, doc = { 0 };

    (void)state;
    document_read("docs/policy.md", &doc);
    weir_settings_reference(&out);
    weir_buf_add_char(&out, '\0');
    if (!strstr(doc.data, out.data))
        fail_msg("docs/policy.md: the reference is not what `weir policy keys` prints");
    weir_buf_free(&out);
    weir_buf_free(&doc);
}

static void reference_as_json_has_every_key(void **state)
{
    struct weir_buf out = { 0 }, table = { 0 };
    struct weir_json j = { .out = &out };
    json_t *reply, *row;
    json_error_t error;
    size_t i;

    (void)state;
    weir_json_object(&j, NULL);
    weir_settings_reference_json(&j);
    weir_json_object_end(&j);
    weir_settings_reference(&table);
    weir_buf_add_char(&table, '\0');
    reply = json_loadb(out.data, out.len, 0, &error);
    assert_non_null(reply);
    assert_int_equal(json_array_size(json_object_get(reply, "keys")), weir_keys_n);
    json_array_foreach(json_object_get(reply, "keys"), i, row)
    {
        char line[512];

        (void)snprintf(line, sizeof(line), "| `%s` | %s | ",
                       json_string_value(json_object_get(row, "key")),
                       json_string_value(json_object_get(row, "value")));
        assert_non_null(strstr(table.data, line));
        assert_true(strlen(json_string_value(json_object_get(row, "meaning"))) > 0);
    }
    json_decref(reply);
    weir_buf_free(&out);
    weir_buf_free(&table);
}

/* The first YAML block of each document, with the lists that it names. */
static void examples_are_good(void **state)
{
    static const char *const names[] = { "docs/policy.md", "README.md" };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct weir_bundle b = { .closed = true };
        struct weir_buf doc = { 0 }, why = { 0 };
        struct weir_settings *s = NULL;
        struct weir_faults f;
        const char *from;

        document_read(names[i], &doc);
        from = strstr(doc.data, "```yaml\n");
        assert_non_null(from);
        from += strlen("```yaml\n");
        assert_int_equal(
            weir_bundle_add(&b, names[i], from, (size_t)(strstr(from, "```") - from), NULL), 0);
        assert_int_equal(weir_bundle_add(&b, "drop.netset", "", 0, NULL), 0);
        assert_int_equal(weir_bundle_add(&b, "partners.netset", "", 0, NULL), 0);
        if (weir_settings_read(&b, &s, &f) < 0) {
            weir_faults_write(&f, &b, &why);
            fail_msg("%.*s", (int)why.len, why.data);
        }
        weir_settings_free(s);
        weir_buf_free(&doc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(everything),
        cmocka_unit_test(lists_are_sorted_and_known_by_item),
        cmocka_unit_test(shown_with_origin),
        cmocka_unit_test(table_is_whole),
        cmocka_unit_test(reference_is_in_the_documents),
        cmocka_unit_test(reference_as_json_has_every_key),
        cmocka_unit_test(examples_are_good),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
