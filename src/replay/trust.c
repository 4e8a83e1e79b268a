/* SPDX-License-Identifier: Apache-2.0 */
#include "replay/trust.h"

static const uint64_t weir_trust_trait[WEIR_CHECKSUM_KINDS] = {
    [WEIR_CHECKSUM_IP4] = WEIR_TRAIT_IP4_CHECKSUM,
    [WEIR_CHECKSUM_TCP] = WEIR_TRAIT_TCP_CHECKSUM,
};

static bool weir_trust_few_wrong(const struct weir_trust *t, enum weir_checksum_kind k)
{
    uint64_t wrong = t->kind[k].wrong + t->kind[k].pending;

    return wrong * WEIR_TRUST_TENTH <= t->kind[k].checked;
}

static bool weir_trust_believes(const struct weir_trust *t, enum weir_checksum_kind k)
{
    if (t->mode != WEIR_CHECKSUM_AUTO)
        return t->mode == WEIR_CHECKSUM_ON;
    return t->kind[k].checked >= WEIR_TRUST_MIN && weir_trust_few_wrong(t, WEIR_CHECKSUM_IP4) &&
           weir_trust_few_wrong(t, WEIR_CHECKSUM_TCP);
}

static void weir_trust_judge(struct weir_trust *t, struct weir_pkt *p, enum weir_checksum_kind k)
{
    if (!(p->traits & weir_trust_trait[k]))
        return;
    if (weir_trust_believes(t, k))
        return;
    t->kind[k].withheld++;
    p->traits &= ~weir_trust_trait[k];
}

void weir_trust_apply(struct weir_trust *t, struct weir_pkt *p, bool ip4_checked, bool tcp_checked)
{
    if (ip4_checked) {
        t->kind[WEIR_CHECKSUM_IP4].checked++;
        t->kind[WEIR_CHECKSUM_IP4].wrong += !!(p->traits & WEIR_TRAIT_IP4_CHECKSUM);
    }
    if (tcp_checked) {
        t->kind[WEIR_CHECKSUM_TCP].checked++;
        t->kind[WEIR_CHECKSUM_TCP].wrong += !!(p->traits & WEIR_TRAIT_TCP_CHECKSUM);
        t->kind[WEIR_CHECKSUM_TCP].pending += !!(p->traits & WEIR_TRAIT_CHECKSUM_PENDING);
    }
    weir_trust_judge(t, p, WEIR_CHECKSUM_IP4);
    weir_trust_judge(t, p, WEIR_CHECKSUM_TCP);
}
