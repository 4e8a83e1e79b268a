/* SPDX-License-Identifier: Apache-2.0 */

/* What XDP sends back on a veth goes into a ring of its other end, which is emptied only while that
 * end has a native XDP program, too (drivers/net/veth.c, veth_xdp_flush()). */

#include "loader/internal.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#define REPLY_BYTES 16384 /* one link with all its attributes */

struct request {
    struct nlmsghdr head;
    struct ifinfomsg link;
    struct rtattr attr;
    int32_t netns;
};

static bool xdp_is_native(const struct rtattr *xdp)
{
    const struct rtattr *a = RTA_DATA(xdp);

    for (int left = (int)RTA_PAYLOAD(xdp); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
        uint8_t how;

        if (a->rta_type != IFLA_XDP_ATTACHED || RTA_PAYLOAD(a) < 1)
            continue;
        memcpy(&how, RTA_DATA(a), 1);
        return how == XDP_ATTACHED_DRV || how == XDP_ATTACHED_MULTI;
    }
    return false;
}

static bool link_has_xdp(const void *reply, size_t len)
{
    const struct nlmsghdr *h = reply;
    const struct ifinfomsg *m = NLMSG_DATA(h);
    int left;

    if (!NLMSG_OK(h, (unsigned)len) || h->nlmsg_type != RTM_NEWLINK)
        return false;
    left = (int)h->nlmsg_len - (int)NLMSG_LENGTH(sizeof(*m));
    for (const struct rtattr *a = IFLA_RTA(m); RTA_OK(a, left); a = RTA_NEXT(a, left))
        if ((a->rta_type & NLA_TYPE_MASK) == IFLA_XDP)
            return xdp_is_native(a);
    return false;
}

bool weir_veth_takes(uint32_t peer, int32_t netns)
{
    struct request q = {
        .head = { .nlmsg_len = sizeof(q), .nlmsg_type = RTM_GETLINK, .nlmsg_flags = NLM_F_REQUEST },
        .link = { .ifi_index = (int)peer },
        .attr = { .rta_len = RTA_LENGTH(sizeof(q.netns)), .rta_type = IFLA_TARGET_NETNSID },
        .netns = netns,
    };
    _cleanup_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    _cleanup_free_ void *reply = malloc(REPLY_BYTES);
    ssize_t n;

    if (netns == WEIR_NETNS_HERE)
        q.head.nlmsg_len = NLMSG_LENGTH(sizeof(q.link));
    if (fd < 0 || !reply || send(fd, &q, q.head.nlmsg_len, 0) < 0)
        return false;
    n = recv(fd, reply, REPLY_BYTES, 0);
    return n > 0 && link_has_xdp(reply, (size_t)n);
}
