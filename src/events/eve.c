/* SPDX-License-Identifier: Apache-2.0 */
#include "events/eve.h"

#include "base/addr.h"
#include "base/clock.h"
#include "base/json.h"
#include "events/names.h"
#include "events/record.h"

#include <stdio.h>
#include <string.h>

static void write_time(struct weir_json *j, const char *key, uint64_t ns)
{
    char text[WEIR_TIME_TEXT];

    weir_json_str(j, key, weir_time_format(ns, text));
}

static void write_origin(struct weir_json *j, const struct weir_event *ev,
                         const struct weir_eve_source *from)
{
    if (from->in_iface)
        weir_json_str(j, "in_iface", from->in_iface);
    if (ev->packet)
        weir_json_u64(j, "pcap_cnt", ev->packet);
    if (from->pcap_filename)
        weir_json_str(j, "pcap_filename", from->pcap_filename);
    weir_json_str(j, "event_type",
                  ev->type == WEIR_EVENT_DROP      ? "drop"
                  : ev->type == WEIR_EVENT_COUNTED ? "anomaly"
                                                   : "alert");
    if (!ev->vlans)
        return;
    weir_json_array(j, "vlan");
    weir_json_u64(j, NULL, ev->vlan[0]);
    if (ev->vlans > 1)
        weir_json_u64(j, NULL, ev->vlan[1]);
    weir_json_array_end(j);
}

static void write_ends(struct weir_json *j, const struct weir_event *ev)
{
    bool ports = !(ev->flags & WEIR_EVENT_NO_PORTS);
    char addr[WEIR_ADDR_TEXT], proto[WEIR_PROTO_TEXT];

    if (ev->flags & WEIR_EVENT_NO_ADDRS)
        return;
    weir_json_str(j, "src_ip", weir_addr_format(ev->src, addr));
    if (ports)
        weir_json_u64(j, "src_port", ev->sport);
    weir_json_str(j, "dest_ip", weir_addr_format(ev->dst, addr));
    if (ports)
        weir_json_u64(j, "dest_port", ev->dport);
    weir_json_str(j, "proto", weir_proto_name(ev->proto, proto));
    if (ev->ip_version)
        weir_json_u64(j, "ip_v", ev->ip_version);
    weir_json_str(j, "direction", ev->flags & WEIR_EVENT_TO_CLIENT ? "to_client" : "to_server");
}

/* Suricata's object: the outermost IP header around the packet. PPPoE and MPLS have none. */
static void write_tunnel(struct weir_json *j, const struct weir_event *ev)
{
    char addr[WEIR_ADDR_TEXT], proto[WEIR_PROTO_TEXT];

    if (!ev->tunnel_depth || !weir_event_has_packet(ev))
        return;
    weir_json_object(j, "tunnel");
    weir_json_str(j, "src_ip", weir_addr_format(ev->outer_src, addr));
    weir_json_str(j, "dest_ip", weir_addr_format(ev->outer_dst, addr));
    weir_json_str(j, "proto", weir_proto_name(ev->outer_proto, proto));
    weir_json_u64(j, "depth", ev->tunnel_depth);
    weir_json_object_end(j);
}

bool weir_event_is_known(const struct weir_event *ev, const struct weir_eve_source *from)
{
    const struct weir_detection_info *info = weir_detection_by_id(ev->detection);

    return from->known && info && !strcmp(info->category, "scan");
}

static void write_alert(struct weir_json *j, const struct weir_event *ev,
                        const struct weir_detection_info *info, bool known)
{
    char signature[64] = "weir ";
    size_t len = strlen(info->name);

    if (len > sizeof(signature) - 5)
        len = sizeof(signature) - 5;
    memcpy(signature + 5, info->name, len);
    weir_json_object(j, "alert");
    weir_json_str(j, "action", ev->flags & WEIR_EVENT_ENFORCED ? "blocked" : "allowed");
    weir_json_u64(j, "gid", 1);
    weir_json_u64(j, "signature_id", ev->detection);
    weir_json_u64(j, "rev", 1);
    weir_json_strn(j, "signature", signature, len + 5);
    weir_json_str(j, "category", info->category);
    weir_json_u64(j, "severity", known ? WEIR_SEVERITY_INFO : info->severity);
    weir_json_object_end(j);
}

static void write_anomaly(struct weir_json *j, const struct weir_detection_info *info)
{
    bool decode = !strcmp(info->category, "integrity");

    weir_json_object(j, "anomaly");
    weir_json_str(j, "type", decode ? "decode" : "stream");
    weir_json_str(j, "event", info->name);
    weir_json_object_end(j);
}

static void write_tcp(struct weir_json *j, unsigned flags)
{
    static const char *const names[] = { "fin", "syn", "rst", "psh", "ack", "urg", "ecn", "cwr" };
    static const char hex[] = "0123456789abcdef";
    char text[2] = { hex[flags >> 4], hex[flags & 15] };

    weir_json_object(j, "tcp");
    weir_json_strn(j, "tcp_flags", text, sizeof(text));
    for (unsigned bit = 0; bit < 8; bit++)
        if (flags >> bit & 1)
            weir_json_bool(j, names[bit], true);
    weir_json_object_end(j);
}

static void write_tunnels(struct weir_json *j, const struct weir_event *ev)
{
    if (!ev->tunnel[0])
        return;
    weir_json_array(j, "tunnels");
    for (int i = 0; i < WEIR_TUNNELS_MAX && ev->tunnel[i]; i++)
        weir_json_str(j, NULL, weir_tunnel_name(ev->tunnel[i]));
    weir_json_array_end(j);
    weir_json_u64(j, "tunnel_id", ev->tunnel_id);
}

static void write_packet(struct weir_json *j, const struct weir_event *ev)
{
    char letters[WEIR_TCP_LETTERS], print[9];

    weir_json_object(j, "packet");
    weir_json_str(j, "outcome", weir_outcome_name(ev->outcome));
    weir_json_u64(j, "frame_bytes", ev->frame_bytes);
    if (ev->ip_version)
        weir_json_u64(j, "ttl", ev->ttl);
    if (ev->ip_version == 4)
        weir_json_u64(j, "ip_id", ev->ip_id);
    if (weir_event_has_tcp(ev)) {
        weir_json_str(j, "tcp_flags", weir_tcp_letters(ev->tcp_flags, letters));
        weir_json_u64(j, "seq", ev->seq);
        weir_json_u64(j, "ack", ev->ack);
        weir_json_u64(j, "window", ev->window);
        weir_json_u64(j, "payload_bytes", ev->payload_bytes);
    }
    if (ev->print) {
        (void)snprintf(print, sizeof(print), "%08x", ev->print);
        weir_json_str(j, "syn_print", print);
    }
    write_tunnels(j, ev);
    weir_json_object_end(j);
}

static void write_evidence(struct weir_json *j, const struct weir_event *ev, const char *names,
                           const char *pattern)
{
    char name[WEIR_EVIDENCE_NAME];
    unsigned row = 0;
    const char *also = weir_also_next(ev, &row);

    if (!*names && !also)
        return;
    weir_json_object(j, "evidence");
    for (unsigned i = 0; i < WEIR_EVIDENCE_MAX && weir_evidence_next(&names, name); i++)
        weir_json_u64(j, name, ev->evidence[i]);
    if (pattern)
        weir_json_str(j, "pattern_name", pattern);
    if (also) {
        weir_json_array(j, "also");
        for (; also; also = weir_also_next(ev, &row))
            weir_json_str(j, NULL, also);
        weir_json_array_end(j);
    }
    weir_json_object_end(j);
}

static void write_weir(struct weir_json *j, const struct weir_event *ev,
                       const struct weir_detection_info *info, const struct weir_eve_source *from)
{
    bool counted = ev->type == WEIR_EVENT_COUNTED, known = weir_event_is_known(ev, from);

    weir_json_object(j, "weir");
    weir_json_str(j, "detection", info->name);
    weir_json_str(j, "category", info->category);
    weir_json_str(j, "severity", counted || known ? "info" : weir_severity_name(info->severity));
    if (known)
        weir_json_str(j, "known", from->known);
    weir_json_str(j, "action", counted ? "count" : weir_action_name(ev->action));
    weir_json_bool(j, "enforced", ev->flags & WEIR_EVENT_ENFORCED);
    if (ev->count) {
        weir_json_u64(j, "count", ev->count);
        write_time(j, "first", ev->first_ns + from->clock_offset_ns);
    }
    if (ev->flags & WEIR_EVENT_FINAL)
        weir_json_bool(j, "final", true);
    weir_json_str(j, "path", ev->flags & WEIR_EVENT_EGRESS ? "egress" : "ingress");
    if (!(ev->flags & WEIR_EVENT_FINAL))
        write_evidence(j, ev, info->evidence, from->pattern);
    if (weir_event_has_packet(ev))
        write_packet(j, ev);
    weir_json_object_end(j);
}

/* As Suricata's drop log: lengths without IPv6's fixed header, flags in full. */
static void write_drop_ip(struct weir_json *j, const struct weir_event *ev)
{
    uint32_t bytes = ev->evidence[WEIR_DROP_IP_BYTES], word = ev->evidence[WEIR_DROP_IP_WORD];

    if (ev->ip_version == 4) {
        weir_json_u64(j, "len", bytes);
        weir_json_u64(j, "tos", word >> 16 & 0xff);
        weir_json_u64(j, "ttl", ev->ttl);
        weir_json_u64(j, "ipid", ev->ip_id);
    } else if (ev->ip_version == 6) {
        weir_json_u64(j, "len", bytes > 40 ? bytes - 40 : 0);
        weir_json_u64(j, "tc", word >> 20 & 0xff);
        weir_json_u64(j, "flowlbl", word & 0xfffff);
        weir_json_u64(j, "hoplimit", ev->ttl);
    }
}

static void write_drop_tcp(struct weir_json *j, const struct weir_event *ev)
{
    static const char *const names[] = { "fin", "syn", "rst", "psh", "ack", "urg" };

    weir_json_u64(j, "tcpseq", ev->seq);
    weir_json_u64(j, "tcpack", ev->ack);
    weir_json_u64(j, "tcpwin", ev->window);
    for (unsigned bit = 0; bit < 6; bit++)
        weir_json_bool(j, names[bit], ev->tcp_flags >> bit & 1);
    weir_json_u64(j, "tcpres", ev->evidence[WEIR_DROP_TCP_WORD] & 15);
    weir_json_u64(j, "tcpurgp", ev->evidence[WEIR_DROP_TCP_WORD] >> 16);
}

static void write_drop(struct weir_json *j, const struct weir_event *ev,
                       const struct weir_detection_info *info)
{
    static const char *const reason[WEIR_DROP_REASON_MAX] = { "unknown", "detection", "ban",
                                                              "deny" };

    weir_json_object(j, "drop");
    write_drop_ip(j, ev);
    if (weir_event_has_tcp(ev))
        write_drop_tcp(j, ev);
    weir_json_str(j, "reason", reason[ev->drop < WEIR_DROP_REASON_MAX ? ev->drop : 0]);
    weir_json_object_end(j);
    weir_json_object(j, "weir");
    if (ev->drop == WEIR_DROP_DETECTION)
        weir_json_str(j, "detection", info->name);
    weir_json_str(j, "path", ev->flags & WEIR_EVENT_EGRESS ? "egress" : "ingress");
    weir_json_u64(j, "frame_bytes", ev->frame_bytes);
    if (ev->evidence[WEIR_DROP_SUPPRESSED])
        weir_json_u64(j, "suppressed", ev->evidence[WEIR_DROP_SUPPRESSED]);
    weir_json_object_end(j);
}

static void write_finding(struct weir_json *j, const struct weir_event *ev,
                          const struct weir_detection_info *info,
                          const struct weir_eve_source *from)
{
    if (ev->type == WEIR_EVENT_COUNTED)
        write_anomaly(j, info);
    else
        write_alert(j, ev, info, weir_event_is_known(ev, from));
    if (weir_event_has_tcp(ev))
        write_tcp(j, ev->tcp_flags);
    write_weir(j, ev, info, from);
}

void weir_eve_write(struct weir_buf *out, const struct weir_event *ev,
                    const struct weir_eve_source *from)
{
    const struct weir_detection_info *info = weir_event_info(ev);
    struct weir_json j = { .out = out };

    weir_json_object(&j, NULL);
    write_time(&j, "timestamp", ev->ts_ns + from->clock_offset_ns);
    if (!(ev->flags & WEIR_EVENT_NO_ADDRS))
        weir_json_u64(&j, "flow_id", ev->flow_id ? ev->flow_id : weir_event_flow_id(ev));
    write_origin(&j, ev, from);
    write_ends(&j, ev);
    write_tunnel(&j, ev);
    if (ev->type == WEIR_EVENT_DROP)
        write_drop(&j, ev, info);
    else
        write_finding(&j, ev, info, from);
    weir_json_object_end(&j);
    weir_buf_add_char(out, '\n');
}
