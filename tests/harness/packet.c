/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/packet.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

/* An explicit value, or the ordinary one. */
static __u32 field(__u64 given, __u32 ordinary)
{
    return given ? (__u32)given : ordinary;
}

static void put8(struct weir_frame *f, __u8 v)
{
    assert(f->wire < WEIR_FRAME_MAX);
    f->b[f->wire++] = v;
}

static void put16(struct weir_frame *f, __u32 v)
{
    put8(f, (__u8)(v >> 8));
    put8(f, (__u8)v);
}

static void put32(struct weir_frame *f, __u32 v)
{
    put16(f, v >> 16);
    put16(f, v & 0xffff);
}

static void put(struct weir_frame *f, const __u8 *p, size_t n)
{
    assert(n <= WEIR_FRAME_MAX - f->wire);
    if (n)
        memcpy(f->b + f->wire, p, n);
    f->wire += (__u32)n;
}

static void put_padded(struct weir_frame *f, struct octets o, size_t unit)
{
    put(f, o.p, o.n);
    for (size_t n = o.n; n % unit; n++)
        put8(f, 0);
}

static void poke16(struct weir_frame *f, __u32 at, __u32 v)
{
    f->b[at] = (__u8)(v >> 8);
    f->b[at + 1] = (__u8)v;
}

static void put_addr(struct weir_frame *f, int family, const char *text)
{
    __u8 addr[16];

    if (inet_pton(family, text, addr) != 1)
        assert(!"address");
    put(f, addr, family == AF_INET ? 4 : 16);
}

__u16 weir_reference_sum(const __u8 *b, size_t n, __u32 start)
{
    __u32 sum = start;

    for (size_t i = 0; i < n; i++) {
        sum += i % 2 ? b[i] : (__u32)b[i] << 8;
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (__u16)((sum & 0xffff) + (sum >> 16));
}

static const char *or_text(const char *given, const char *ordinary)
{
    return given ? given : ordinary;
}

/* Sum over the pseudo-header for n bytes of proto. */
static __u16 pseudo_sum(const struct weir_packet *p, __u8 proto, size_t n)
{
    struct weir_frame pseudo = { 0 };

    if (p->net == NET_IP6) {
        put_addr(&pseudo, AF_INET6, or_text(p->ip6.sum_src, or_text(p->ip6.src, PACKET_CLIENT6)));
        put_addr(&pseudo, AF_INET6, or_text(p->ip6.sum_dst, or_text(p->ip6.dst, PACKET_SERVER6)));
    } else {
        put_addr(&pseudo, AF_INET, or_text(p->ip4.src, PACKET_CLIENT4));
        put_addr(&pseudo, AF_INET, or_text(p->ip4.dst, PACKET_SERVER4));
    }
    put32(&pseudo, (__u32)n);
    put32(&pseudo, proto);
    return weir_reference_sum(pseudo.b, pseudo.wire, 0);
}

static void put_ip(struct weir_frame *f, const struct weir_packet *p);
static void put_ethernet(struct weir_frame *f, const struct weir_packet *p);

static void put_payload(struct weir_frame *f, const struct weir_packet *p)
{
    put(f, p->payload.p, p->payload.n);
    if (p->inside_frame)
        put_ethernet(f, p->inside_frame);
    if (p->inside || p->inside_frame)
        put_ip(f, p->inside ? p->inside : p->inside_frame);
    for (__u32 i = 0; i < p->payload_bytes; i++)
        put8(f, (__u8)(i * 7 + 1));
}

static void put_tcp(struct weir_frame *f, const struct weir_packet *p)
{
    const struct packet_tcp *t = &p->tcp;
    __u32 header = 20 + ((__u32)t->options.n + 3) / 4 * 4, start = f->wire;
    __u32 flags = field(t->flags, WEIR_ACK);

    put16(f, field(t->sport, PACKET_CLIENT_PORT));
    put16(f, field(t->dport, PACKET_SERVER_PORT));
    put32(f, field(t->seq, 0x1000));
    put32(f, field(t->ack, flags & WEIR_ACK ? 0x2000 : 0));
    put16(f, field(t->doff, header / 4) << 12 | field(t->reserved, 0) << 8 | flags);
    put16(f, field(t->window, 64240));
    put16(f, 0);
    put16(f, field(t->urgent, 0));
    put_padded(f, t->options, 4);
    put_payload(f, p);
    poke16(f, start + 16,
           field(t->check, 0xffff & ~weir_reference_sum(f->b + start, f->wire - start,
                                                        pseudo_sum(p, 6, f->wire - start))));
}

static void put_udp(struct weir_frame *f, const struct weir_packet *p)
{
    __u32 start = f->wire;

    put16(f, field(p->udp.sport, PACKET_CLIENT_PORT));
    put16(f, field(p->udp.dport, 53));
    put32(f, 0);
    put_payload(f, p);
    poke16(f, start + 4, f->wire - start);
    poke16(f, start + 6,
           0xffff & ~weir_reference_sum(f->b + start, f->wire - start,
                                        pseudo_sum(p, 17, f->wire - start)));
}

static void put_icmp(struct weir_frame *f, const struct weir_packet *p)
{
    __u32 start = f->wire, quoted;

    put8(f, (__u8)field(p->icmp.type, p->net == NET_IP6 ? 128 : 8));
    put8(f, (__u8)field(p->icmp.code, 0));
    put16(f, 0);
    put32(f, 0);
    put_payload(f, p);
    quoted = f->wire;
    if (p->icmp.quote)
        put_ip(f, p->icmp.quote);
    if (p->icmp.quote_bytes)
        f->wire = quoted + (__u32)p->icmp.quote_bytes;
    poke16(f, start + 2,
           0xffff &
               ~weir_reference_sum(f->b + start, f->wire - start,
                                   p->net == NET_IP6 ? pseudo_sum(p, 58, f->wire - start) : 0));
}

static __u8 l4_proto(const struct weir_packet *p)
{
    switch (p->l4) {
    case L4_UDP:
        return 17;
    case L4_ICMP:
        return p->net == NET_IP6 ? 58 : 1;
    case L4_OTHER:
        return (__u8)p->proto;
    default:
        return 6;
    }
}

/* The transport part, whole. */
static void put_l4(struct weir_frame *f, const struct weir_packet *p)
{
    switch (p->l4) {
    case L4_TCP:
        put_tcp(f, p);
        break;
    case L4_UDP:
        put_udp(f, p);
        break;
    case L4_ICMP:
        put_icmp(f, p);
        break;
    default:
        put_payload(f, p);
    }
}

/* Keep the fragment's part of what was written from start on. True when more follows. */
static bool slice(struct weir_frame *f, const struct packet_fragment *part, __u32 start)
{
    __u32 whole = f->wire - start;

    if (!part->bytes)
        return false;
    assert(part->from + part->bytes <= whole);
    memmove(f->b + start, f->b + start + part->from, part->bytes);
    f->wire = start + part->bytes;
    return part->from + part->bytes < whole;
}

static void put_ah(struct weir_frame *f, __u8 next, __u32 bytes)
{
    put8(f, next);
    put8(f, (__u8)(bytes / 4 - 2));
    for (__u32 i = 2; i < bytes; i++)
        put8(f, (__u8)i);
}

static void put_ip4(struct weir_frame *f, const struct weir_packet *p)
{
    const struct packet_ip4 *h = &p->ip4;
    __u32 start = f->wire, header = 20 + ((__u32)h->options.n + 3) / 4 * 4, body;
    __u8 proto = l4_proto(p);
    bool more;

    put8(f, (__u8)(field(h->version, 4) << 4 | field(h->ihl, header / 4)));
    put8(f, (__u8)field(h->tos, 0));
    put16(f, 0);
    put16(f, field(h->id, 0x1234));
    put16(f, 0);
    put8(f, (__u8)field(h->ttl, 64));
    put8(f, (__u8)field(h->proto, h->ah ? 51 : proto));
    put16(f, 0);
    put_addr(f, AF_INET, or_text(h->src, PACKET_CLIENT4));
    put_addr(f, AF_INET, or_text(h->dst, PACKET_SERVER4));
    put_padded(f, h->options, 4);
    if (h->ah)
        put_ah(f, proto, (__u32)h->ah);
    body = f->wire;
    put_l4(f, p);
    more = slice(f, &p->fragment, body);
    poke16(f, start + 2, field(h->total, f->wire - start));
    poke16(f, start + 6, field(h->field, (more ? 0x2000 : 0) | p->fragment.from / 8));
    poke16(f, start + 10, field(h->check, 0xffff & ~weir_reference_sum(f->b + start, header, 0)));
}

static void put_extension(struct weir_frame *f, const struct packet_extension *e, __u8 next,
                          const struct weir_packet *p, __u32 *ret_fragment)
{
    static const __u8 pad[] = { 1, 4, 0, 0, 0, 0 };
    __u32 start = f->wire, bytes;
    __u8 type = (__u8)e->type;

    if (type == AUTH && !e->body.n) {
        put_ah(f, next, 24);
        return;
    }
    put16(f, (__u32)(__u8)field(e->next, next) << 8);
    if (e->body.n) {
        put(f, e->body.p, e->body.n);
    } else if (type == FRAGMENT) {
        *ret_fragment = f->wire;
        put16(f, p->fragment.from);
        put32(f, 0x5678);
    } else {
        put(f, pad, sizeof(pad));
    }
    while ((f->wire - start) % 8)
        put8(f, 0);
    bytes = f->wire - start;
    f->b[start + 1] = (__u8)field(e->len, type == FRAGMENT ? 0 : bytes / 8 - 1);
}

static void put_ip6(struct weir_frame *f, const struct weir_packet *p)
{
    const struct packet_ip6 *h = &p->ip6;
    __u32 start = f->wire, fragment = 0, body;
    const struct packet_extension *e = h->ext;

    put32(f, field(h->version, 6) << 28);
    put16(f, 0);
    put8(f, (__u8)field(h->next, (__u8)(e->type ? e->type : l4_proto(p))));
    put8(f, (__u8)field(h->hops, 64));
    put_addr(f, AF_INET6, or_text(h->src, PACKET_CLIENT6));
    put_addr(f, AF_INET6, or_text(h->dst, PACKET_SERVER6));
    for (; e < h->ext + PACKET_EXTENSIONS_MAX && e->type; e++) {
        bool last = e + 1 == h->ext + PACKET_EXTENSIONS_MAX || !e[1].type;

        put_extension(f, e, last ? l4_proto(p) : (__u8)e[1].type, p, &fragment);
    }
    body = f->wire;
    put_l4(f, p);
    if (slice(f, &p->fragment, body) && fragment)
        f->b[fragment + 1] |= 1;
    poke16(f, start + 4, field(h->payload, f->wire - start - 40));
}

static void put_ip(struct weir_frame *f, const struct weir_packet *p)
{
    if (p->net == NET_IP4)
        put_ip4(f, p);
    else if (p->net == NET_IP6)
        put_ip6(f, p);
    else
        put_payload(f, p);
}

static void put_ethernet(struct weir_frame *f, const struct weir_packet *p)
{
    static const __u8 dst[] = { 2, 0, 0, 0, 0, 2 }, src[] = { 2, 0, 0, 0, 0, 1 };
    static const __u8 zero[6];

    put(f, p->eth.loopback ? zero : dst, 6);
    put(f, p->eth.loopback ? zero : src, 6);
    for (int i = 0; i < PACKET_VLANS_MAX && p->eth.vlan[i]; i++) {
        put16(f, field(p->eth.tpid[i], 0x8100));
        put16(f, (__u32)p->eth.vlan[i]);
    }
    put16(f, field(p->eth.type, p->net == NET_IP6 ? 0x86dd : 0x0800));
}

void weir_packet_build(const struct weir_packet *p, struct weir_frame *ret_frame)
{
    struct weir_frame *f = ret_frame;

    f->wire = 0;
    put_ethernet(f, p);
    put_ip(f, p);
    put(f, p->trailer.p, p->trailer.n);
    for (__u32 i = 0; i < p->trailer_bytes; i++)
        put8(f, 0);
    if (p->wire) {
        assert((__u32)p->wire <= f->wire);
        f->wire = (__u32)p->wire;
    }
    f->cap = field(p->cap, f->wire);
    assert(f->cap <= f->wire);
}
