/* SPDX-License-Identifier: Apache-2.0 */
#include "replay/local.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct weir_local_candidate {
    uint8_t addr[16];
    uint32_t opened; /* SYNs towards it */
    uint32_t packets;
};

struct weir_local_survey {
    bool private_seen;
    struct weir_local_candidate candidate[WEIR_LOCAL_CANDIDATES]; /* open addressing */
};

static const char *const weir_local_private[] = {
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10",
};

static void weir_local_push(struct weir_local *l, const struct weir_prefix *p)
{
    uint8_t mask[16] = { 0 };

    for (unsigned bit = 0; bit < p->bits; bit++)
        mask[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
    memcpy(l->match[l->prefixes].mask, mask, 16);
    memcpy(l->match[l->prefixes].value, p->addr, 16);
    l->prefix[l->prefixes++] = *p;
}

int weir_local_add(struct weir_local *l, const char *text, struct weir_error *e)
{
    struct weir_prefix p;

    if (weir_prefix_parse(text, &p) < 0)
        return weir_error_set(
            e, EINVAL,
            "--local %s: expected an address or prefix such as 192.0.2.0/24, with "
            "no bits behind its length",
            text);
    if (l->prefixes == WEIR_LOCAL_MAX)
        return weir_error_set(e, E2BIG, "--local %s: more than %d prefixes", text, WEIR_LOCAL_MAX);
    l->origin = WEIR_LOCAL_GIVEN;
    weir_local_push(l, &p);
    return 0;
}

bool weir_local_is_told(const struct weir_local *l)
{
    return l->origin == WEIR_LOCAL_GIVEN || l->origin == WEIR_LOCAL_PROTECT;
}

int weir_local_survey_new(struct weir_local_survey **ret)
{
    *ret = calloc(1, sizeof(**ret));
    return *ret ? 0 : -ENOMEM;
}

void weir_local_survey_free(struct weir_local_survey *s)
{
    free(s);
}

void weir_local_survey_freep(struct weir_local_survey **s)
{
    weir_local_survey_free(*s);
}

static bool weir_local_is_private(const uint8_t addr[16])
{
    struct weir_prefix p;

    for (size_t i = 0; i < sizeof(weir_local_private) / sizeof(weir_local_private[0]); i++)
        if (weir_prefix_parse(weir_local_private[i], &p) == 0 && weir_prefix_has(&p, addr))
            return true;
    return false;
}

/* The record of addr; NULL when 16 places from its own are others' (the survey is a sample). */
static struct weir_local_candidate *weir_local_find(struct weir_local_survey *s,
                                                    const uint8_t addr[16])
{
    uint32_t hash = 2166136261u; /* FNV-1a */

    for (int i = 0; i < 16; i++)
        hash = (hash ^ addr[i]) * 16777619u;
    for (unsigned i = 0; i < 16; i++) {
        struct weir_local_candidate *c = &s->candidate[(hash + i) % WEIR_LOCAL_CANDIDATES];

        if (c->packets && memcmp(c->addr, addr, 16))
            continue;
        memcpy(c->addr, addr, 16);
        return c;
    }
    return NULL;
}

void weir_local_survey_packet(struct weir_local_survey *s, const struct weir_pkt *p)
{
    struct weir_local_candidate *c;

    if (!p->ip_version)
        return;
    if (weir_local_is_private(p->src) || weir_local_is_private(p->dst))
        s->private_seen = true;
    if (!weir_pkt_is_tcp(p) || p->traits & WEIR_TRAIT_DST_GROUP)
        return;
    c = weir_local_find(s, p->dst);
    if (!c)
        return;
    c->packets++;
    c->opened += (p->tcp_flags & (WEIR_SYN | WEIR_ACK)) == WEIR_SYN;
}

static bool weir_local_more(const struct weir_local_candidate *a,
                            const struct weir_local_candidate *b)
{
    return a->opened != b->opened ? a->opened > b->opened : a->packets > b->packets;
}

void weir_local_decide(struct weir_local *l, const struct weir_local_survey *s)
{
    const struct weir_local_candidate *best = &s->candidate[0];
    struct weir_prefix p = { .bits = 128 };

    if (weir_local_is_told(l))
        return;
    if (s->private_seen) {
        for (size_t i = 0; i < sizeof(weir_local_private) / sizeof(weir_local_private[0]); i++)
            if (weir_prefix_parse(weir_local_private[i], &p) == 0)
                weir_local_push(l, &p);
        l->origin = WEIR_LOCAL_PRIVATE;
        return;
    }
    for (unsigned i = 1; i < WEIR_LOCAL_CANDIDATES; i++)
        if (weir_local_more(&s->candidate[i], best))
            best = &s->candidate[i];
    if (!best->packets)
        return;
    memcpy(p.addr, best->addr, 16);
    weir_local_push(l, &p);
    l->origin = WEIR_LOCAL_CONTACTED;
}

bool weir_local_has(const struct weir_local *l, const uint8_t addr[16])
{
    uint64_t a[2];

    memcpy(a, addr, sizeof(a));
    for (unsigned i = 0; i < l->prefixes; i++)
        if (!((a[0] & l->match[i].mask[0]) ^ l->match[i].value[0]) &&
            !((a[1] & l->match[i].mask[1]) ^ l->match[i].value[1]))
            return true;
    return l->protect && weir_prefixes_have(l->protect, addr);
}

bool weir_local_is_egress(const struct weir_local *l, const struct weir_pkt *p)
{
    return p->ip_version && weir_local_has(l, p->src) && !weir_local_has(l, p->dst);
}
