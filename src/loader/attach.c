/* SPDX-License-Identifier: Apache-2.0 */

/* From loaded programs to judged packets: links where the kernel has them, clsact else. The table
 * of attachments is written before each step, so that whoever dies half way leaves a trace that
 * weir_pins_down() can follow. */

#include "loader/internal.h"

#include <errno.h>

#include <linux/if_link.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* enum bpf_attach_type of newer kernels; libbpf 1.1 hands them through. */
#define TCX_INGRESS 46
#define TCX_EGRESS 47
/* Where our clsact filter sits: a handle that nobody else has. */
#define TC_HANDLE 0x77656972
#define TC_PRIORITY 77

static struct weir_link *link_find(struct weir_loader *l, const struct weir_attached_key *key)
{
    for (size_t i = 0; i < l->links; i++) {
        if (!memcmp(&l->link[i].key, key, sizeof(*key)))
            return &l->link[i];
    }
    return NULL;
}

/* Takes fd. */
static void link_put(struct weir_loader *l, const struct weir_attached_key *key, int fd)
{
    struct weir_link *link = link_find(l, key);

    if (!link)
        link = &l->link[l->links++];
    else
        weir_closep(&link->fd);
    *link = (struct weir_link){ .key = *key, .fd = fd };
}

static void link_forget(struct weir_loader *l, const struct weir_attached_key *key)
{
    struct weir_link *link = link_find(l, key);

    if (!link)
        return;
    weir_closep(&link->fd);
    *link = l->link[--l->links];
}

static int link_pin_path(char path[WEIR_PINS_PATH], const char *pins,
                         const struct weir_attached_key *key)
{
    char name[64];

    weir_pins_link_name(name, key);
    return weir_pins_path(path, pins, name, NULL);
}

int weir_attached_remove(int attached_fd, const char *pins, const struct weir_attached_key *key,
                         struct weir_error *e)
{
    const bool egress = key->hook == WEIR_HOOK_TC_EGRESS;
    struct weir_attached a;
    char path[WEIR_PINS_PATH];
    int r = 0;

    if (bpf_map_lookup_elem(attached_fd, key, &a))
        return 0;
    if (a.kind == WEIR_ATTACHED_CLSACT) {
        const struct weir_tc tc = { key->ifindex, egress, a.tc_priority, a.tc_handle };

        r = weir_tc_detach(&tc, a.made_clsact);
    } else if (pins && link_pin_path(path, pins, key) == 0) {
        _cleanup_close_ int fd = bpf_obj_get(path);

        if (fd >= 0)
            (void)bpf_link_detach(fd); /* ENOLINK: the interface is gone */
        if (unlink(path) < 0 && errno != ENOENT)
            r = -errno;
    }
    if (r < 0)
        return weir_error_set(e, -r, "interface %u: cannot detach: %s", key->ifindex,
                              weir_errno_text(r));
    (void)bpf_map_delete_elem(attached_fd, key); /* ENOENT: another was faster */
    return 0;
}

static int remove_one(struct weir_loader *l, const struct weir_attached_key *key,
                      struct weir_error *e)
{
    link_forget(l, key);
    return weir_attached_remove(l->attached_fd, l->pins[0] ? l->pins : NULL, key, e);
}

static int attached_kind(const struct weir_loader *l, const struct weir_attached_key *key)
{
    struct weir_attached a;

    return bpf_map_lookup_elem(l->attached_fd, key, &a) ? WEIR_ATTACHED_NONE : (int)a.kind;
}

static int attached_put(const struct weir_loader *l, const struct weir_attached_key *key,
                        const struct weir_attached *a)
{
    return bpf_map_update_elem(l->attached_fd, key, a, BPF_ANY) ? -errno : 0;
}

/* Swap our program into the link that hangs there. -ENOLINK: there is none that works. */
static int link_swap(struct weir_loader *l, const struct weir_attached_key *key)
{
    struct weir_link *mine = link_find(l, key);
    char path[WEIR_PINS_PATH];
    int fd = -1;

    if (mine)
        return bpf_link_update(mine->fd, weir_prog_fd(l, key->hook), NULL) ? -errno : 0;
    if (!l->pins[0] || link_pin_path(path, l->pins, key) < 0)
        return -ENOLINK;
    fd = bpf_obj_get(path);
    if (fd < 0)
        return -ENOLINK;
    if (bpf_link_update(fd, weir_prog_fd(l, key->hook), NULL)) {
        int r = -errno;

        (void)close(fd);
        return r;
    }
    link_put(l, key, fd);
    return 0;
}

static int link_make(struct weir_loader *l, const struct weir_attached_key *key, uint32_t kind)
{
    const struct weir_attached a = { .kind = kind };
    LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = 0);
    enum bpf_attach_type type = BPF_XDP;
    char path[WEIR_PINS_PATH];
    int fd, r;

    if (kind == WEIR_ATTACHED_TCX)
        type = key->hook == WEIR_HOOK_TC_EGRESS ? TCX_EGRESS : TCX_INGRESS;
    else
        opts.flags = kind == WEIR_ATTACHED_XDP ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE;
    r = attached_put(l, key, &a);
    if (r < 0)
        return r;
    fd = bpf_link_create(weir_prog_fd(l, key->hook), (int)key->ifindex, type, &opts);
    if (fd < 0) {
        r = -errno;
        (void)bpf_map_delete_elem(l->attached_fd, key);
        return r;
    }
    link_put(l, key, fd);
    if (!l->pins[0])
        return 0;
    r = link_pin_path(path, l->pins, key);
    if (r == 0 && bpf_obj_pin(fd, path))
        r = -errno;
    if (r < 0)
        (void)remove_one(l, key, NULL);
    return r;
}

/* Attach by link, in place of what hangs there in another way. */
static int attach_link(struct weir_loader *l, const struct weir_attached_key *key, uint32_t kind)
{
    uint32_t now = (uint32_t)attached_kind(l, key);
    int r;

    if (now == kind) {
        r = link_swap(l, key);
        if (r == 0)
            return 0;
    }
    if (now != WEIR_ATTACHED_NONE) {
        r = remove_one(l, key, NULL);
        if (r < 0)
            return r;
    }
    return link_make(l, key, kind);
}

/* Did either direction make the qdisc? Then the last to go takes it along. */
static bool clsact_is_ours(const struct weir_loader *l, uint32_t ifindex)
{
    struct weir_attached a;

    for (uint32_t hook = WEIR_HOOK_TC_INGRESS; hook <= WEIR_HOOK_TC_EGRESS; hook++) {
        const struct weir_attached_key key = { ifindex, hook };

        if (!bpf_map_lookup_elem(l->attached_fd, &key, &a) && a.made_clsact)
            return true;
    }
    return false;
}

static int attach_clsact(struct weir_loader *l, const struct weir_attached_key *key)
{
    struct weir_tc tc = { key->ifindex, key->hook == WEIR_HOOK_TC_EGRESS, TC_PRIORITY, TC_HANDLE };
    struct weir_attached a = { WEIR_ATTACHED_CLSACT, TC_PRIORITY, TC_HANDLE, 1 };
    bool ours = clsact_is_ours(l, key->ifindex), made = false;
    int r = attached_put(l, key, &a);

    if (r < 0)
        return r;
    r = weir_tc_attach(&tc, weir_prog_fd(l, key->hook), true, &made);
    a.made_clsact = made || ours;
    (void)attached_put(l, key, &a); /* it is there: no room to run out of */
    if (r < 0) {
        (void)weir_attached_remove(l->attached_fd, NULL, key, NULL);
        return r;
    }
    link_put(l, key, -1);
    return 0;
}

static int attach_tc(struct weir_loader *l, uint32_t ifindex, uint32_t hook)
{
    const struct weir_attached_key key = { ifindex, hook };
    int r;

    if (!l->no_tcx) {
        r = attach_link(l, &key, WEIR_ATTACHED_TCX);
        if (r != -EINVAL && r != -EOPNOTSUPP)
            return r;
    }
    return attach_clsact(l, &key);
}

/* What XDP's errnos mean to a person. */
static const char *xdp_errno_text(int r)
{
    switch (r) {
    case -EBUSY:
        return "another XDP program is attached";
    case -EOPNOTSUPP:
        return "the driver has no native XDP";
    case -ERANGE:
        return "the MTU is too large for the driver's XDP";
    default:
        return weir_errno_text(r);
    }
}

/* Attach at ingress; *ret_hook says where. */
static int attach_ingress(struct weir_loader *l, const char *interface, uint32_t ifindex,
                          enum weir_attach how, struct weir_error *why, uint32_t *ret_hook,
                          struct weir_error *e)
{
    const struct weir_attached_key xdp = { ifindex, WEIR_HOOK_XDP };
    const struct weir_attached_key tc = { ifindex, WEIR_HOOK_TC_INGRESS };
    bool generic = how == WEIR_ATTACH_XDP_GENERIC;
    int r;

    if (how != WEIR_ATTACH_TC) {
        r = attach_link(l, &xdp, generic ? WEIR_ATTACHED_XDP_GENERIC : WEIR_ATTACHED_XDP);
        *ret_hook = WEIR_HOOK_XDP;
        if (r == 0)
            return remove_one(l, &tc, e);
        if (how != WEIR_ATTACH_AUTO)
            return weir_error_set(e, -r, "%s: cannot attach XDP: %s", interface, xdp_errno_text(r));
        (void)weir_error_set(why, -r, "%s", xdp_errno_text(r));
    }
    *ret_hook = WEIR_HOOK_TC_INGRESS;
    r = attach_tc(l, ifindex, WEIR_HOOK_TC_INGRESS);
    if (r < 0)
        return weir_error_set(e, -r, "%s: cannot attach TC ingress: %s", interface,
                              weir_errno_text(r));
    return remove_one(l, &xdp, e);
}

static int find_interface(const char *interface, uint32_t *ret, struct weir_error *e)
{
    _cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq req = { 0 };

    *ret = if_nametoindex(interface);
    if (!*ret)
        return weir_error_set(e, ENODEV, "%s: no such interface", interface);
    (void)snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", interface);
    if (fd < 0 || ioctl(fd, SIOCGIFHWADDR, &req))
        return weir_error_set(e, errno, "%s: %s", interface, strerror(errno));
    if (req.ifr_hwaddr.sa_family != ARPHRD_ETHER && req.ifr_hwaddr.sa_family != ARPHRD_LOOPBACK)
        return weir_error_set(e, EMEDIUMTYPE,
                              "%s: link type %u; expected Ethernet (1) or loopback (772)",
                              interface, req.ifr_hwaddr.sa_family);
    return 0;
}

int weir_loader_attach(struct weir_loader *l, const char *interface, enum weir_attach how,
                       struct weir_error *ret_why, struct weir_error *e)
{
    uint32_t ifindex, hook;
    bool was_there;
    int r = find_interface(interface, &ifindex, e);

    if (ret_why)
        ret_why->text[0] = '\0';
    if (r < 0)
        return r;
    if (l->links + 2 > WEIR_LINKS_MAX)
        return weir_error_set(e, ENOSPC, "%s: %d hooks are attached already", interface,
                              WEIR_LINKS_MAX);
    was_there = attached_kind(l, &(struct weir_attached_key){ ifindex, WEIR_HOOK_TC_EGRESS });
    r = attach_ingress(l, interface, ifindex, how, ret_why, &hook, e);
    if (r < 0)
        return r;
    r = weir_inbound_put(l, ifindex);
    if (r == 0)
        r = attach_tc(l, ifindex, WEIR_HOOK_TC_EGRESS);
    if (r < 0) {
        if (!was_there)
            (void)remove_one(l, &(struct weir_attached_key){ ifindex, hook }, NULL);
        return weir_error_set(e, -r, "%s: cannot attach TC egress: %s", interface,
                              weir_errno_text(r));
    }
    return 0;
}

int weir_loader_detach(struct weir_loader *l, const char *interface, struct weir_error *e)
{
    uint32_t ifindex = if_nametoindex(interface);
    int first = 0;

    if (!ifindex)
        return weir_error_set(e, ENODEV, "%s: no such interface", interface);
    for (uint32_t hook = 0; hook < WEIR_HOOK_MAX; hook++) {
        int r = remove_one(l, &(struct weir_attached_key){ ifindex, hook }, e);

        if (r < 0 && !first)
            first = r;
    }
    return first;
}

int weir_loader_attachments(struct weir_loader *l, struct weir_attachment *ret, size_t max)
{
    struct weir_attached_key key, *from = NULL;
    struct weir_attached a;
    size_t n = 0;

    for (; !bpf_map_get_next_key(l->attached_fd, from, &key); from = &key) {
        if (!key.ifindex || bpf_map_lookup_elem(l->attached_fd, &key, &a))
            continue;
        if (n < max)
            ret[n] = (struct weir_attachment){ key.ifindex,   key.hook,    a.kind,
                                               a.tc_priority, a.tc_handle, a.made_clsact };
        n++;
    }
    return (int)n;
}

int weir_loader_detach_others(struct weir_loader *l, struct weir_error *e)
{
    struct weir_attachment all[WEIR_LINKS_MAX];
    int n = weir_loader_attachments(l, all, WEIR_LINKS_MAX), first = 0;

    for (int i = 0; i < n && i < WEIR_LINKS_MAX; i++) {
        const struct weir_attached_key key = { all[i].ifindex, all[i].hook };
        int r = link_find(l, &key) ? 0 : remove_one(l, &key, e);

        if (r < 0 && !first)
            first = r;
    }
    return first;
}
