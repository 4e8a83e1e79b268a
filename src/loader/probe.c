/* SPDX-License-Identifier: Apache-2.0 */

/* What this kernel can do, by trying: versions lie where distributions backport. */

#include "loader/internal.h"

#include <errno.h>
#include <linux/if_link.h>
#include <string.h>

#define TCX_INGRESS 46
#define LOOPBACK 1 /* the first interface of every namespace */

/* return 0, which passes nothing anywhere: it is never left attached. */
static int load_nothing(enum bpf_prog_type type, uint32_t flags)
{
    const struct bpf_insn insns[] = {
        { .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = -1 },
        { .code = BPF_JMP | BPF_EXIT },
    };
    LIBBPF_OPTS(bpf_prog_load_opts, opts, .prog_flags = flags);

    if (type == BPF_PROG_TYPE_XDP)
        opts.expected_attach_type = BPF_XDP;
    return bpf_prog_load(type, "weir_probe", "GPL", insns, 2, &opts);
}

static bool map_works(enum bpf_map_type type, uint32_t key, uint32_t value, uint32_t entries,
                      uint32_t flags)
{
    LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = flags);
    _cleanup_close_ int fd = bpf_map_create(type, "weir_probe", key, value, entries, &opts);

    return fd >= 0;
}

/* A program that says "next" (-1) hangs on the loopback for the time of this call. */
static bool tcx_works(void)
{
    _cleanup_close_ int prog = load_nothing(BPF_PROG_TYPE_SCHED_CLS, 0);
    _cleanup_close_ int link = -1;

    if (prog < 0)
        return false;
    link = bpf_link_create(prog, LOOPBACK, TCX_INGRESS, NULL);
    return link >= 0;
}

int weir_probe_kernel(struct weir_probe *ret)
{
    _cleanup_close_ int tc = load_nothing(BPF_PROG_TYPE_SCHED_CLS, 0);
    _cleanup_close_ int frags = -1;

    memset(ret, 0, sizeof(*ret));
    ret->bpf = tc >= 0;
    if (!ret->bpf) {
        ret->error = errno;
        return 0;
    }
    frags = load_nothing(BPF_PROG_TYPE_XDP, BPF_F_XDP_HAS_FRAGS);
    ret->xdp_frags = frags >= 0;
    ret->ring = map_works(BPF_MAP_TYPE_RINGBUF, 0, 0, (uint32_t)sysconf(_SC_PAGESIZE), 0);
    ret->lpm = map_works(BPF_MAP_TYPE_LPM_TRIE, 20, 4, 1, BPF_F_NO_PREALLOC);
    ret->tcx = tcx_works();
    ret->btf = access("/sys/kernel/btf/vmlinux", R_OK) == 0;
    return 0;
}
