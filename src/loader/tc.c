/* SPDX-License-Identifier: Apache-2.0 */

/* clsact: TC where there are no tcx links. The qdisc is shared with whoever else filters there, so
 * it is taken away only when we made it and nothing is left in it. */

#include "loader/internal.h"

#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

static void hook_init(struct bpf_tc_hook *hook, const struct weir_tc *tc)
{
    memset(hook, 0, sizeof(*hook));
    hook->sz = sizeof(*hook);
    hook->ifindex = (int)tc->ifindex;
    hook->attach_point = tc->egress ? BPF_TC_EGRESS : BPF_TC_INGRESS;
}

int weir_tc_attach(struct weir_tc *tc, int prog_fd, bool replace, bool *made_clsact)
{
    LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = prog_fd, .handle = tc->handle,
                .priority = tc->priority, .flags = replace ? BPF_TC_F_REPLACE : 0);
    struct bpf_tc_hook hook;
    int r;

    hook_init(&hook, tc);
    r = bpf_tc_hook_create(&hook);
    if (r < 0 && r != -EEXIST)
        return r;
    *made_clsact = r == 0;
    r = bpf_tc_attach(&hook, &opts);
    if (r < 0)
        return r;
    tc->handle = opts.handle;
    tc->priority = opts.priority;
    return 0;
}

/* Is any filter of the answer at this parent? -1: the dump is over. */
static int answer_has_filter(const char *buf, ssize_t len)
{
    const struct nlmsghdr *h = (const struct nlmsghdr *)buf;

    for (; NLMSG_OK(h, len); h = NLMSG_NEXT(h, len)) {
        if (h->nlmsg_type == RTM_NEWTFILTER)
            return 1;
        if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR)
            return -1;
    }
    return 0;
}

/* Filters in one direction; an error counts as one: then the qdisc stays. */
static bool has_filters(uint32_t ifindex, uint32_t parent)
{
    struct {
        struct nlmsghdr h;
        struct tcmsg t;
    } ask = {
        .h = { .nlmsg_len = sizeof(ask),
               .nlmsg_type = RTM_GETTFILTER,
               .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
        .t = { .tcm_ifindex = (int)ifindex, .tcm_parent = parent },
    };
    _cleanup_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    char buf[16384] __attribute__((aligned(NLMSG_ALIGNTO)));

    if (fd < 0 || send(fd, &ask, sizeof(ask), 0) < 0)
        return true;
    for (;;) {
        ssize_t n = recv(fd, buf, sizeof(buf), 0);
        int found = n <= 0 ? 1 : answer_has_filter(buf, n);

        if (found)
            return found > 0;
    }
}

int weir_tc_detach(const struct weir_tc *tc, bool remove_clsact)
{
    LIBBPF_OPTS(bpf_tc_opts, opts, .handle = tc->handle, .priority = tc->priority);
    struct bpf_tc_hook hook;
    int r;

    hook_init(&hook, tc);
    r = bpf_tc_detach(&hook, &opts);
    if (r < 0 && r != -ENOENT && r != -EINVAL && r != -ENODEV) /* gone already: all is well */
        return r;
    if (!remove_clsact || has_filters(tc->ifindex, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)) ||
        has_filters(tc->ifindex, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS)))
        return 0;
    hook.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS;
    (void)bpf_tc_hook_destroy(&hook); /* the interface may be gone */
    return 0;
}
