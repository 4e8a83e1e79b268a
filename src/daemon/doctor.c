/* SPDX-License-Identifier: Apache-2.0 */

/* `weir doctor`: what kernel and interface can do, before anything is attached. */

#include <errno.h>
#include <getopt.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "daemon/command.h"
#include "daemon/daemon.h"

static const struct weir_option doctor_options[] = {
    { "json", 'j', NULL, "one JSON object" },
    { NULL, 0, NULL, NULL },
};

struct port {
    char driver[sizeof(((struct ethtool_drvinfo *)0)->driver) + 1];
    int mtu;
    unsigned queues; /* 0: the driver does not say */
};

static int ethtool(int fd, const char *name, void *command)
{
    struct ifreq req = { .ifr_data = command };

    (void)snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", name);
    return ioctl(fd, SIOCETHTOOL, &req);
}

static int port_read(const char *name, struct port *ret, struct weir_error *e)
{
    _cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ethtool_drvinfo driver = { .cmd = ETHTOOL_GDRVINFO };
    struct ethtool_channels queues = { .cmd = ETHTOOL_GCHANNELS };
    struct ifreq req = { 0 };

    if (strlen(name) >= sizeof(req.ifr_name) || !if_nametoindex(name))
        return weir_error_set(e, ENODEV, "%s: no such interface", name);
    (void)snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", name);
    if (fd < 0 || ioctl(fd, SIOCGIFMTU, &req))
        return weir_error_set(e, errno, "%s: %s", name, strerror(errno));
    ret->mtu = req.ifr_mtu;
    if (ethtool(fd, name, &driver) == 0)
        memcpy(ret->driver, driver.driver, sizeof(driver.driver));
    if (ethtool(fd, name, &queues) == 0)
        ret->queues = queues.rx_count + queues.combined_count;
    return 0;
}

static void kernel_write(struct weir_json *j, const struct weir_probe *p)
{
    struct utsname u;

    weir_json_object(j, "kernel");
    if (uname(&u) == 0)
        weir_json_str(j, "release", u.release);
    weir_json_bool(j, "bpf", p->bpf);
    if (!p->bpf)
        weir_json_str(j, "error", strerror(p->error));
    weir_json_bool(j, "xdp_frags", p->xdp_frags);
    weir_json_bool(j, "ring", p->ring);
    weir_json_bool(j, "lpm", p->lpm);
    weir_json_bool(j, "tcx", p->tcx);
    weir_json_bool(j, "btf", p->btf);
    weir_json_object_end(j);
}

static void port_write(struct weir_json *j, const char *name, const struct port *p)
{
    weir_json_object(j, "interface");
    weir_json_str(j, "name", name);
    weir_json_str(j, "driver", p->driver);
    weir_json_i64(j, "mtu", p->mtu);
    weir_json_u64(j, "queues", p->queues);
    weir_json_object_end(j);
}

static void kernel_print(const struct weir_probe *p)
{
    const struct {
        bool yes;
        const char *name, *yes_text, *no_text;
    } row[] = {
        { p->bpf, "bpf", "programs can be loaded", "no program can be loaded" },
        { p->xdp_frags, "xdp frags", "XDP reads frames above one page", "no: TC for large MTU" },
        { p->ring, "ring", "events can be read", "missing: weir cannot run" },
        { p->lpm, "lpm", "prefixes can be banned", "missing: weir cannot run" },
        { p->tcx, "tcx", "TC by link", "no: clsact is used" },
        { p->btf, "btf", "kernel types are known", "no: kernel types are unknown" },
    };
    struct utsname u;

    if (uname(&u) == 0)
        (void)printf("%-10s %s\n", "kernel", u.release);
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        (void)printf("%-10s %s\n", row[i].name, row[i].yes ? row[i].yes_text : row[i].no_text);
    if (!p->bpf)
        (void)printf("%-10s %s; expected CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON, or root\n", "",
                     strerror(p->error));
}

static void port_print(const char *name, const struct port *p)
{
    (void)printf("%-10s %s\n%-10s %s\n%-10s %d\n", "interface", name, "driver",
                 p->driver[0] ? p->driver : "unknown", "mtu", p->mtu);
    if (p->queues)
        (void)printf("%-10s %u\n", "queues", p->queues);
    else
        (void)printf("%-10s the driver does not say\n", "queues");
}

static void json_print(const struct weir_probe *probe, const char *name, const struct port *port)
{
    _cleanup_(weir_buf_free) struct weir_buf out = { 0 };
    struct weir_json j = { .out = &out };

    weir_json_object(&j, NULL);
    kernel_write(&j, probe);
    if (name)
        port_write(&j, name, port);
    weir_json_object_end(&j);
    (void)printf("%.*s\n", (int)out.len, out.data);
}

static int doctor_run(const struct weir_command *self, int argc, char **argv)
{
    struct weir_error e = { 0 };
    struct port port = { 0 };
    struct weir_probe probe;
    const char *name;
    bool json = false;
    int option, r = 0;

    while ((option = weir_command_getopt(self, argc, argv)) != -1) {
        if (option != 'j')
            return 2;
        json = true;
    }
    if (argc - optind > 1) {
        weir_command_usage(self, stderr);
        return 2;
    }
    name = optind < argc ? argv[optind] : NULL;
    if (name)
        r = port_read(name, &port, &e);
    if (r == 0)
        r = weir_probe_kernel(&probe);
    if (r < 0) {
        (void)fprintf(stderr, "weir: %s\n", e.text[0] ? e.text : strerror(-r));
        return weir_exit_status(r);
    }
    if (json) {
        json_print(&probe, name, &port);
    } else {
        kernel_print(&probe);
        if (name)
            port_print(name, &port);
    }
    return probe.bpf && probe.ring && probe.lpm ? 0
           : probe.error                        ? weir_exit_status(-probe.error)
                                                : 1;
}

const struct weir_command weir_command_doctor = {
    .name = "doctor",
    .arguments = "[IFACE]",
    .summary = "what this kernel and interface can do",
    .text = "Tries what weir needs by loading it and taking it away again. Exit status 0 when weir "
            "can run here, 4 without the permission to find out.",
    .options = doctor_options,
    .run = doctor_run,
};
