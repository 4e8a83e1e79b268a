/* SPDX-License-Identifier: Apache-2.0 */
#include "events/eve_tls.h"

#include <string.h>

#include "abi/flow.h"
#include "base/addr.h"
#include "base/clock.h"
#include "base/json.h"

#define TIME_CHARS 26 /* without the offset, which is always +0000 */

const char *weir_tls_version_name(uint16_t version)
{
    switch (version) {
    case 0x0002:
        return "SSLv2";
    case 0x0300:
        return "SSLv3";
    case 0x0301:
        return "TLS 1.0";
    case 0x0302:
        return "TLS 1.1";
    case 0x0303:
        return "TLS 1.2";
    case 0x0304:
        return "TLS 1.3";
    default:
        return "unknown";
    }
}

/* The next name of the list; 0 at its end, or where it is cut. */
static size_t alpn_next(const struct weir_tls_event *ev, size_t *at, const char **ret)
{
    size_t len;

    if (*at >= ev->alpn_len)
        return 0;
    len = ev->alpn[*at];
    if (!len || *at + 1 + len > ev->alpn_len)
        return 0;
    *ret = (const char *)ev->alpn + *at + 1;
    *at += 1 + len;
    return len;
}

static void members_write(struct weir_json *j, const struct weir_tls_event *ev)
{
    const char *name;
    size_t at = 0, len;

    weir_json_object(j, "tls");
    if (ev->name_len)
        weir_json_strn(j, "sni", (const char *)ev->name, ev->name_len);
    if (ev->alpn_len) {
        weir_json_array(j, "client_alpns");
        while ((len = alpn_next(ev, &at, &name)))
            weir_json_strn(j, NULL, name, len);
        weir_json_array_end(j);
    }
    if (ev->ja3[0]) {
        weir_json_object(j, "ja3");
        weir_json_str(j, "hash", (const char *)ev->ja3);
        weir_json_object_end(j);
    }
    weir_json_str(j, "ja4", (const char *)ev->ja4);
    weir_json_object_end(j);
    weir_json_object(j, "weir");
    weir_json_str(j, "offered_version", weir_tls_version_name(ev->version));
    weir_json_object_end(j);
}

void weir_eve_tls_write(struct weir_buf *out, const struct weir_tls_event *ev,
                        const struct weir_eve_source *from)
{
    struct weir_json j = { .out = out };
    struct weir_flow f = { .sport = ev->from.sport, .dport = ev->from.dport };
    char text[WEIR_TIME_TEXT], addr[WEIR_ADDR_TEXT];

    memcpy(f.src, ev->from.src, sizeof(f.src));
    memcpy(f.dst, ev->from.dst, sizeof(f.dst));
    weir_json_object(&j, NULL);
    weir_json_str(&j, "timestamp", weir_time_format(ev->from.ts_ns + from->clock_offset_ns, text));
    weir_json_u64(&j, "flow_id", weir_flow_id(&f));
    if (ev->from.packet)
        weir_json_u64(&j, "pcap_cnt", ev->from.packet);
    if (from->pcap_filename)
        weir_json_str(&j, "pcap_filename", from->pcap_filename);
    if (from->in_iface)
        weir_json_str(&j, "in_iface", from->in_iface);
    if (ev->from.flags & WEIR_HELLO_TAGGED) {
        weir_json_array(&j, "vlan");
        weir_json_u64(&j, NULL, ev->from.vlan);
        weir_json_array_end(&j);
    }
    weir_json_str(&j, "event_type", "tls");
    weir_json_str(&j, "src_ip", weir_addr_format(ev->from.src, addr));
    weir_json_u64(&j, "src_port", ev->from.sport);
    weir_json_str(&j, "dest_ip", weir_addr_format(ev->from.dst, addr));
    weir_json_u64(&j, "dest_port", ev->from.dport);
    weir_json_str(&j, "proto", "TCP");
    members_write(&j, ev);
    weir_json_object_end(&j);
    weir_buf_add_char(out, '\n');
}

/* Bytes that a terminal takes: others become "?". */
static void plain_add(struct weir_buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        weir_buf_add_char(out, text[i] > ' ' && text[i] < 0x7f ? text[i] : '?');
}

static void end_add(struct weir_buf *out, const uint8_t addr[16], uint16_t port)
{
    char text[WEIR_ADDR_TEXT];

    weir_buf_addf(out, weir_addr_is_ip4(addr) ? "%s:%u" : "[%s]:%u", weir_addr_format(addr, text),
                  port);
}

void weir_text_tls_write(struct weir_buf *out, const struct weir_tls_event *ev,
                         const struct weir_eve_source *from)
{
    const char *name, *lead = "  alpn ";
    char time[WEIR_TIME_TEXT];
    size_t at = 0, len;

    weir_time_format(ev->from.ts_ns + from->clock_offset_ns, time);
    weir_buf_add(out, time, TIME_CHARS);
    weir_buf_addf(out, "  tls   %-30s  ", weir_tls_version_name(ev->version));
    end_add(out, ev->from.src, ev->from.sport);
    weir_buf_add_str(out, " -> ");
    end_add(out, ev->from.dst, ev->from.dport);
    if (ev->name_len) {
        weir_buf_add_str(out, "  name ");
        plain_add(out, (const char *)ev->name, ev->name_len);
    }
    for (; (len = alpn_next(ev, &at, &name)); lead = ",") {
        weir_buf_add_str(out, lead);
        plain_add(out, name, len);
    }
    weir_buf_addf(out, "  ja4 %s", ev->ja4);
    if (ev->ja3[0])
        weir_buf_addf(out, "  ja3 %s", ev->ja3);
    weir_buf_add_char(out, '\n');
}
