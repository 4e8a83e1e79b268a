/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One packet through the core, as a host does it: window, parse, checksum, detections, decision. */

#include "dataplane/decide.h"
#include "dataplane/parse.h"
#include "dataplane/report.h"
#include "dataplane/sum.h"
#include "harness/packet.h"

struct weir_inspection {
    struct weir_window window;
    struct weir_pkt pkt;
    struct weir_hits hits;
    bool summed; /* the TCP checksum was judged */
};

/* How the packet reaches the host. */
struct weir_arrival {
    __u16 ethertype; /* 0: Ethernet frame; else the frame starts at this protocol's header */
    __u8 link_flags;
    bool own_source; /* the source is an address of this machine */
};

extern const struct weir_rows weir_rows_all;

/* cap bytes of a frame that had wire bytes. Detections run whether or not there are traits, so that
 * a test can demand that none hits without. */
void weir_inspect_bytes(struct weir_inspection *ret, const __u8 *b, __u32 cap, __u32 wire,
                        const struct weir_arrival *arrival);
void weir_inspect(struct weir_inspection *ret, const struct weir_packet *p);

/* Default policy of one mode, as detections.def has it. */
void weir_policy_default(struct weir_policy *ret_policy, enum weir_mode mode);
