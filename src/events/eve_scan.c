/* SPDX-License-Identifier: Apache-2.0 */
#include "events/eve_scan.h"

#include "base/addr.h"
#include "base/clock.h"
#include "events/names.h"

static const char *const type_names[WEIR_SCAN_TYPE_MAX] = {
    [WEIR_SCAN_TYPE_SYN] = "syn",       [WEIR_SCAN_TYPE_CONNECT] = "connect",
    [WEIR_SCAN_TYPE_FIN] = "fin",       [WEIR_SCAN_TYPE_NULL] = "null",
    [WEIR_SCAN_TYPE_XMAS] = "xmas",     [WEIR_SCAN_TYPE_MAIMON] = "maimon",
    [WEIR_SCAN_TYPE_ACK] = "ack",       [WEIR_SCAN_TYPE_IDLE] = "idle_zombie",
    [WEIR_SCAN_TYPE_CUSTOM] = "custom", [WEIR_SCAN_TYPE_FRAGMENTED] = "fragmented",
};
static const char *const shape_names[WEIR_SCAN_SHAPE_MAX] = { "vertical", "horizontal", "block" };
static const char *const state_names[WEIR_SCAN_STATE_MAX] = { "opened", "goes_on", "over",
                                                              "merged" };

static const char *type_name(const struct weir_scan_incident *s)
{
    return type_names[s->type % WEIR_SCAN_TYPE_MAX];
}

static const char *state_name(const struct weir_scan_incident *s)
{
    return state_names[s->state % WEIR_SCAN_STATE_MAX];
}

static const char *tool_name(unsigned tool)
{
    return tool & 4 ? "masscan" : tool & 8 ? "zmap" : tool & 2 ? "nmap" : NULL;
}

/* The most specific of its detections. */
static const struct weir_detection_info *naming(const struct weir_scan_incident *s)
{
    const struct weir_detection_info *best = weir_detection_by_id(s->part[0].detection);

    for (int n = 1; n < WEIR_SCAN_PARTS && s->part[n].detection; n++) {
        const struct weir_detection_info *d = weir_detection_by_id(s->part[n].detection);

        if (d && (!best || d->row < best->row))
            best = d;
    }
    return best ? best : weir_detection_by_id(WEIR_DET_SCAN_VERTICAL);
}

static double seconds_of(const struct weir_scan_incident *s)
{
    return (double)(s->last_ns - s->first_ns) / 1e9;
}

/* Ports or hosts a second, whichever there are more of. */
static double rate_of(const struct weir_scan_incident *s)
{
    double n = s->ports > s->hosts ? s->ports : s->hosts, seconds = seconds_of(s);

    return seconds > 0 ? n / seconds : 0;
}

static void write_addresses(struct weir_json *j, const char *key, const __u8 (*addr)[16], int n)
{
    char text[WEIR_ADDR_TEXT];

    weir_json_array(j, key);
    for (int i = 0; i < n; i++)
        weir_json_str(j, NULL, weir_addr_format(addr[i], text));
    weir_json_array_end(j);
}

static void write_evidence(struct weir_json *j, const struct weir_scan_incident *s)
{
    weir_json_object(j, "evidence");
    weir_json_object(j, "findings");
    for (int n = 0; n < WEIR_SCAN_PARTS && s->part[n].detection; n++) {
        const struct weir_detection_info *d = weir_detection_by_id(s->part[n].detection);

        weir_json_u64(j, d ? d->name : "unknown", s->part[n].packets);
    }
    weir_json_object_end(j);
    weir_json_u64(j, "failed", s->failed);
    weir_json_u64(j, "opened", s->opened);
    weir_json_i64(j, "score", (int32_t)s->score);
    weir_json_u64(j, "half_reset", s->half_reset);
    weir_json_u64(j, "bare", s->bare);
    weir_json_u64(j, "refused", s->refused);
    weir_json_bool(j, "proven", s->flags & WEIR_SCAN_FLAG_PROVEN);
    weir_json_object_end(j);
}

void weir_scan_write(struct weir_json *j, const struct weir_scan_incident *s)
{
    const char *tool = tool_name(s->tool);
    char text[WEIR_ADDR_TEXT];

    weir_json_object(j, "scan");
    weir_json_str(j, "type", type_name(s));
    weir_json_str(j, "shape", shape_names[s->shape % WEIR_SCAN_SHAPE_MAX]);
    weir_json_bool(j, "slow", s->flags & WEIR_SCAN_FLAG_SLOW);
    weir_json_bool(j, "outbound", s->flags & WEIR_SCAN_FLAG_OUTBOUND);
    weir_json_bool(j, "decoys", s->flags & WEIR_SCAN_FLAG_DECOYS);
    weir_json_bool(j, "distributed", s->flags & WEIR_SCAN_FLAG_DISTRIBUTED);
    weir_json_bool(j, "shared", s->flags & WEIR_SCAN_FLAG_SHARED);
    write_addresses(j, "sources", s->source, s->sources);
    if (s->flags & WEIR_SCAN_FLAG_DISTRIBUTED)
        weir_json_u64(j, "source_count", s->spread);
    if (s->flags & WEIR_SCAN_FLAG_REAL)
        weir_json_str(j, "real_source",
                      weir_addr_format(s->source[s->real % WEIR_SCAN_SOURCES], text));
    write_addresses(j, "targets", s->target, s->targets);
    weir_json_u64(j, "target_count", s->hosts);
    weir_json_u64(j, "ports", s->ports);
    weir_json_array(j, "open_ports");
    for (int n = 0; n < s->opens; n++)
        weir_json_u64(j, NULL, s->open[n]);
    weir_json_array_end(j);
    weir_json_double(j, "duration_s", seconds_of(s), 3);
    weir_json_double(j, "rate", rate_of(s), 3);
    if (tool)
        weir_json_str(j, "tool", tool);
    weir_json_double(j, "confidence", s->confidence / 100.0, 2);
    write_evidence(j, s);
    weir_json_object_end(j);
}

static void write_weir(struct weir_json *j, const struct weir_scan_incident *s,
                       const struct weir_eve_source *from)
{
    const struct weir_detection_info *d = naming(s);
    char time[WEIR_TIME_TEXT];

    weir_json_object(j, "weir");
    weir_json_u64(j, "incident", s->id);
    weir_json_str(j, "state", state_name(s));
    if (s->state == WEIR_SCAN_MERGED)
        weir_json_u64(j, "merged_into", s->merged_into);
    weir_json_str(j, "category", "scan");
    weir_json_str(j, "detection", d->name);
    weir_json_str(j, "severity",
                  weir_severity_name(from->known ? WEIR_SEVERITY_INFO : d->severity));
    if (from->known)
        weir_json_str(j, "known", from->known);
    weir_json_u64(j, "count", s->packets);
    weir_json_str(j, "first", weir_time_format(s->first_ns + from->clock_offset_ns, time));
    weir_scan_write(j, s);
    weir_json_object_end(j);
}

void weir_eve_scan_write(struct weir_buf *out, const struct weir_scan_incident *s,
                         const struct weir_eve_source *from)
{
    struct weir_json j = { .out = out };
    char text[WEIR_ADDR_TEXT], time[WEIR_TIME_TEXT];

    weir_json_object(&j, NULL);
    weir_json_str(&j, "timestamp", weir_time_format(s->last_ns + from->clock_offset_ns, time));
    if (from->in_iface)
        weir_json_str(&j, "in_iface", from->in_iface);
    if (from->pcap_filename)
        weir_json_str(&j, "pcap_filename", from->pcap_filename);
    weir_json_str(&j, "event_type", "incident");
    weir_json_str(&j, "src_ip", weir_addr_format(s->source[0], text));
    weir_json_str(&j, "dest_ip", weir_addr_format(s->target[0], text));
    weir_json_str(&j, "proto", "TCP");
    write_weir(&j, s, from);
    weir_json_object_end(&j);
    weir_buf_add_char(out, '\n');
}

static void add_addresses(struct weir_buf *out, const __u8 (*addr)[16], int n)
{
    char text[WEIR_ADDR_TEXT];

    for (int i = 0; i < n; i++) {
        weir_buf_add_str(out, i ? ", " : "");
        weir_buf_add_str(out, weir_addr_format(addr[i], text));
    }
}

void weir_scan_describe(struct weir_buf *out, const struct weir_scan_incident *s)
{
    const char *tool = tool_name(s->tool);
    char text[WEIR_ADDR_TEXT];

    weir_buf_addf(out, "%s%s scan of ", s->flags & WEIR_SCAN_FLAG_SLOW ? "slow " : "",
                  type_name(s));
    add_addresses(out, s->target, s->targets);
    if (s->hosts > s->targets)
        weir_buf_addf(out, " and more, %u hosts", s->hosts);
    weir_buf_add_str(out, " by ");
    add_addresses(out, s->source, s->sources);
    if (s->flags & WEIR_SCAN_FLAG_DISTRIBUTED)
        weir_buf_addf(out, " and more, %u sources", s->spread);
    if (s->flags & WEIR_SCAN_FLAG_REAL)
        weir_buf_addf(out, " (real: %s)",
                      weir_addr_format(s->source[s->real % WEIR_SCAN_SOURCES], text));
    else if (s->flags & WEIR_SCAN_FLAG_DECOYS)
        weir_buf_add_str(out, " (decoys)");
    else if (s->flags & WEIR_SCAN_FLAG_SHARED)
        weir_buf_add_str(out, " (shared)");
    weir_buf_addf(out, ", %u ports", s->ports);
    for (int n = 0; n < s->opens; n++)
        weir_buf_addf(out, "%s%u", n ? "," : ", open ", s->open[n]);
    weir_buf_addf(out, ", %.1f s, %u %% sure", seconds_of(s), s->confidence);
    if (tool)
        weir_buf_addf(out, ", %s", tool);
}

void weir_text_scan_write(struct weir_buf *out, const struct weir_scan_incident *s,
                          const struct weir_eve_source *from)
{
    const struct weir_detection_info *d = naming(s);
    char time[WEIR_TIME_TEXT];

    weir_time_format(s->last_ns + from->clock_offset_ns, time);
    weir_buf_add(out, time, 26);
    weir_buf_addf(out, "  %-6s  scan %llu %s: ",
                  weir_severity_name(from->known ? WEIR_SEVERITY_INFO : d->severity),
                  (unsigned long long)s->id, state_name(s));
    weir_scan_describe(out, s);
    if (from->known)
        weir_buf_addf(out, ", known: %s", from->known);
    weir_buf_add_char(out, '\n');
}
