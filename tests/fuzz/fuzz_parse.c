/* SPDX-License-Identifier: Apache-2.0 */

/* One packet through the core: parse, checksum, detections, decision, event record. The first three
 * bytes of the input choose how it arrives: link and host flags, how much of it the capture kept,
 * how much longer it was on the wire. The rest is the frame. */

#include <stdint.h>
#include <stdlib.h>

#include "harness/invariants.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    HEAD_BYTES = 3,
    ARRIVE_LINK = 3, /* Ethernet, IPv4, IPv6, VLAN */
    ARRIVE_LOOPBACK = 4,
    ARRIVE_OWN_SOURCE = 8,
};

static struct weir_arrival arrival_of(uint8_t how)
{
    static const __u16 types[] = { 0, WEIR_ETH_IP4, WEIR_ETH_IP6, WEIR_ETH_VLAN };

    return (struct weir_arrival){ .ethertype = types[how & ARRIVE_LINK],
                                  .link_flags = how & ARRIVE_LOOPBACK ? WEIR_LINK_LOOPBACK : 0,
                                  .own_source = how & ARRIVE_OWN_SOURCE };
}

static void fill_event(const struct weir_inspection *r, const struct weir_policy *policy)
{
    struct weir_event event = { 0 };
    struct weir_decision d;

    weir_decide(&d, &r->hits, policy, &r->pkt);
    weir_event_packet(&event, &r->pkt, 1);
    if (d.row == WEIR_ROW_MAX)
        return;
    weir_event_finding(&event, &d, &r->hits);
    if (!event.detection || (event.also[0] & ~policy->finding[0]))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weir_arrival arrival;
    struct weir_policy policy;
    struct weir_inspection r;
    __u32 cap, wire;

    if (size < HEAD_BYTES || size > 1 << 17)
        return 0;
    arrival = arrival_of(data[0]);
    wire = (__u32)size - HEAD_BYTES;
    cap = data[1] < 128 ? wire : wire * (data[1] & 127) / 127; /* captured in full, or a part */
    wire += data[2] < 128 ? 0 : (data[2] & 127) * 600U;
    weir_inspect_bytes(&r, data + HEAD_BYTES, cap, wire, &arrival);
    if (weir_broken_invariant(&r))
        abort();
    if (!arrival.link_flags && !arrival.own_source &&
        !weir_blind_behind_capture(&r, arrival.ethertype))
        abort();
    weir_policy_default(&policy, WEIR_MODE_ENFORCE);
    fill_event(&r, &policy);
    return 0;
}
