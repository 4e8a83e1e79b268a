/* SPDX-License-Identifier: Apache-2.0 */

/* The views. One more is a row at the end of this file and the function that makes its rows. */

#include <stdio.h>
#include <string.h>

#include "cli/top.h"

double weir_top_seconds(const struct weir_top *t)
{
    json_int_t now = json_integer_value(json_object_get(t->now, "clock_ns"));
    json_int_t before = json_integer_value(json_object_get(t->before, "clock_ns"));

    return t->before && now > before ? (double)(now - before) / 1e9 : 0;
}

static json_int_t number(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

static const char *text(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));

    return s ? s : "";
}

/* A counter that went back was reset: it counts from 0. */
static double rate(const struct weir_top *t, json_int_t now, json_int_t before)
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
        if (!strcmp(text(other, key), text(o, key)) &&
            (!second || !strcmp(text(other, second), text(o, second))))
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

        (void)snprintf(name, sizeof(name), "%s%s", text(now, "name"),
                       json_is_true(json_object_get(hook, "shared")) ? "*" : "");
        (void)json_array_append_new(
            rows, json_pack("{s:s,s:s,s:s,s:f,s:f,s:f,s:I,s:I,s:I}", "interface", name, "hook",
                            text(hook, "hook"), "kind", text(hook, "kind"), "packets_per_s",
                            rate(t, number(hook, "packets"), number(was, "packets")), "bytes_per_s",
                            rate(t, number(hook, "bytes"), number(was, "bytes")), "drops_per_s",
                            rate(t, number(hook, "drops"), number(was, "drops")), "packets",
                            number(hook, "packets"), "bytes", number(hook, "bytes"), "drops",
                            number(hook, "drops")));
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
        (void)json_array_append_new(rows, json_pack("{s:s,s:f,s:I}", "name", key, "per_s",
                                                    rate(t, total, number(before, key)), "packets",
                                                    total));
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
        json_int_t total = number(value, "found") + number(value, "noted");
        const json_t *was = json_object_get(before, key);

        (void)json_array_append_new(
            rows, json_pack("{s:s,s:f,s:I}", "detection", key, "per_s",
                            rate(t, total, number(was, "found") + number(was, "noted")), "packets",
                            total));
    }
    return rows;
}

static void source_row(const struct weir_top *t, json_t *rows, const json_t *o)
{
    const json_t *was = same(json_object_get(t->before, "incidents"), o, "source", "detection");
    json_t *port = json_object_get(o, "dest_port");
    char target[64];

    (void)snprintf(target, sizeof(target), port ? "%s port %d" : "%s", text(o, "dest_ip"),
                   (int)json_integer_value(port));
    (void)json_array_append_new(
        rows,
        json_pack("{s:s,s:s,s:s,s:f,s:I,s:I,s:s}", "source",
                  *text(o, "source") ? text(o, "source") : "(no address)", "detection",
                  text(o, "detection"), "severity", text(o, "severity"), "per_s",
                  rate(t, number(o, "packets"), number(was, "packets")), "packets",
                  number(o, "packets"), "age_s", number(o, "age_ms") / 1000, "target", target));
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
    return (size_t)number(t->now, "incidents_running");
}

static json_t *rows_of_bans(const struct weir_top *t)
{
    json_t *rows = json_array(), *ban;
    size_t i;

    json_array_foreach(json_object_get(t->now, "bans"), i, ban)
    {
        const json_t *was = same(json_object_get(t->before, "bans"), ban, "prefix", "kind");
        json_t *left = json_object_get(ban, "expires_in_s");
        json_t *row = json_pack("{s:s,s:s,s:f,s:I,s:s}", "prefix", text(ban, "prefix"), "kind",
                                text(ban, "kind"), "per_s",
                                rate(t, number(ban, "packets"), number(was, "packets")), "packets",
                                number(ban, "packets"), "reason", text(ban, "reason"));

        if (row && left)
            (void)json_object_set(row, "left_s", left);
        (void)json_array_append_new(rows, row);
    }
    return rows;
}

static size_t all_bans(const struct weir_top *t)
{
    return (size_t)number(t->now, "bans_held");
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
    { .name = "losses",
      .columns = counter_columns,
      .name_key = "name",
      .rate_key = "per_s",
      .total_key = "packets",
      .rows = rows_of_losses },
    { .name = NULL },
};
