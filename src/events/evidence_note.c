/* SPDX-License-Identifier: Apache-2.0 */
#include "events/evidence_note.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/counters.h"
#include "abi/event.h"
#include "events/names.h"

#define ADDRESSES 12 /* bytes in front of a VLAN tag */
#define TAG_BYTES 4
#define TPID 0x8100

/* Return values, as epb_verdict shows them. */
enum {
    XDP_DROPS = 1,
    XDP_PASSES = 2,
    TC_SHOT = 2,
    TC_UNSPEC = -1,
};

static const char *fate(const struct weir_packet_note *n)
{
    static const char *const dropped[WEIR_DROP_REASON_MAX] = {
        [WEIR_DROP_NONE] = "dropped",
        [WEIR_DROP_DETECTION] = "dropped",
        [WEIR_DROP_BAN] = "dropped, source banned",
        [WEIR_DROP_DENY] = "dropped, source on a deny list",
    };

    if (n->flags & WEIR_PACKET_DROPPED)
        return n->drop < WEIR_DROP_REASON_MAX ? dropped[n->drop] : "dropped";
    return n->flags & WEIR_PACKET_WOULD_DROP ? "passed, enforce mode would drop it" : "passed";
}

const char *weir_packet_comment(const struct weir_packet_note *n, char text[WEIR_PACKET_TEXT])
{
    const struct weir_detection_info *info = weir_detection_by_id(n->detection);
    const char *way = n->flags & WEIR_PACKET_EGRESS ? "egress" : "ingress";

    if (info)
        (void)snprintf(text, WEIR_PACKET_TEXT, "weir: %s, action %s: %s (%s)", info->name,
                       weir_action_name((enum weir_action)n->action), fate(n), way);
    else
        (void)snprintf(text, WEIR_PACKET_TEXT, "weir: %s (%s)", fate(n), way);
    return text;
}

static void add_tag(struct weir_evidence_packet *p, const struct weir_packet_note *n,
                    struct weir_evidence_scratch *s)
{
    const uint16_t tag[2] = { htons(TPID), htons(n->vlan) };

    s->frame = malloc((size_t)n->cap + TAG_BYTES);
    if (!s->frame)
        return; /* without its tag, then */
    memcpy(s->frame, p->data, ADDRESSES);
    memcpy(s->frame + ADDRESSES, tag, TAG_BYTES);
    memcpy(s->frame + ADDRESSES + TAG_BYTES, p->data + ADDRESSES, n->cap - ADDRESSES);
    p->data = s->frame;
    p->cap += TAG_BYTES;
    p->wire += TAG_BYTES;
}

static void add_verdict(struct weir_evidence_packet *p, const struct weir_packet_note *n)
{
    bool drops = n->flags & WEIR_PACKET_DROPPED;

    if (n->hook >= WEIR_HOOK_MAX)
        return;
    p->hook = n->hook == WEIR_HOOK_XDP ? WEIR_EVIDENCE_XDP : WEIR_EVIDENCE_TC;
    if (n->hook == WEIR_HOOK_XDP)
        p->verdict = drops ? XDP_DROPS : XDP_PASSES;
    else
        p->verdict = (uint64_t)(int64_t)(drops ? TC_SHOT : TC_UNSPEC);
}

void weir_evidence_packet_make(struct weir_evidence_packet *ret, const struct weir_packet_note *n,
                               const uint8_t *bytes, bool whole,
                               struct weir_evidence_scratch *scratch)
{
    bool egress = n->flags & WEIR_PACKET_EGRESS;

    scratch->frame = NULL;
    *ret = (struct weir_evidence_packet){
        .data = bytes,
        .cap = n->cap,
        .wire = n->wire,
        .interface = (uint64_t)n->source << 16 | n->link,
        .link = n->link,
        .direction = egress ? WEIR_EVIDENCE_OUTBOUND : WEIR_EVIDENCE_INBOUND,
    };
    if (whole || n->detection || n->flags & WEIR_PACKET_DROPPED)
        ret->comment = weir_packet_comment(n, scratch->comment);
    add_verdict(ret, n);
    if (n->vlan && ret->link == WEIR_LINK_ETHERNET && n->cap >= ADDRESSES)
        add_tag(ret, n, scratch);
}

void weir_evidence_scratch_free(struct weir_evidence_scratch *s)
{
    free(s->frame);
}

bool weir_packet_event_valid(const struct weir_packet_event *ev, size_t len)
{
    const struct weir_packet_note *n = &ev->note;

    return len >= sizeof(*ev) && ev->abi == WEIR_ABI && ev->len == sizeof(*ev) &&
           ev->type == WEIR_EVENT_PACKET && n->cap && n->cap <= len - sizeof(*ev) &&
           n->cap <= n->wire && ev->watch < WEIR_WATCHES && n->hook < WEIR_HOOK_MAX &&
           n->action < WEIR_ACTION_MAX && n->drop < WEIR_DROP_REASON_MAX &&
           (!n->detection || weir_detection_by_id(n->detection));
}
