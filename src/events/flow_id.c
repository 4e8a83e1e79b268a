/* SPDX-License-Identifier: Apache-2.0 */
#include "events/eve.h"

#include <endian.h>
#include <string.h>

/* A number to group the lines of one connection by, the same in every run and on every machine.
 * There is no key in it: who wants two connections to share it can have that, so nothing but
 * reading decides by it. VLAN ids stay out: the two directions may be tagged apart. */

#define PROTO_TCP 6

struct end {
    uint64_t word[3];
};

static struct end end_of(const uint8_t addr[16], uint16_t port)
{
    struct end e;

    memcpy(e.word, addr, 16);
    e.word[0] = be64toh(e.word[0]);
    e.word[1] = be64toh(e.word[1]);
    e.word[2] = port;
    return e;
}

static bool end_less(const struct end *a, const struct end *b)
{
    for (int i = 0; i < 3; i++)
        if (a->word[i] != b->word[i])
            return a->word[i] < b->word[i];
    return false;
}

static uint64_t mix(uint64_t h, uint64_t word)
{
    h = (h ^ word) * 0x9e3779b97f4a7c15;
    return h ^ h >> 29;
}

static uint64_t id_of(struct end a, struct end b, unsigned proto)
{
    bool swap = end_less(&b, &a);
    const struct end *low = swap ? &b : &a, *high = swap ? &a : &b;
    uint64_t h = mix(0, proto);

    for (int i = 0; i < 3; i++)
        h = mix(mix(h, low->word[i]), high->word[i]);
    h = (h ^ h >> 32) * 0xd6e8feb86659fd93;
    h = (h ^ h >> 32) * 0xd6e8feb86659fd93;
    return (h ^ h >> 32) & ((1ULL << 53) - 1);
}

uint64_t weir_event_flow_id(const struct weir_event *ev)
{
    bool ports = !(ev->flags & WEIR_EVENT_NO_PORTS);

    return id_of(end_of(ev->src, ports ? ev->sport : 0), end_of(ev->dst, ports ? ev->dport : 0),
                 ev->proto);
}

uint64_t weir_flow_id(const struct weir_flow *f)
{
    return id_of(end_of(f->src, f->sport), end_of(f->dst, f->dport), PROTO_TCP);
}
