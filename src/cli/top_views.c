/* SPDX-License-Identifier: Apache-2.0 */

/* The views. One more is a row at the end of this file and the function that makes its rows. */

#include <stdio.h>
#include <string.h>

#include "cli/top_rows.h"

double weir_top_seconds(const struct weir_top *t)
{
    json_int_t now = json_integer_value(json_object_get(t->now, "clock_ns"));
    json_int_t before = json_integer_value(json_object_get(t->before, "clock_ns"));

    return t->before && now > before ? (double)(now - before) / 1e9 : 0;
}

json_int_t weir_top_number(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

const char *weir_top_text(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));

    return s ? s : "";
}

double weir_top_rate(const struct weir_top *t, json_int_t now, json_int_t before)
{
    double seconds = weir_top_seconds(t);
    json_int_t more = now >= before ? now - before : now;

    return seconds > 0 ? (double)more / seconds : 0;
}

/* The element of an array that has the same two texts. */
static const json_t *same(json_t *array, const json_t *o, const char *key, const char *second)
{
    json_t *other;
    size_t i;

    json_array_foreach(array, i, other)
    {
        if (!strcmp(weir_top_text(other, key), weir_top_text(o, key)) &&
            (!second || !strcmp(weir_top_text(other, second), weir_top_text(o, second))))
            return other;
    }
    return NULL;
}

static void interface_rows(const struct weir_top *t, json_t *rows, const json_t *now,
                           const json_t *before)
{
    json_t *hook;
    size_t i;

    json_array_foreach(json_object_get(now, "hooks"), i, hook)
    {
        const json_t *was = same(json_object_get(before, "hooks"), hook, "hook", NULL);
        char name[64];

        (void)snprintf(name, sizeof(name), "%s%s", weir_top_text(now, "name"),
                       json_is_true(json_object_get(hook, "shared")) ? "*" : "");
        (void)json_array_append_new(
            rows,
            json_pack(
                "{s:s,s:s,s:s,s:f,s:f,s:f,s:I,s:I,s:I}", "interface", name, "hook",
                weir_top_text(hook, "hook"), "kind", weir_top_text(hook, "kind"), "packets_per_s",
                weir_top_rate(t, weir_top_number(hook, "packets"), weir_top_number(was, "packets")),
                "bytes_per_s",
                weir_top_rate(t, weir_top_number(hook, "bytes"), weir_top_number(was, "bytes")),
                "drops_per_s",
                weir_top_rate(t, weir_top_number(hook, "drops"), weir_top_number(was, "drops")),
                "packets", weir_top_number(hook, "packets"), "bytes",
                weir_top_number(hook, "bytes"), "drops", weir_top_number(hook, "drops")));
    }
}

static json_t *rows_of_interfaces(const struct weir_top *t)
{
    json_t *rows = json_array(), *all = json_object_get(t->now, "interfaces"), *interface;
    size_t i;

    json_array_foreach(all, i, interface)
        interface_rows(t, rows, interface,
                       same(json_object_get(t->before, "interfaces"), interface, "name", NULL));
    return rows;
}

/* Rows of an object of counters; of those whose names begin with a prefix, if told. */
static void counter_rows(const struct weir_top *t, const char *member, const char *prefix,
                         json_t *rows)
{
    json_t *now = json_object_get(t->now, member), *value;
    const json_t *before = json_object_get(t->before, member);
    const char *key;

    json_object_foreach(now, key, value)
    {
        json_int_t total = json_integer_value(value);

        if (!total || (prefix && strncmp(key, prefix, strlen(prefix))))
            continue;
        (void)json_array_append_new(rows,
                                    json_pack("{s:s,s:f,s:I}", "name", key, "per_s",
                                              weir_top_rate(t, total, weir_top_number(before, key)),
                                              "packets", total));
    }
}

static json_t *rows_of_verdicts(const struct weir_top *t)
{
    json_t *rows = json_array();

    counter_rows(t, "counters", "drop_", rows);
    counter_rows(t, "counters", "would_", rows);
    counter_rows(t, "counters", "spared_", rows);
    return rows;
}

static json_t *rows_of_losses(const struct weir_top *t)
{
    json_t *rows = json_array();

    counter_rows(t, "losses", NULL, rows);
    return rows;
}

static json_t *rows_of_detections(const struct weir_top *t)
{
    json_t *rows = json_array(), *now = json_object_get(t->now, "detections"), *value;
    const json_t *before = json_object_get(t->before, "detections");
    const char *key;

    json_object_foreach(now, key, value)
    {
        json_int_t total = weir_top_number(value, "found") + weir_top_number(value, "noted");
        const json_t *was = json_object_get(before, key);

        (void)json_array_append_new(
            rows,
            json_pack("{s:s,s:f,s:I}", "detection", key, "per_s",
                      weir_top_rate(t, total,
                                    weir_top_number(was, "found") + weir_top_number(was, "noted")),
                      "packets", total));
    }
    return rows;
}

static void source_row(const struct weir_top *t, json_t *rows, const json_t *o)
{
    const json_t *was = same(json_object_get(t->before, "incidents"), o, "source", "detection");
    json_t *port = json_object_get(o, "dest_port");
    char target[64];

    (void)snprintf(target, sizeof(target), port ? "%s port %d" : "%s", weir_top_text(o, "dest_ip"),
                   (int)json_integer_value(port));
    (void)json_array_append_new(
        rows,
        json_pack("{s:s,s:s,s:s,s:f,s:I,s:I,s:s}", "source",
                  *weir_top_text(o, "source") ? weir_top_text(o, "source") : "(no address)",
                  "detection", weir_top_text(o, "detection"), "severity",
                  weir_top_text(o, "severity"), "per_s",
                  weir_top_rate(t, weir_top_number(o, "packets"), weir_top_number(was, "packets")),
                  "packets", weir_top_number(o, "packets"), "age_s",
                  weir_top_number(o, "age_ms") / 1000, "target", target));
}

static json_t *rows_of_sources(const struct weir_top *t)
{
    json_t *rows = json_array(), *incident;
    size_t i;

    json_array_foreach(json_object_get(t->now, "incidents"), i, incident)
        source_row(t, rows, incident);
    return rows;
}

static size_t all_sources(const struct weir_top *t)
{
    return (size_t)weir_top_number(t->now, "incidents_running");
}

static json_t *rows_of_bans(const struct weir_top *t)
{
    json_t *rows = json_array(), *ban;
    size_t i;

    json_array_foreach(json_object_get(t->now, "bans"), i, ban)
    {
        const json_t *was = same(json_object_get(t->before, "bans"), ban, "prefix", "kind");
        json_t *left = json_object_get(ban, "expires_in_s");
        json_t *row = json_pack(
            "{s:s,s:s,s:f,s:I,s:s}", "prefix", weir_top_text(ban, "prefix"), "kind",
            weir_top_text(ban, "kind"), "per_s",
            weir_top_rate(t, weir_top_number(ban, "packets"), weir_top_number(was, "packets")),
            "packets", weir_top_number(ban, "packets"), "reason", weir_top_text(ban, "reason"));

        if (row && left)
            (void)json_object_set(row, "left_s", left);
        (void)json_array_append_new(rows, row);
    }
    return rows;
}

static size_t all_bans(const struct weir_top *t)
{
    return (size_t)weir_top_number(t->now, "bans_held");
}

static const struct weir_top_column interface_columns[] = {
    { "interface", "interface", 16, WEIR_TOP_TEXT },
    { "hook", "hook", 11, WEIR_TOP_TEXT },
    { "kind", "by", 11, WEIR_TOP_TEXT },
    { "packets_per_s", "packets/s", 10, WEIR_TOP_RATE },
    { "bytes_per_s", "bytes/s", 9, WEIR_TOP_RATE },
    { "drops_per_s", "drops/s", 9, WEIR_TOP_RATE },
    { "packets", "packets", 9, WEIR_TOP_COUNT },
    { "drops", "drops", 9, WEIR_TOP_COUNT },
    { NULL, NULL, 0, WEIR_TOP_TEXT },
};

static const struct weir_top_column counter_columns[] = {
    { "name", "", 32, WEIR_TOP_TEXT },
    { "per_s", "packets/s", 10, WEIR_TOP_RATE },
    { "packets", "packets", 9, WEIR_TOP_COUNT },
    { NULL, NULL, 0, WEIR_TOP_TEXT },
};

static const struct weir_top_column detection_columns[] = {
    { "detection", "", 32, WEIR_TOP_TEXT },
    { "per_s", "packets/s", 10, WEIR_TOP_RATE },
    { "packets", "packets", 9, WEIR_TOP_COUNT },
    { NULL, NULL, 0, WEIR_TOP_TEXT },
};

static const struct weir_top_column source_columns[] = {
    { "source", "source", 24, WEIR_TOP_TEXT },
    { "detection", "detection", 30, WEIR_TOP_TEXT },
    { "per_s", "packets/s", 10, WEIR_TOP_RATE },
    { "packets", "packets", 9, WEIR_TOP_COUNT },
    { "age_s", "seconds", 8, WEIR_TOP_SECONDS },
    { "target", "newest target", 0, WEIR_TOP_TEXT },
    { NULL, NULL, 0, WEIR_TOP_TEXT },
};

static const struct weir_top_column ban_columns[] = {
    { "prefix", "source", 24, WEIR_TOP_TEXT },
    { "kind", "kind", 5, WEIR_TOP_TEXT },
    { "per_s", "packets/s", 10, WEIR_TOP_RATE },
    { "packets", "packets", 9, WEIR_TOP_COUNT },
    { "left_s", "s left", 8, WEIR_TOP_SECONDS },
    { "reason", "reason", 0, WEIR_TOP_TEXT },
    { NULL, NULL, 0, WEIR_TOP_TEXT },
};

const struct weir_top_view weir_top_views[] = {
    { .name = "interfaces", .columns = interface_columns, .rows = rows_of_interfaces },
    { .name = "verdicts",
      .columns = counter_columns,
      .name_key = "name",
      .rate_key = "per_s",
      .total_key = "packets",
      .rows = rows_of_verdicts },
    { .name = "detections",
      .columns = detection_columns,
      .name_key = "detection",
      .rate_key = "per_s",
      .total_key = "packets",
      .rows = rows_of_detections },
    { .name = "sources",
      .columns = source_columns,
      .name_key = "source",
      .rate_key = "per_s",
      .total_key = "packets",
      .rows = rows_of_sources,
      .of = all_sources },
    { .name = "bans",
      .columns = ban_columns,
      .name_key = "prefix",
      .rate_key = "per_s",
      .total_key = "packets",
      .rows = rows_of_bans,
      .of = all_bans },
    { .name = "services",
      .columns = weir_top_service_columns,
      .name_key = "service",
      .rate_key = "per_s",
      .total_key = "connections",
      .rows = weir_top_services,
      .of = weir_top_services_all },
    { .name = "flows",
      .columns = weir_top_flow_columns,
      .name_key = "flow",
      .rate_key = "bytes_per_s",
      .total_key = "bytes",
      .rows = weir_top_flows,
      .of = weir_top_flows_all },
    { .name = "losses",
      .columns = counter_columns,
      .name_key = "name",
      .rate_key = "per_s",
      .total_key = "packets",
      .rows = rows_of_losses },
    { .name = NULL },
};
