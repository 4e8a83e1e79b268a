/* SPDX-License-Identifier: Apache-2.0 */
#include "events/eve_flow.h"

#include "base/addr.h"
#include "base/clock.h"
#include "base/json.h"
#include "events/names.h"

bool weir_flow_event_valid(const struct weir_flow_event *ev, size_t len)
{
    return len == sizeof(*ev) && ev->abi == WEIR_ABI && ev->len == sizeof(*ev) &&
           ev->type == WEIR_EVENT_FLOW && ev->why > WEIR_END_NONE && ev->why < WEIR_END_MAX &&
           ev->flow.origin < WEIR_ORIGIN_MAX;
}

const char *weir_flow_state_name(enum weir_flow_state state)
{
    static const char *const name[] = {
        [WEIR_STATE_STRAY] = "stray",       [WEIR_STATE_SYN_SENT] = "syn_sent",
        [WEIR_STATE_SYN_RECV] = "syn_recv", [WEIR_STATE_ESTABLISHED] = "established",
        [WEIR_STATE_FIN_WAIT] = "fin_wait", [WEIR_STATE_CLOSE_WAIT] = "close_wait",
        [WEIR_STATE_LAST_ACK] = "last_ack", [WEIR_STATE_TIME_WAIT] = "time_wait",
        [WEIR_STATE_CLOSE] = "closed",
    };
    _Static_assert(sizeof(name) / sizeof(name[0]) == WEIR_STATE_MAX, "a name per state");

    return (unsigned)state < WEIR_STATE_MAX ? name[state] : "unknown";
}

const char *weir_flow_end_name(unsigned why)
{
    static const char *const name[] = {
        [WEIR_END_NONE] = "none",       [WEIR_END_EVICTED] = "evicted",
        [WEIR_END_REUSED] = "reused",   [WEIR_END_CLOSED] = "closed",
        [WEIR_END_TIMEOUT] = "timeout", [WEIR_END_SHUTDOWN] = "shutdown",
    };
    _Static_assert(sizeof(name) / sizeof(name[0]) == WEIR_END_MAX, "a name per end");

    return why < WEIR_END_MAX ? name[why] : "unknown";
}

/* Suricata knows no other reasons: a closed flow, too, leaves its table by a timeout. */
static const char *eve_reason(unsigned why)
{
    if (why == WEIR_END_EVICTED || why == WEIR_END_REUSED)
        return "forced";
    return why == WEIR_END_SHUTDOWN ? "shutdown" : "timeout";
}

static const char *eve_state(const struct weir_flow *f)
{
    if (weir_flow_is_over(f))
        return "closed";
    return weir_flow_was_open(f) ? "established" : "new";
}

/* Suricata's names tell who closed first. */
static const char *eve_tcp_state(const struct weir_flow *f)
{
    bool client_first = f->side[WEIR_SIDE_CLIENT].flags & WEIR_SIDE_FIN;

    switch (weir_flow_state(f)) {
    case WEIR_STATE_STRAY:
        return "none";
    case WEIR_STATE_FIN_WAIT:
        return client_first ? "fin_wait1" : "close_wait";
    case WEIR_STATE_CLOSE_WAIT:
        return client_first ? "fin_wait2" : "close_wait";
    case WEIR_STATE_TIME_WAIT:
        return "closed"; /* what is left of TIME_WAIT is no packet's business */
    default:
        return weir_flow_state_name(weir_flow_state(f));
    }
}

uint64_t weir_flow_end_ns(const struct weir_flow *f, uint64_t now_ns)
{
    int64_t tick = (int64_t)(now_ns >> WEIR_TICK_SHIFT);
    /* The clock of a capture may have stepped back since. */
    int64_t end = tick + (int32_t)(weir_flow_newest(f) - (uint32_t)tick);
    uint64_t end_ns = end > 0 ? (uint64_t)end << WEIR_TICK_SHIFT : 0;

    return end_ns > f->start_ns ? end_ns : f->start_ns;
}

/* TCP flags that some packet of the side carried, as far as the record knows. */
static unsigned flags_of(const struct weir_flow_side *s)
{
    unsigned flags = (s->wscale & (WEIR_SENT_URG | WEIR_SENT_ECE | WEIR_SENT_CWR)) |
                     (s->wscale & WEIR_SENT_PSH) >> 1;

    if (!(s->flags & WEIR_SIDE_SEEN))
        return 0;
    flags |= s->flags & WEIR_SIDE_FIN ? 0x01 : 0;
    flags |= s->flags & WEIR_SIDE_SYN ? 0x02 : 0;
    flags |= s->flags & WEIR_SIDE_RST ? 0x04 : 0;
    /* All but a SYN, and the first RST, acknowledge (RFC 9293 3.10.7). */
    return flags | (s->packets > 1 || s->flags & (WEIR_SIDE_ACKED | WEIR_SIDE_LOOSE) ? 0x10 : 0);
}

static void hex_write(struct weir_json *j, const char *key, unsigned flags)
{
    static const char hex[] = "0123456789abcdef";
    char text[2] = { hex[flags >> 4 & 15], hex[flags & 15] };

    weir_json_strn(j, key, text, sizeof(text));
}

static void tcp_write(struct weir_json *j, const struct weir_flow *f)
{
    static const char *const name[] = { "fin", "syn", "rst", "psh", "ack", "urg", "ecn", "cwr" };
    unsigned ts = flags_of(&f->side[WEIR_SIDE_CLIENT]), tc = flags_of(&f->side[WEIR_SIDE_SERVER]);

    weir_json_object(j, "tcp");
    hex_write(j, "tcp_flags", ts | tc);
    hex_write(j, "tcp_flags_ts", ts);
    hex_write(j, "tcp_flags_tc", tc);
    for (unsigned bit = 0; bit < 8; bit++)
        if ((ts | tc) >> bit & 1)
            weir_json_bool(j, name[bit], true);
    weir_json_str(j, "state", eve_tcp_state(f));
    weir_json_object_end(j);
}

static void time_write(struct weir_json *j, const char *key, uint64_t ns)
{
    char text[WEIR_TIME_TEXT];

    weir_json_str(j, key, weir_time_format(ns, text));
}

/* Fields of a side that was not seen are void. */
static uint64_t packets_of(const struct weir_flow *f, enum weir_side side)
{
    return f->side[side].flags & WEIR_SIDE_SEEN ? f->side[side].packets : 0;
}

static uint64_t bytes_of(const struct weir_flow *f, enum weir_side side)
{
    return f->side[side].flags & WEIR_SIDE_SEEN ? f->side[side].bytes : 0;
}

static void flow_write(struct weir_json *j, const struct weir_flow_event *ev, uint64_t offset_ns)
{
    const struct weir_flow *f = &ev->flow;
    uint64_t end_ns = weir_flow_end_ns(f, ev->ts_ns);

    weir_json_object(j, "flow");
    weir_json_u64(j, "pkts_toserver", packets_of(f, WEIR_SIDE_CLIENT));
    weir_json_u64(j, "pkts_toclient", packets_of(f, WEIR_SIDE_SERVER));
    weir_json_u64(j, "bytes_toserver", bytes_of(f, WEIR_SIDE_CLIENT));
    weir_json_u64(j, "bytes_toclient", bytes_of(f, WEIR_SIDE_SERVER));
    time_write(j, "start", f->start_ns + offset_ns);
    time_write(j, "end", end_ns + offset_ns);
    weir_json_u64(j, "age", (end_ns - f->start_ns) / 1000000000);
    weir_json_str(j, "state", eve_state(f));
    if (ev->why != WEIR_END_NONE)
        weir_json_str(j, "reason", eve_reason(ev->why));
    weir_json_object_end(j);
}

static uint64_t us_of(uint32_t fine)
{
    return ((uint64_t)fine << WEIR_FINE_SHIFT) / 1000;
}

static void side_write(struct weir_json *j, const char *key, const struct weir_flow *f,
                       enum weir_side side)
{
    const struct weir_flow_side *s = &f->side[side];
    const struct weir_flow_perf *p = &f->perf[side];

    if (!(s->flags & WEIR_SIDE_SEEN))
        return;
    weir_json_object(j, key);
    if (p->rtt_samples) {
        weir_json_u64(j, "rtt_us", us_of(p->srtt));
        weir_json_u64(j, "rtt_min_us", us_of(p->rtt_min));
        weir_json_u64(j, "rtt_samples", p->rtt_samples);
    }
    weir_json_u64(j, "retransmitted", p->retransmitted);
    weir_json_u64(j, "reordered", p->reordered);
    weir_json_u64(j, "duplicate_acks", p->duplicate_acks);
    weir_json_u64(j, "zero_windows", p->zero_windows);
    weir_json_u64(j, "zero_window_ms",
                  ((uint64_t)weir_flow_zero_ticks(f, side) << WEIR_TICK_SHIFT) / 1000000);
    weir_json_bool(j, "reset", s->flags & WEIR_SIDE_RST);
    if (p->mss)
        weir_json_u64(j, "mss", p->mss);
    weir_json_u64(j, "ttl", s->ttl);
    weir_json_object_end(j);
}

/* Rows that the record counts by itself, off the path of a clean segment. */
static void counts_write(struct weir_json *j, const struct weir_flow *f)
{
    static const uint8_t row[WEIR_STRIKES] = {
        [WEIR_STRIKE_REPLAYED] = WEIR_ROW_SEQ_REPLAYED_SEGMENT,
        [WEIR_STRIKE_SYN] = WEIR_ROW_SEQ_SYN_IN_CONNECTION,
        [WEIR_STRIKE_PAWS] = WEIR_ROW_SEQ_PAWS,
        [WEIR_STRIKE_RST] = WEIR_ROW_SEQ_BLIND_RST,
        [WEIR_STRIKE_OVERLAP] = WEIR_ROW_SEQ_EXCESSIVE_OVERLAPS,
    };
    bool any = false;

    for (unsigned i = 0; i < WEIR_STRIKES; i++) {
        unsigned n = f->perf[0].strikes[i].total + f->perf[1].strikes[i].total;

        if (!n)
            continue;
        if (!any)
            weir_json_object(j, "counts");
        any = true;
        weir_json_u64(j, weir_detection_by_row(row[i])->name, n);
    }
    if (any)
        weir_json_object_end(j);
}

static void weir_write(struct weir_json *j, const struct weir_flow_event *ev)
{
    static const char *const origin[WEIR_ORIGIN_MAX] = { "syn", "synack", "midstream" };
    const struct weir_flow *f = &ev->flow;

    weir_json_object(j, "weir");
    weir_json_str(j, "origin", origin[f->origin < WEIR_ORIGIN_MAX ? f->origin : 0]);
    weir_json_str(j, "state", weir_flow_state_name(weir_flow_state(f)));
    if (ev->why != WEIR_END_NONE)
        weir_json_str(j, "reason", weir_flow_end_name(ev->why));
    weir_json_str(j, "path", f->marks & WEIR_FLOW_LOCAL_SERVER ? "ingress" : "egress");
    if (f->synack_fine)
        weir_json_u64(j, "handshake_server_us", us_of(f->synack_fine));
    if (f->ack_fine)
        weir_json_u64(j, "handshake_client_us", us_of(f->ack_fine));
    if (f->again & 15)
        weir_json_u64(j, "syn_again", f->again & 15);
    if (f->again >> 4)
        weir_json_u64(j, "synack_again", f->again >> 4);
    side_write(j, "client", f, WEIR_SIDE_CLIENT);
    side_write(j, "server", f, WEIR_SIDE_SERVER);
    counts_write(j, f);
    weir_json_object_end(j);
}

void weir_flow_write(struct weir_json *j, const struct weir_flow_event *ev,
                     const struct weir_eve_source *from)
{
    const struct weir_flow *f = &ev->flow;
    char addr[WEIR_ADDR_TEXT];

    weir_json_u64(j, "flow_id", weir_flow_id(f));
    if (from->in_iface)
        weir_json_str(j, "in_iface", from->in_iface);
    if (from->pcap_filename)
        weir_json_str(j, "pcap_filename", from->pcap_filename);
    if (ev->why != WEIR_END_NONE)
        weir_json_str(j, "event_type", "flow");
    if (f->perf[0].vlan) {
        weir_json_array(j, "vlan");
        weir_json_u64(j, NULL, f->perf[0].vlan & 0xfff);
        weir_json_array_end(j);
    }
    weir_json_str(j, "src_ip", weir_addr_format(f->src, addr));
    weir_json_u64(j, "src_port", f->sport);
    weir_json_str(j, "dest_ip", weir_addr_format(f->dst, addr));
    weir_json_u64(j, "dest_port", f->dport);
    weir_json_str(j, "proto", "TCP");
    weir_json_u64(j, "ip_v", weir_addr_is_ip4(f->dst) ? 4 : 6);
    flow_write(j, ev, from->clock_offset_ns);
    tcp_write(j, f);
    weir_write(j, ev);
}

void weir_eve_flow_write(struct weir_buf *out, const struct weir_flow_event *ev,
                         const struct weir_eve_source *from)
{
    struct weir_json j = { .out = out };

    weir_json_object(&j, NULL);
    time_write(&j, "timestamp", ev->ts_ns + from->clock_offset_ns);
    weir_flow_write(&j, ev, from);
    weir_json_object_end(&j);
    weir_buf_add_char(out, '\n');
}
