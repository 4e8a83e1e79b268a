/* SPDX-License-Identifier: Apache-2.0 */

/* The views of services and of connections. */

#include <stdio.h>
#include <string.h>

#include "cli/top_rows.h"

/* "192.0.2.1:443" */
static void end_text(const json_t *o, const char *ip, const char *port, char *ret, size_t size)
{
    (void)snprintf(ret, size, strchr(weir_top_text(o, ip), ':') ? "[%s]:%d" : "%s:%d",
                   weir_top_text(o, ip), (int)weir_top_number(o, port));
}

static json_int_t bytes_of(const json_t *o)
{
    return weir_top_number(json_object_get(o, "client"), "bytes") +
           weir_top_number(json_object_get(o, "server"), "bytes");
}

/* Of one that was not in the answer before, only the total is known. */
static double rate_if(const struct weir_top *t, const json_t *was, json_int_t now,
                      json_int_t before)
{
    return was ? weir_top_rate(t, now, before) : 0;
}

static const json_t *same_service(json_t *array, const json_t *o)
{
    json_t *other;
    size_t i;

    json_array_foreach(array, i, other)
    {
        if (weir_top_number(other, "port") == weir_top_number(o, "port") &&
            !strcmp(weir_top_text(other, "address"), weir_top_text(o, "address")))
            return other;
    }
    return NULL;
}

static json_int_t failures_of(const json_t *o)
{
    json_int_t n = 0;
    const char *key;
    json_t *value;

    json_object_foreach(json_object_get(o, "failed"), key, value) n += json_integer_value(value);
    return n;
}

static void milliseconds_set(json_t *row, const char *key, const json_t *us)
{
    if (row && us)
        (void)json_object_set_new(row, key, json_real((double)json_integer_value(us) / 1000));
}

static void service_row(const struct weir_top *t, json_t *rows, const json_t *o)
{
    const json_t *was = same_service(json_object_get(t->before, "services"), o);
    const json_t *client = json_object_get(o, "client"), *server = json_object_get(o, "server");
    json_int_t packets = weir_top_number(client, "packets") + weir_top_number(server, "packets");
    json_int_t again =
        weir_top_number(client, "retransmitted") + weir_top_number(server, "retransmitted");
    bool local = json_is_true(json_object_get(o, "local"));
    char name[64];
    json_t *row;

    end_text(o, "address", "port", name, sizeof(name));
    row = json_pack(
        "{s:s,s:f,s:I,s:I,s:I,s:f,s:f}", "service", name, "per_s",
        rate_if(t, was, weir_top_number(o, "connections"), weir_top_number(was, "connections")),
        "connections", weir_top_number(o, "connections"), "running", weir_top_number(o, "running"),
        "failed", failures_of(o), "bytes_per_s", rate_if(t, was, bytes_of(o), bytes_of(was)),
        "again_percent", packets ? 100.0 * (double)again / (double)packets : 0.0);
    milliseconds_set(row, "handshake_server_ms",
                     json_object_get(json_object_get(o, "handshake_server_us"), "p50"));
    milliseconds_set(row, "handshake_client_ms",
                     json_object_get(json_object_get(o, "handshake_client_us"), "p50"));
    milliseconds_set(
        row, "rtt_ms",
        json_object_get(json_object_get(o, local ? "rtt_client_us" : "rtt_server_us"), "p50"));
    (void)json_array_append_new(rows, row);
}

json_t *weir_top_services(const struct weir_top *t)
{
    json_t *rows = json_array(), *service;
    size_t i;

    json_array_foreach(json_object_get(t->now, "services"), i, service)
        service_row(t, rows, service);
    return rows;
}

size_t weir_top_services_all(const struct weir_top *t)
{
    return (size_t)weir_top_number(t->now, "services_known");
}

/* The same connection: its ends met at the same moment. */
static const json_t *same_flow(json_t *array, const json_t *o)
{
    json_t *other;
    size_t i;

    json_array_foreach(array, i, other)
    {
        if (weir_top_number(other, "flow_id") == weir_top_number(o, "flow_id") &&
            !strcmp(weir_top_text(json_object_get(other, "flow"), "start"),
                    weir_top_text(json_object_get(o, "flow"), "start")))
            return other;
    }
    return NULL;
}

static json_int_t flow_bytes(const json_t *o)
{
    const json_t *flow = json_object_get(o, "flow");

    return weir_top_number(flow, "bytes_toserver") + weir_top_number(flow, "bytes_toclient");
}

static void flow_row(const struct weir_top *t, json_t *rows, const json_t *o)
{
    const json_t *was = same_flow(json_object_get(t->before, "flows"), o);
    const json_t *weir = json_object_get(o, "weir");
    const json_t *client = json_object_get(weir, "client"),
                 *server = json_object_get(weir, "server");
    char name[128];
    json_t *row;

    end_text(o, "src_ip", "src_port", name, sizeof(name) / 2);
    (void)strcat(name, " > ");
    end_text(o, "dest_ip", "dest_port", name + strlen(name), sizeof(name) - strlen(name));
    row = json_pack(
        "{s:s,s:f,s:I,s:I,s:I,s:I,s:s}", "flow", name, "bytes_per_s",
        rate_if(t, was, flow_bytes(o), flow_bytes(was)), "bytes", flow_bytes(o), "age_s",
        weir_top_number(o, "age_ms") / 1000, "again",
        weir_top_number(client, "retransmitted") + weir_top_number(server, "retransmitted"),
        "zero_window_ms",
        weir_top_number(client, "zero_window_ms") + weir_top_number(server, "zero_window_ms"),
        "state", weir_top_text(weir, "state"));
    milliseconds_set(row, "rtt_client_ms", json_object_get(client, "rtt_us"));
    milliseconds_set(row, "rtt_server_ms", json_object_get(server, "rtt_us"));
    (void)json_array_append_new(rows, row);
}

json_t *weir_top_flows(const struct weir_top *t)
{
    json_t *rows = json_array(), *flow;
    size_t i;

    json_array_foreach(json_object_get(t->now, "flows"), i, flow) flow_row(t, rows, flow);
    return rows;
}

size_t weir_top_flows_all(const struct weir_top *t)
{
    return (size_t)weir_top_number(t->now, "flows_seen");
}

const struct weir_top_column weir_top_service_columns[] = {
    { "service", "service", 26, WEIR_TOP_TEXT },
    { "per_s", "conns/s", 8, WEIR_TOP_RATE },
    { "running", "running", 8, WEIR_TOP_COUNT },
    { "failed", "failed", 7, WEIR_TOP_COUNT },
    { "bytes_per_s", "bytes/s", 8, WEIR_TOP_RATE },
    { "handshake_server_ms", "server ms", 9, WEIR_TOP_MILLISECONDS },
    { "handshake_client_ms", "client ms", 9, WEIR_TOP_MILLISECONDS },
    { "rtt_ms", "rtt ms", 8, WEIR_TOP_MILLISECONDS },
    { "again_percent", "again %", 8, WEIR_TOP_RATE },
    { NULL, NULL, 0, WEIR_TOP_TEXT },
};

const struct weir_top_column weir_top_flow_columns[] = {
    { "flow", "client > server", 44, WEIR_TOP_TEXT },
    { "bytes_per_s", "bytes/s", 8, WEIR_TOP_RATE },
    { "bytes", "bytes", 7, WEIR_TOP_COUNT },
    { "age_s", "seconds", 8, WEIR_TOP_SECONDS },
    { "rtt_client_ms", "client ms", 9, WEIR_TOP_MILLISECONDS },
    { "rtt_server_ms", "server ms", 9, WEIR_TOP_MILLISECONDS },
    { "again", "again", 6, WEIR_TOP_COUNT },
    { "zero_window_ms", "0 win ms", 8, WEIR_TOP_COUNT },
    { NULL, NULL, 0, WEIR_TOP_TEXT },
};
