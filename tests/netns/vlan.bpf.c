/* SPDX-License-Identifier: Apache-2.0 */

/* A VLAN device for kernels built without 8021q: a veth pair whose inner end hands frames to the
 * parent with a tag (push), and a filter on the parent that hands tagged ones back without (pop).
 * Compiled by lab.py with the interface to hand to, TO, and the VLAN id, ID. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define ETH_8021Q 0x8100
#define PASS 0 /* TC_ACT_OK */

SEC("push")
int vlan_push(struct __sk_buff *skb)
{
    if (bpf_skb_vlan_push(skb, __builtin_bswap16(ETH_8021Q), ID))
        return PASS;
    return bpf_redirect(TO, 0);
}

SEC("pop")
int vlan_pop(struct __sk_buff *skb)
{
    if (!skb->vlan_present || (skb->vlan_tci & 0xfff) != ID || bpf_skb_vlan_pop(skb))
        return PASS;
    return bpf_redirect(TO, 0);
}

char _license[] SEC("license") = "Dual BSD/GPL";
