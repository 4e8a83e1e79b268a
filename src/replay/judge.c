/* SPDX-License-Identifier: Apache-2.0 */
#include "replay/judge.h"

#include <errno.h>
#include <stdlib.h>
#include "policy/default.h"
#include "replay/prefixes.h"

struct weir_judge {
    struct weir_image image;
    struct weir_rows findings; /* of all zones */
    uint8_t zone[WEIR_VLANS];
    struct weir_prefixes allow;
    struct weir_prefixes deny[2]; /* by whether it is IPv4: ::/0 denies no IPv4 */
};

static int lists_fill(struct weir_judge *j, const struct weir_settings *s)
{
    if (weir_prefixes_new(&j->allow, s->allowed.n) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < s->allowed.n; i++)
        weir_prefixes_put(&j->allow, &s->allowed.v[i].prefix);
    for (int ip4 = 0; ip4 < 2; ip4++) {
        if (weir_prefixes_new(&j->deny[ip4], s->denied.n) < 0)
            return -ENOMEM;
        for (size_t i = 0; i < s->denied.n; i++) {
            const struct weir_prefix *p = &s->denied.v[i].prefix;

            if ((weir_addr_is_ip4(p->addr) && p->bits >= 96) == ip4)
                weir_prefixes_put(&j->deny[ip4], p);
        }
    }
    return 0;
}

static void zones_fill(struct weir_judge *j)
{
    for (__u32 i = 0; i < j->image.rules; i++)
        j->zone[j->image.rule[i].vlan % WEIR_VLANS] = (uint8_t)j->image.rule[i].zone;
    for (__u32 zone = 0; zone < j->image.zones; zone++)
        for (int i = 0; i < 2; i++)
            j->findings.w[i] |= j->image.zone[j->image.mode][zone].finding[i];
}

int weir_judge_new(const struct weir_settings *s, struct weir_judge **ret)
{
    struct weir_judge *j = calloc(1, sizeof(*j));

    if (!j)
        return -ENOMEM;
    if (s) {
        weir_settings_compile(s, NULL, &j->image);
    } else {
        j->image.zones = 1;
        weir_policy_default(&j->image.zone[WEIR_MODE_OBSERVE][0], WEIR_MODE_OBSERVE);
    }
    zones_fill(j);
    if (s && lists_fill(j, s) < 0) {
        weir_judge_free(j);
        return -ENOMEM;
    }
    *ret = j;
    return 0;
}

void weir_judge_free(struct weir_judge *j)
{
    if (!j)
        return;
    weir_prefixes_free(&j->allow);
    weir_prefixes_free(&j->deny[0]);
    weir_prefixes_free(&j->deny[1]);
    free(j);
}

const struct weir_policy *weir_judge_host(const struct weir_judge *j)
{
    return &j->image.zone[j->image.mode][0];
}

const struct weir_policy *weir_judge_zone(const struct weir_judge *j, const struct weir_pkt *p)
{
    return &j->image.zone[j->image.mode][j->zone[weir_pkt_vlan(p) % WEIR_VLANS]];
}

bool weir_judge_allows(const struct weir_judge *j, const struct weir_pkt *p)
{
    if (!j->allow.n)
        return false;
    if (p->tunnels && p->outside.depth && weir_prefixes_have(&j->allow, p->outside.src))
        return true;
    return p->ip_version && weir_prefixes_have(&j->allow, p->src);
}

bool weir_judge_denies(const struct weir_judge *j, const struct weir_pkt *p)
{
    const struct weir_prefixes *deny = &j->deny[p->ip_version == 4];

    return p->ip_version && deny->n && weir_prefixes_have(deny, p->src) && !weir_judge_allows(j, p);
}

bool weir_judge_finds(const struct weir_judge *j, unsigned row)
{
    return weir_rows_has(&j->findings, row);
}

bool weir_judge_enforces(const struct weir_judge *j)
{
    return j->image.mode == WEIR_MODE_ENFORCE;
}
