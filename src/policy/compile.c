/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/compile.h"

#include <string.h>

#include "policy/default.h"

static void overrides(struct weir_policy *p, const struct weir_detection_setting *d, size_t n)
{
    for (size_t i = 0; i < n; i++)
        weir_policy_override(p, (enum weir_row)d[i].row, (enum weir_action)d[i].action);
}

/* While all of weir observes, so does every zone; else a zone may say that it does. */
static enum weir_mode zone_mode(const struct weir_zone_setting *z, enum weir_mode mode)
{
    return z && z->mode == WEIR_MODE_OBSERVE ? WEIR_MODE_OBSERVE : mode;
}

/* number: 0, or 1 + the index of a zone. */
static void zone_compile(const struct weir_settings *s, unsigned number, enum weir_mode mode,
                         struct weir_policy *ret)
{
    const struct weir_zone_setting *z = number ? &s->zones.v[number - 1] : NULL;

    weir_policy_default(ret, zone_mode(z, mode));
    overrides(ret, s->detections.v, s->detections.n);
    if (z)
        overrides(ret, z->detections.v, z->detections.n);
    ret->zone = number;
    ret->check = z ? (__u16)z->check : WEIR_CHECK_STRICT;
    ret->cookies = (__u16)s->cookies.when;
}

static void rule_compile(const struct weir_zone_setting *z, unsigned number,
                         weir_ifindex_fn ifindex, struct weir_image *ret)
{
    struct weir_zone_rule rule = { .zone = (__u16)number };

    if (z->vlan != WEIR_UNSET)
        rule.vlan = (__u16)z->vlan;
    if (z->interface) {
        rule.ifindex = ifindex ? ifindex(z->interface) : 0;
        if (!rule.ifindex)
            return;
    }
    ret->rule[ret->rules++] = rule;
}

void weir_settings_compile(const struct weir_settings *s, weir_ifindex_fn ifindex,
                           struct weir_image *ret)
{
    *ret = (struct weir_image){ .mode = (__u32)s->mode, .zones = (__u32)s->zones.n + 1 };
    for (unsigned zone = 0; zone < ret->zones; zone++) {
        for (unsigned mode = 0; mode < WEIR_MODE_MAX; mode++)
            zone_compile(s, zone, (enum weir_mode)mode, &ret->zone[mode][zone]);
        if (zone)
            rule_compile(&s->zones.v[zone - 1], zone, ifindex, ret);
    }
}

void weir_image_judged(const struct weir_image *image, uint64_t ret[2])
{
    ret[0] = ret[1] = 0;
    for (unsigned zone = 0; zone < image->zones; zone++)
        for (unsigned mode = 0; mode < WEIR_MODE_MAX; mode++)
            for (unsigned i = 0; i < 2; i++)
                ret[i] |= image->zone[mode][zone].judged[i];
}
