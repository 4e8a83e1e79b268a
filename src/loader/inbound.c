/* SPDX-License-Identifier: Apache-2.0 */

/* Which interfaces are judged when packets come in: those attached, and those stacked on them,
 * whose index the kernel writes over that of the one below. A packet that is forwarded from one of
 * them is not judged again when it leaves. */

#include "loader/internal.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#define REPLY_BYTES 32768 /* netlink(7): what the kernel's dumps are made for */

struct port {
    uint32_t ifindex;
    uint32_t below;  /* the one that a VLAN or macvlan device stands on, else 0 */
    uint32_t master; /* bridge or bond that it is a port of, else 0 */
    uint32_t peer;   /* of a veth, else 0 */
    int32_t netns;   /* where the peer is */
    bool judged;
    bool deaf;
};

struct ports {
    struct port *v;
    size_t n;
    size_t size;
};

static int ports_add(struct ports *all, const struct port *p)
{
    if (all->n == all->size) {
        size_t size = all->size ? all->size * 2 : 64;
        struct port *more = reallocarray(all->v, size, sizeof(*more));

        if (!more)
            return -ENOMEM;
        all->v = more;
        all->size = size;
    }
    all->v[all->n++] = *p;
    return 0;
}

enum link_kind {
    LINK_PLAIN,
    LINK_STANDS, /* on another */
    LINK_VETH,   /* names its peer as the link below, which it does not stand on */
};

static enum link_kind kind_of(const struct rtattr *info)
{
    const struct rtattr *a = RTA_DATA(info);

    for (int left = (int)RTA_PAYLOAD(info); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
        const char *kind = RTA_DATA(a);
        size_t len = RTA_PAYLOAD(a);

        if (a->rta_type != IFLA_INFO_KIND)
            continue;
        if (!strncmp(kind, "vlan", len) || !strncmp(kind, "macvlan", len))
            return LINK_STANDS;
        return strncmp(kind, "veth", len) ? LINK_PLAIN : LINK_VETH;
    }
    return LINK_PLAIN;
}

static uint32_t number_of(const struct rtattr *a)
{
    uint32_t v = 0;

    if (RTA_PAYLOAD(a) == sizeof(v))
        memcpy(&v, RTA_DATA(a), sizeof(v));
    return v;
}

static int ports_read_one(struct ports *all, struct nlmsghdr *h)
{
    const struct ifinfomsg *m = NLMSG_DATA(h);
    int left = (int)h->nlmsg_len - (int)NLMSG_LENGTH(sizeof(*m));
    struct port p = { .netns = WEIR_NETNS_HERE };
    enum link_kind kind = LINK_PLAIN;

    if (left < 0)
        return 0;
    p.ifindex = (uint32_t)m->ifi_index;
    for (const struct rtattr *a = IFLA_RTA(m); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
        if (a->rta_type == IFLA_LINK)
            p.below = number_of(a);
        else if (a->rta_type == IFLA_LINK_NETNSID)
            p.netns = (int32_t)number_of(a);
        else if (a->rta_type == IFLA_MASTER)
            p.master = number_of(a);
        else if (a->rta_type == IFLA_LINKINFO)
            kind = kind_of(a);
    }
    if (kind == LINK_VETH)
        p.peer = p.below;
    if (kind != LINK_STANDS || p.netns != WEIR_NETNS_HERE)
        p.below = 0;
    return ports_add(all, &p);
}

/* 1: the dump is complete. */
static int ports_read_reply(struct ports *all, void *reply, size_t len)
{
    struct nlmsghdr *h = reply;

    for (unsigned left = (unsigned)len; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
        int r = 0;

        if (h->nlmsg_type == NLMSG_DONE)
            return 1;
        if (h->nlmsg_type == NLMSG_ERROR)
            return ((const struct nlmsgerr *)NLMSG_DATA(h))->error;
        if (h->nlmsg_type == RTM_NEWLINK)
            r = ports_read_one(all, h);
        if (r < 0)
            return r;
    }
    return 0;
}

static int ports_read(struct ports *all)
{
    const struct {
        struct nlmsghdr head;
        struct ifinfomsg link;
    } request = {
        .head = { .nlmsg_len = sizeof(request),
                  .nlmsg_type = RTM_GETLINK,
                  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
    };
    _cleanup_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    _cleanup_free_ void *reply = malloc(REPLY_BYTES);
    int r = 0;

    if (!reply)
        return -ENOMEM;
    if (fd < 0 || send(fd, &request, sizeof(request), 0) < 0)
        return -errno;
    while (r == 0) {
        ssize_t n = recv(fd, reply, REPLY_BYTES, 0);

        r = n < 0 ? -errno : n ? ports_read_reply(all, reply, (size_t)n) : -EIO;
        if (r == -EINTR)
            r = 0;
    }
    return r < 0 ? r : 0;
}

static bool is_judged(const struct ports *all, uint32_t ifindex)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->v[i].ifindex == ifindex)
            return all->v[i].judged;
    return false;
}

/* Packets of a bridge or bond come from any of its ports. */
static bool has_judged_ports(const struct ports *all, uint32_t master)
{
    bool any = false;

    for (size_t i = 0; i < all->n; i++) {
        if (all->v[i].master != master)
            continue;
        if (!all->v[i].judged)
            return false;
        any = true;
    }
    return any;
}

static void ports_spread(struct ports *all)
{
    bool more = true;

    while (more) {
        more = false;
        for (size_t i = 0; i < all->n; i++) {
            struct port *p = &all->v[i];

            if (p->judged || !(is_judged(all, p->below) || has_judged_ports(all, p->ifindex)))
                continue;
            p->judged = true;
            more = true;
        }
    }
}

/* How it is attached at ingress. */
static uint32_t attached_as(const struct weir_attachment *all, int n, uint32_t ifindex)
{
    for (int i = 0; i < n; i++)
        if (all[i].ifindex == ifindex && all[i].hook != WEIR_HOOK_TC_EGRESS)
            return all[i].kind;
    return WEIR_ATTACHED_NONE;
}

static int inbound_write(struct weir_loader *l, const struct ports *all)
{
    int fd = bpf_map__fd(l->skel->maps.inbound);
    uint32_t key, gone[WEIR_INBOUND_MAX], n = 0;

    for (size_t i = 0; i < all->n; i++) {
        const struct port *p = &all->v[i];
        const uint32_t value = WEIR_INBOUND_JUDGED | (p->deaf ? WEIR_INBOUND_DEAF : 0);

        if (p->judged && bpf_map_update_elem(fd, &p->ifindex, &value, BPF_ANY))
            return -errno;
    }
    for (uint32_t *from = NULL; n < WEIR_INBOUND_MAX && !bpf_map_get_next_key(fd, from, &key);
         from = &key)
        if (!is_judged(all, key))
            gone[n++] = key;
    while (n)
        (void)bpf_map_delete_elem(fd, &gone[--n]);
    return 0;
}

int weir_inbound_put(struct weir_loader *l, uint32_t ifindex)
{
    const uint32_t value = WEIR_INBOUND_JUDGED;
    int fd = bpf_map__fd(l->skel->maps.inbound);

    return bpf_map_update_elem(fd, &ifindex, &value, BPF_ANY) ? -errno : 0;
}

bool weir_loader_answers(const struct weir_loader *l, uint32_t ifindex)
{
    uint32_t value = 0;

    (void)bpf_map_lookup_elem(bpf_map__fd(l->skel->maps.inbound), &ifindex, &value);
    return !(value & WEIR_INBOUND_DEAF);
}

int weir_inbound_refresh(struct weir_loader *l, struct weir_error *e)
{
    struct weir_attachment attached[WEIR_LINKS_MAX];
    int n = weir_loader_attachments(l, attached, WEIR_LINKS_MAX);
    struct ports all = { 0 };
    int r = ports_read(&all);

    for (size_t i = 0; i < all.n; i++) {
        struct port *p = &all.v[i];
        uint32_t how = attached_as(attached, n, p->ifindex);

        p->judged = how != WEIR_ATTACHED_NONE;
        p->deaf = how == WEIR_ATTACHED_XDP && p->peer && !weir_veth_takes(p->peer, p->netns);
    }
    ports_spread(&all);
    if (r == 0)
        r = inbound_write(l, &all);
    free(all.v);
    return r < 0 ? weir_error_set(e, -r, "interfaces stacked on those attached: %s",
                                  weir_errno_text(r))
                 : 0;
}
