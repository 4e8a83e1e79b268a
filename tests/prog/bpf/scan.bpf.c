/* SPDX-License-Identifier: Apache-2.0 */

/* The automaton of the core over a frame's bytes behind the first scan_from, in the kernel. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "dataplane/automaton.h"

char _license[] SEC("license") = "Dual BSD/GPL";

#define CHUNK 512
#define FOUND_MAX 9216
#define TC_ACT_OK 0

const volatile __u32 scan_from = 54;
const volatile __u32 scan_words = 2; /* of the automaton; even */
const volatile __u32 scan_on = 1;

/* Sizes are set before load: the automaton's words are the map's value. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __uint(key_size, sizeof(__u32));
    __uint(value_size, sizeof(struct weir_automaton) + 8);
} automaton SEC(".maps");

/* The same map by way of an outer one, whose slot is replaced while packets run. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
    __uint(max_entries, 1);
    __uint(key_size, sizeof(__u32));
    __array(
        values, struct {
            __uint(type, BPF_MAP_TYPE_ARRAY);
            __uint(max_entries, 1);
            __uint(key_size, sizeof(__u32));
            __uint(value_size, sizeof(struct weir_automaton) + 8);
        });
} automata SEC(".maps") = { .values = { (void *)&automaton } };

struct scan_run {
    struct weir_scan scan;
    __u32 off;
    __u32 left;
    __u32 matches; /* bytes at which a pattern ended */
    __u32 failed;
    __u8 chunk[CHUNK];
};

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct scan_run);
} run SEC(".maps");

struct found {
    __u32 matches;
    __u32 at[FOUND_MAX];    /* byte behind scan_from at which the pattern ended */
    __u32 state[FOUND_MAX]; /* there */
};

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct found);
} found SEC(".maps");

struct walk {
    void *ctx;
    struct scan_run *r;
    const struct weir_automaton *a;
    struct found *f;
};

static __always_inline long load_chunk(void *ctx, bool xdp, struct scan_run *r)
{
    __u32 n = r->left < CHUNK ? r->left : CHUNK;
    long e;

    barrier_var(n);
    if (n < 1 || n > CHUNK)
        return 1;
    e = xdp ? bpf_xdp_load_bytes(ctx, r->off, r->chunk, n)
            : bpf_skb_load_bytes(ctx, r->off, r->chunk, n);
    if (e) {
        r->failed++;
        return 1;
    }
    r->off += n;
    r->left -= n;
    r->scan.at = 0;
    r->scan.end = n;
    return 0;
}

static __always_inline long turn(struct walk *w, bool xdp)
{
    const struct weir_automaton_view v = { .a = w->a, .words = scan_words };
    struct scan_run *r = w->r;
    enum weir_scan_stop stop;

    if (r->scan.at >= r->scan.end && load_chunk(w->ctx, xdp, r))
        return 1;
    stop = weir_scan_turn(&v, &r->scan, r->chunk, CHUNK - 1);
    if (stop == WEIR_SCAN_MATCH) {
        __u32 i = r->matches++;

        if (i < FOUND_MAX) {
            w->f->at[i] = r->off - r->scan.end + r->scan.at - scan_from;
            w->f->state[i] = r->scan.carry.state;
        }
    }
    return r->scan.at >= r->scan.end && !r->left;
}

static long turn_xdp(__u32 i, struct walk *w)
{
    (void)i;
    return turn(w, true);
}

static long turn_tc(__u32 i, struct walk *w)
{
    (void)i;
    return turn(w, false);
}

static __always_inline int scan(void *ctx, bool xdp, __u32 bytes, const struct weir_automaton *a)
{
    struct walk w = { .ctx = ctx, .a = a };
    __u32 key = 0;

    w.r = bpf_map_lookup_elem(&run, &key);
    w.f = bpf_map_lookup_elem(&found, &key);
    if (!w.r || !w.f || bytes <= scan_from)
        return 0;
    __builtin_memset(&w.r->scan, 0, sizeof(w.r->scan));
    w.r->off = scan_from;
    w.r->left = bytes - scan_from;
    w.r->matches = 0;
    w.r->failed = 0;
    if (!scan_on)
        return 0;
    /* Every turn takes a byte at least. */
    if (xdp)
        bpf_loop(bytes, turn_xdp, &w, 0);
    else
        bpf_loop(bytes, turn_tc, &w, 0);
    w.f->matches = w.r->failed ? ~0U : w.r->matches;
    return 0;
}

static __always_inline const struct weir_automaton *current(void)
{
    __u32 key = 0;
    void *inner = bpf_map_lookup_elem(&automata, &key);

    return inner ? bpf_map_lookup_elem(inner, &key) : NULL;
}

SEC("xdp.frags")
int scan_xdp(struct xdp_md *ctx)
{
    const struct weir_automaton *a = current();

    if (a)
        (void)scan(ctx, true, (__u32)bpf_xdp_get_buff_len(ctx), a);
    return XDP_PASS;
}

SEC("tc")
int scan_tc(struct __sk_buff *ctx)
{
    const struct weir_automaton *a = current();

    if (a)
        (void)scan(ctx, false, ctx->len, a);
    return TC_ACT_OK;
}
