/* SPDX-License-Identifier: Apache-2.0 */
#include "events/eve_flow.h"

#include "base/addr.h"
#include "base/clock.h"

#define TIME_CHARS 26 /* without the offset, which is always +0000 */
#define ENDS_COLUMN 40

static void end_add(struct weir_buf *out, const uint8_t addr[16], uint16_t port)
{
    char text[WEIR_ADDR_TEXT];

    weir_buf_addf(out, weir_addr_is_ip4(addr) ? "%s:%u" : "[%s]:%u", weir_addr_format(addr, text),
                  port);
}

static void ms_add(struct weir_buf *out, const char *name, uint32_t fine)
{
    if (fine)
        weir_buf_addf(out, "  %s %.1f ms", name, (double)fine * (1 << WEIR_FINE_SHIFT) / 1e6);
}

static void pair_add(struct weir_buf *out, const char *name, uint64_t client, uint64_t server)
{
    if (client || server)
        weir_buf_addf(out, "  %s %llu/%llu", name, (unsigned long long)client,
                      (unsigned long long)server);
}

void weir_text_flow_write(struct weir_buf *out, const struct weir_flow_event *ev,
                          const struct weir_eve_source *from)
{
    const struct weir_flow *f = &ev->flow;
    const struct weir_flow_side *c = &f->side[WEIR_SIDE_CLIENT], *s = &f->side[WEIR_SIDE_SERVER];
    bool cs = c->flags & WEIR_SIDE_SEEN, ss = s->flags & WEIR_SIDE_SEEN;
    char time[WEIR_TIME_TEXT];
    size_t start;

    weir_time_format(f->start_ns + from->clock_offset_ns, time);
    weir_buf_add(out, time, TIME_CHARS);
    weir_buf_addf(out, "  flow  %-30s  ", weir_flow_state_name(weir_flow_state(f)));
    start = out->len;
    end_add(out, f->src, f->sport);
    weir_buf_add_str(out, " -> ");
    end_add(out, f->dst, f->dport);
    while (!out->failed && out->len - start < ENDS_COLUMN)
        weir_buf_add_char(out, ' ');
    weir_buf_addf(out, "  %s after %.3f s", weir_flow_end_name(ev->why),
                  (double)(weir_flow_end_ns(f, ev->ts_ns) - f->start_ns) / 1e9);
    pair_add(out, "packets", cs ? c->packets : 0, ss ? s->packets : 0);
    pair_add(out, "bytes", cs ? c->bytes : 0, ss ? s->bytes : 0);
    pair_add(out, "retransmitted", f->perf[0].retransmitted, f->perf[1].retransmitted);
    ms_add(out, "to server", f->synack_fine);
    ms_add(out, "to client", f->ack_fine);
    weir_buf_add_char(out, '\n');
}
