/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One packet of a stream, as prog.c lays it out for bpf/wrap.bpf.c. */

#include <linux/types.h>

/* Bytes copied for each packet; behind them the packet is zeros, and so are the payloads of
 * mkpcap, so that checksums hold. */
#define BENCH_SNAP 120

struct bench_slot {
    __u32 len;
    __u32 snap;
    __u32 seq_step; /* with each pass over the stream the connection goes on by so many bytes */
    __u32 ack_step;
    __u8 data[BENCH_SNAP];
};
