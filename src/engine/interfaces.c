/* SPDX-License-Identifier: Apache-2.0 */

/* Interfaces to inspect. A pattern takes what there is at the start; it leaves out the loopback and
 * what is no Ethernet, which a name would have to ask for. */

#include <errno.h>
#include <fnmatch.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "engine/internal.h"

static enum weir_attach attach_of(uint64_t setting)
{
    static const enum weir_attach how[] = {
        [WEIR_ATTACH_SETTING_AUTO] = WEIR_ATTACH_AUTO,
        [WEIR_ATTACH_SETTING_XDP] = WEIR_ATTACH_XDP,
        [WEIR_ATTACH_SETTING_XDP_GENERIC] = WEIR_ATTACH_XDP_GENERIC,
        [WEIR_ATTACH_SETTING_TC] = WEIR_ATTACH_TC,
    };

    return how[setting];
}

static bool is_ethernet(const char *name)
{
    _cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq req = { 0 };

    (void)snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", name);
    return fd >= 0 && !ioctl(fd, SIOCGIFHWADDR, &req) && req.ifr_hwaddr.sa_family == ARPHRD_ETHER;
}

/* An interface of several rows belongs to the first. */
static int add(struct weir_wanted *all, int n, const char *name, enum weir_attach how,
               struct weir_error *e)
{
    for (int i = 0; i < n; i++)
        if (!strcmp(all[i].name, name))
            return n;
    if (n == WEIR_INTERFACES_MAX)
        return weir_error_set(e, E2BIG, "more than %d interfaces", WEIR_INTERFACES_MAX);
    (void)snprintf(all[n].name, sizeof(all[n].name), "%s", name);
    all[n].how = how;
    return n + 1;
}

static int add_matching(struct weir_wanted *all, int n, const struct weir_interface_setting *row,
                        struct weir_error *e)
{
    struct if_nameindex *there = if_nameindex();

    if (!there)
        return weir_error_set(e, errno, "interfaces: %s", strerror(errno));
    for (struct if_nameindex *i = there; n >= 0 && i->if_index; i++)
        if (!fnmatch(row->match, i->if_name, 0) && is_ethernet(i->if_name))
            n = add(all, n, i->if_name, attach_of(row->attach), e);
    if_freenameindex(there);
    return n;
}

int weir_interfaces_wanted(const struct weir_engine_config *c, const struct weir_settings *s,
                           struct weir_wanted ret[WEIR_INTERFACES_MAX], struct weir_buf *remarks,
                           struct weir_error *e)
{
    int n = 0;

    for (size_t i = 0; n >= 0 && i < c->n; i++) {
        if (strlen(c->interfaces[i]) >= sizeof(ret[0].name))
            return weir_error_set(e, ENODEV, "%s: no such interface", c->interfaces[i]);
        n = add(ret, n, c->interfaces[i], c->attach, e);
    }
    for (size_t i = 0; n >= 0 && !c->n && i < s->interfaces.n; i++) {
        const struct weir_interface_setting *row = &s->interfaces.v[i];
        int before = n;

        if (strchr(row->match, '*'))
            n = add_matching(ret, n, row, e);
        else
            n = add(ret, n, row->match, attach_of(row->attach), e);
        if (n == before && strchr(row->match, '*'))
            weir_buf_addf(remarks, "interfaces[%zu]: %s: matches none that is not named before\n",
                          i, row->match);
    }
    if (n == 0)
        return weir_error_set(e, EINVAL,
                              "no interface to inspect: name one by -i or in the policy");
    return n;
}
