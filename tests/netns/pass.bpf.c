/* SPDX-License-Identifier: Apache-2.0 */

/* For the other end of a veth pair: what an XDP program sends back there is taken only by an
 * interface that has one itself. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp.frags")
int pass(struct xdp_md *ctx)
{
    (void)ctx;
    return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
