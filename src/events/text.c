/* SPDX-License-Identifier: Apache-2.0 */
#include "events/eve.h"

#include "base/addr.h"
#include "base/clock.h"
#include "events/names.h"
#include "events/record.h"

#include <string.h>

/* Columns: names reach 30 characters today, two IPv4 ends 46; what is longer moves its line only.
 */
#define NAME_COLUMN 30
#define ENDS_COLUMN 40
#define TIME_CHARS 26 /* without the offset, which is always +0000 */

static void pad_from(struct weir_buf *out, size_t start, size_t column)
{
    while (!out->failed && out->len - start < column)
        weir_buf_add_char(out, ' ');
}

/* Names of files and interfaces are the only foreign text of a line. Anything but printable ASCII
 * in them could drive the terminal that shows it. */
static void add_safe(struct weir_buf *out, const char *s)
{
    for (; *s; s++) {
        if (*s >= 0x20 && *s < 0x7f)
            weir_buf_add_char(out, *s);
        else
            weir_buf_addf(out, "\\x%02x", (unsigned char)*s);
    }
}

static void add_end(struct weir_buf *out, const uint8_t addr[16], uint16_t port, bool ports)
{
    bool brackets = ports && !weir_addr_is_ip4(addr);
    char text[WEIR_ADDR_TEXT];

    if (brackets)
        weir_buf_add_char(out, '[');
    weir_buf_add_str(out, weir_addr_format(addr, text));
    if (brackets)
        weir_buf_add_char(out, ']');
    if (!ports)
        return;
    weir_buf_add_char(out, ':');
    weir_buf_add_u64(out, port);
}

static void add_ends(struct weir_buf *out, const struct weir_event *ev)
{
    bool ports = !(ev->flags & WEIR_EVENT_NO_PORTS);
    char proto[WEIR_PROTO_TEXT];

    if (ev->flags & WEIR_EVENT_NO_ADDRS) {
        weir_buf_add_str(out, "(no addresses)");
        return;
    }
    add_end(out, ev->src, ev->sport, ports);
    weir_buf_add_str(out, " -> ");
    add_end(out, ev->dst, ev->dport, ports);
    if (!weir_event_has_tcp(ev)) {
        weir_buf_add_char(out, ' ');
        weir_buf_add_str(out, weir_proto_name(ev->proto, proto));
    }
}

static void add_verdict(struct weir_buf *out, const struct weir_event *ev)
{
    if (ev->flags & WEIR_EVENT_FINAL)
        weir_buf_add_str(out, "  final");
    if (ev->type == WEIR_EVENT_COUNTED || ev->action <= WEIR_ACTION_ALERT)
        return;
    weir_buf_add_str(out, ev->flags & WEIR_EVENT_ENFORCED ? "  " : "  would ");
    weir_buf_add_str(out, weir_action_name(ev->action));
}

static void add_origin(struct weir_buf *out, const struct weir_event *ev,
                       const struct weir_eve_source *from)
{
    if (ev->packet) {
        weir_buf_add_str(out, "  packet ");
        weir_buf_add_u64(out, ev->packet);
    }
    if (from->pcap_filename) {
        weir_buf_add_str(out, ev->packet ? " (" : "  (");
        add_safe(out, from->pcap_filename);
        weir_buf_add_char(out, ')');
    }
    if (from->in_iface) {
        weir_buf_add_str(out, "  ");
        add_safe(out, from->in_iface);
        weir_buf_add_str(out, ev->flags & WEIR_EVENT_EGRESS ? " out" : " in");
    }
}

static void add_tunnels(struct weir_buf *out, const struct weir_event *ev)
{
    char text[WEIR_ADDR_TEXT];

    for (int i = 0; i < WEIR_TUNNELS_MAX && ev->tunnel[i]; i++) {
        weir_buf_add_str(out, i ? ", " : "  in ");
        weir_buf_add_str(out, weir_tunnel_name(ev->tunnel[i]));
    }
    if (!ev->tunnel_depth)
        return;
    weir_buf_add_str(out, " of ");
    weir_buf_add_str(out, weir_addr_format(ev->outer_src, text));
    weir_buf_add_str(out, " -> ");
    weir_buf_add_str(out, weir_addr_format(ev->outer_dst, text));
}

static void add_number(struct weir_buf *out, const char *name, uint64_t value)
{
    weir_buf_add_char(out, ' ');
    weir_buf_add_str(out, name);
    weir_buf_add_char(out, ' ');
    weir_buf_add_u64(out, value);
}

static void add_evidence(struct weir_buf *out, const struct weir_event *ev, const char *names,
                         const char *pattern)
{
    char name[WEIR_EVIDENCE_NAME], letters[WEIR_TCP_LETTERS];
    const char *also, *lead = "  also ";
    unsigned row = 0;

    if (weir_event_has_tcp(ev)) {
        weir_buf_add_str(out, "  flags ");
        weir_buf_add_str(out, ev->tcp_flags ? weir_tcp_letters(ev->tcp_flags, letters) : "none");
    }
    if (ev->ip_version)
        add_number(out, weir_event_has_tcp(ev) ? "ttl" : " ttl", ev->ttl);
    for (unsigned i = 0; i < WEIR_EVIDENCE_MAX && weir_evidence_next(&names, name); i++) {
        weir_buf_add_char(out, ' ');
        add_number(out, name, ev->evidence[i]);
    }
    if (pattern)
        weir_buf_addf(out, "  name %s", pattern);
    for (also = weir_also_next(ev, &row); also; also = weir_also_next(ev, &row)) {
        weir_buf_add_str(out, lead);
        weir_buf_add_str(out, also);
        lead = ", ";
    }
}

void weir_text_write(struct weir_buf *out, const struct weir_event *ev,
                     const struct weir_eve_source *from)
{
    const struct weir_detection_info *info = weir_event_info(ev);
    bool counted = ev->type == WEIR_EVENT_COUNTED;
    char time[WEIR_TIME_TEXT];
    size_t start;

    weir_time_format(ev->ts_ns + from->clock_offset_ns, time);
    weir_buf_add(out, time, TIME_CHARS);
    weir_buf_add_str(out, "  ");
    start = out->len;
    weir_buf_add_str(out, counted || weir_event_is_known(ev, from)
                              ? "info"
                              : weir_severity_name(info->severity));
    pad_from(out, start, 6);
    start = out->len;
    weir_buf_add_str(out, info->name);
    pad_from(out, start, NAME_COLUMN);
    weir_buf_add_str(out, "  ");
    start = out->len;
    add_ends(out, ev);
    pad_from(out, start, ENDS_COLUMN);
    if (ev->count) {
        weir_buf_add_str(out, "  x");
        weir_buf_add_u64(out, ev->count);
    }
    add_verdict(out, ev);
    add_origin(out, ev, from);
    if (weir_event_has_packet(ev))
        add_tunnels(out, ev);
    if (!(ev->flags & WEIR_EVENT_FINAL))
        add_evidence(out, ev, info->evidence, from->pattern);
    weir_buf_add_char(out, '\n');
}
