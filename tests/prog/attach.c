/* SPDX-License-Identifier: Apache-2.0 */

/* Attach, swap, adopt and take away, on a veth pair in namespaces of this test's own. What the
 * tools show of the interface before and after must be the same. */

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "prog/host.h"

#define LOOKS                                                                                      \
    "exec 2>&1; ip -d link show wa; tc qdisc show dev wa; tc filter show dev wa ingress; "         \
    "tc filter show dev wa egress; bpftool net show; ls /tmp/weir-bpf"
#define PINS "/tmp/weir-bpf/w"

static void sh(const char *command)
{
    int status = system(command);

    if (status)
        fail_msg("%s: status %d", command, status);
}

static char *looks(void)
{
    FILE *f = popen(LOOKS, "r");
    char *text = calloc(1, 32768);
    size_t n;

    assert_non_null(f);
    assert_non_null(text);
    n = fread(text, 1, 32767, f);
    text[n] = '\0';
    (void)pclose(f);
    return text;
}

/* The namespaces end with this process; the folder is a mount point in one of them. */
static int enter(void **state)
{
    (void)state;
    if (unshare(CLONE_NEWNET | CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
        return -1;
    if (mount("tmpfs", "/tmp", "tmpfs", 0, "size=1m"))
        return -1;
    sh("mkdir /tmp/weir-bpf && mount -t bpf bpf /tmp/weir-bpf");
    return 0;
}

static int make_pair(void **state)
{
    sh("ip link add wa type veth peer name wb && ip link set lo up && "
       "sysctl -qw net.ipv6.conf.wa.disable_ipv6=1 net.ipv6.conf.wb.disable_ipv6=1 && "
       "ip link set wa up && ip link set wb up");
    *state = looks();
    return 0;
}

static int remove_pair(void **state)
{
    free(*state);
    sh("ip link del wa");
    return 0;
}

static void unchanged(void **state)
{
    char *now = looks();

    assert_string_equal(now, *state);
    free(now);
}

static struct weir_loader *load_pinned(bool no_tcx)
{
    struct weir_loader_config c = test_config();
    struct weir_loader *l = NULL;
    struct weir_policy policy;
    struct weir_error e = { 0 };

    c.pins = PINS;
    c.no_tcx = no_tcx;
    (void)mkdir(PINS, 0700);
    if (weir_loader_new(&c, &l, &e) < 0)
        fail_msg("%s", e.text);
    weir_policy_default(&policy, WEIR_MODE_ENFORCE);
    assert_int_equal(weir_loader_policy_write(l, &policy, NULL), 0);
    return l;
}

static void attach(struct weir_loader *l, enum weir_attach how)
{
    struct weir_error e = { 0 };

    if (weir_loader_attach(l, "wa", how, NULL, &e) < 0)
        fail_msg("%s", e.text);
}

/* How a hook of wa is attached. */
static uint32_t kind_of(struct weir_loader *l, enum weir_hook hook)
{
    struct weir_attachment a[8];
    int n = weir_loader_attachments(l, a, 8);

    assert_in_range(n, 0, 8);
    for (int i = 0; i < n; i++) {
        if (a[i].ifindex == if_nametoindex("wa") && a[i].hook == hook)
            return a[i].kind;
    }
    return WEIR_ATTACHED_NONE;
}

static void down(void)
{
    struct weir_error e = { 0 };

    if (weir_pins_down(PINS, &e) < 0)
        fail_msg("%s", e.text);
}

/* A frame out of wb, so into wa. */
static void send_in(const struct weir_packet *p)
{
    static struct weir_frame frame;
    struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex("wb") };
    int fd = socket(AF_PACKET, SOCK_RAW, 0);

    weir_packet_build(p, &frame);
    assert_true(fd >= 0);
    assert_int_equal(sendto(fd, frame.b, frame.wire, 0, (struct sockaddr *)&to, sizeof(to)),
                     frame.wire);
    (void)close(fd);
    (void)usleep(50000); /* the receiver's softirq */
}

static uint64_t tcp_seen(struct weir_loader *l, enum weir_hook hook)
{
    return read_counters(l, hook).outcome[WEIR_OUTCOME_TCP];
}

static void auto_is_native_xdp(void **state)
{
    struct weir_loader *l = load_pinned(false);

    attach(l, WEIR_ATTACH_AUTO);
    assert_int_equal(kind_of(l, WEIR_HOOK_XDP), WEIR_ATTACHED_XDP);
    assert_int_equal(kind_of(l, WEIR_HOOK_TC_INGRESS), WEIR_ATTACHED_NONE);
    assert_true(kind_of(l, WEIR_HOOK_TC_EGRESS) >= WEIR_ATTACHED_TCX);
    send_in(PACKET());
    assert_int_equal(tcp_seen(l, WEIR_HOOK_XDP), 1);
    assert_int_equal(weir_loader_detach(l, "wa", NULL), 0);
    weir_loader_free(l);
    down();
    unchanged(state);
}

static void generic_when_asked(void **state)
{
    struct weir_loader *l = load_pinned(false);

    attach(l, WEIR_ATTACH_XDP_GENERIC);
    assert_int_equal(kind_of(l, WEIR_HOOK_XDP), WEIR_ATTACHED_XDP_GENERIC);
    send_in(PACKET());
    assert_int_equal(tcp_seen(l, WEIR_HOOK_XDP), 1);
    attach(l, WEIR_ATTACH_XDP); /* another mode in place of it */
    assert_int_equal(kind_of(l, WEIR_HOOK_XDP), WEIR_ATTACHED_XDP);
    weir_loader_free(l);
    down();
    unchanged(state);
}

static void tc_only(void **state, bool no_tcx, uint32_t kind)
{
    struct weir_loader *l = load_pinned(no_tcx);

    attach(l, WEIR_ATTACH_TC);
    assert_int_equal(kind_of(l, WEIR_HOOK_XDP), WEIR_ATTACHED_NONE);
    assert_int_equal(kind_of(l, WEIR_HOOK_TC_INGRESS), kind);
    assert_int_equal(kind_of(l, WEIR_HOOK_TC_EGRESS), kind);
    send_in(PACKET(.eth = { .vlan = { 7 } })); /* the tag is taken out before TC sees it */
    send_in(PACKET());
    assert_int_equal(tcp_seen(l, WEIR_HOOK_TC_INGRESS), 2);
    weir_loader_free(l);
    down();
    unchanged(state);
}

static void tc_by_tcx(void **state)
{
    struct weir_probe probe;

    assert_int_equal(weir_probe_kernel(&probe), 0);
    if (!probe.tcx)
        skip();
    tc_only(state, false, WEIR_ATTACHED_TCX);
}

static void tc_by_clsact(void **state)
{
    tc_only(state, true, WEIR_ATTACHED_CLSACT);
}

/* Somebody else's qdisc and filter stay as they were. */
static void foreign_filter_stays(void **state)
{
    struct weir_loader *l;
    char *before, *after;

    (void)state;
    sh("tc qdisc add dev wa clsact && tc filter add dev wa ingress prio 5 protocol ip bpf "
       "bytecode '1,6 0 0 0,'");
    before = looks();
    l = load_pinned(true);
    attach(l, WEIR_ATTACH_TC);
    weir_loader_free(l);
    down();
    after = looks();
    assert_string_equal(before, after);
    free(before);
    free(after);
}

static void foreign_xdp_is_reported(void **state)
{
    struct weir_loader *other, *l;
    struct weir_loader_config c = test_config();
    struct weir_error why = { 0 }, e = { 0 };

    other = load_with(&c); /* unpinned: somebody else's */
    attach(other, WEIR_ATTACH_XDP);
    l = load_pinned(false);
    assert_int_equal(weir_loader_attach(l, "wa", WEIR_ATTACH_XDP, NULL, &e), -EBUSY);
    assert_non_null(strstr(e.text, "another XDP program"));
    assert_int_equal(weir_loader_attach(l, "wa", WEIR_ATTACH_AUTO, &why, NULL), 0);
    assert_non_null(strstr(why.text, "another XDP program"));
    assert_int_equal(kind_of(l, WEIR_HOOK_XDP), WEIR_ATTACHED_NONE);
    weir_loader_free(l);
    down();
    weir_loader_free(other);
    unchanged(state);
}

/* 8 KiB in several buffers: headers, length and checksum are read over all of them. */
static void jumbo_frames(void **state)
{
    struct weir_loader *l;
    struct weir_counters c;

    sh("ip link set wa mtu 9000 && ip link set wb mtu 9000");
    l = load_pinned(false);
    attach(l, WEIR_ATTACH_XDP);
    send_in(PACKET(.payload_bytes = 8000));
    send_in(PACKET(.payload_bytes = 8000, .tcp = { .check = 1 }));
    c = read_counters(l, WEIR_HOOK_XDP);
    assert_int_equal(c.outcome[WEIR_OUTCOME_TCP], 2);
    assert_int_equal(c.n[WEIR_COUNTER_BYTES], 2 * (14 + 20 + 20 + 8000));
    assert_int_equal(c.n[WEIR_COUNTER_SUM_CHECKED], 2);
    assert_int_equal(c.found[WEIR_ROW_INTEGRITY_TCP_CHECKSUM], 1);
    weir_loader_free(l);
    down();
    sh("ip link set wa mtu 1500 && ip link set wb mtu 1500");
    unchanged(state);
}

static void unpinned_goes_with_its_process(void **state)
{
    struct weir_loader_config c = test_config();
    struct weir_loader *l;

    c.no_tcx = true;
    l = load_with(&c);
    attach(l, WEIR_ATTACH_AUTO);
    weir_loader_free(l);
    unchanged(state);
}

static void ban_client(struct weir_loader *l)
{
    struct weir_ban_entry e[] = { { .ban = { .kind = WEIR_BAN_BAN } },
                                  { .ban = { .kind = WEIR_BAN_DENY } } };

    assert_int_equal(weir_prefix_parse("192.0.2.66", &e[0].prefix), 0);
    assert_int_equal(weir_prefix_parse("203.0.113.0/24", &e[1].prefix), 0);
    assert_int_equal(weir_bans_set(l, e, 2, NULL, NULL), 0);
}

/* A daemon that attaches, enforces a ban, and is killed. */
static void run_and_be_killed(bool no_tcx, enum weir_attach how)
{
    int ready[2], status;
    char byte;
    pid_t pid;

    assert_int_equal(pipe(ready), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct weir_loader *l = load_pinned(no_tcx);

        attach(l, how);
        ban_client(l);
        (void)!write(ready[1], "", 1);
        for (;;)
            (void)pause();
    }
    (void)close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    (void)close(ready[0]);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
}

static void killed_and_adopted(void **state, bool no_tcx, enum weir_attach how, enum weir_hook hook)
{
    const struct weir_packet *banned = PACKET(.ip4 = { .src = "192.0.2.66" });
    struct weir_loader *l;

    run_and_be_killed(no_tcx, how);
    send_in(banned); /* nobody is alive to judge it but the kernel */
    send_in(PACKET());
    assert_int_equal(weir_pins_mode_write(PINS, WEIR_MODE_OBSERVE, NULL), 0);
    send_in(banned);
    assert_int_equal(unlink(PINS "/prefix4_node"), 0); /* the trie is made anew in any case */
    l = load_pinned(no_tcx);
    assert_true(weir_loader_adopted(l));
    assert_int_equal(read_counters(l, hook).n[WEIR_COUNTER_DROP_BAN], 1);
    assert_int_equal(read_counters(l, hook).n[WEIR_COUNTER_WOULD_BAN], 1);
    assert_int_equal(tcp_seen(l, hook), 2);
    attach(l, how); /* swaps the programs */
    send_in(banned);
    send_in(PACKET(.ip4 = { .src = "203.0.113.7" }));
    assert_int_equal(read_counters(l, hook).n[WEIR_COUNTER_DROP_BAN], 2);
    assert_int_equal(read_counters(l, hook).n[WEIR_COUNTER_DROP_DENY], 1);
    weir_loader_free(l);
    down();
    unchanged(state);
}

static void killed_xdp(void **state)
{
    killed_and_adopted(state, false, WEIR_ATTACH_AUTO, WEIR_HOOK_XDP);
}

static void killed_tc(void **state)
{
    killed_and_adopted(state, false, WEIR_ATTACH_TC, WEIR_HOOK_TC_INGRESS);
}

static void killed_clsact(void **state)
{
    killed_and_adopted(state, true, WEIR_ATTACH_TC, WEIR_HOOK_TC_INGRESS);
}

/* Killed for good: `weir down` alone puts the interface back. */
static void killed_and_down(void **state)
{
    run_and_be_killed(false, WEIR_ATTACH_AUTO);
    down();
    unchanged(state);
    run_and_be_killed(true, WEIR_ATTACH_AUTO);
    down();
    unchanged(state);
    down(); /* nothing there is no error */
}

static void other_interfaces_are_left_behind(void **state)
{
    struct weir_loader *l;

    run_and_be_killed(false, WEIR_ATTACH_AUTO);
    l = load_pinned(false);
    assert_int_equal(weir_loader_detach_others(l, NULL), 0);
    assert_int_equal(kind_of(l, WEIR_HOOK_XDP), WEIR_ATTACHED_NONE);
    weir_loader_free(l);
    down();
    unchanged(state);
}

static void wrong_interfaces(void **state)
{
    struct weir_loader *l = load_pinned(false);
    struct weir_error e = { 0 };

    assert_int_equal(weir_loader_attach(l, "nosuch", WEIR_ATTACH_AUTO, NULL, &e), -ENODEV);
    assert_non_null(strstr(e.text, "nosuch"));
    sh("ip tuntap add wt mode tun");
    assert_int_equal(weir_loader_attach(l, "wt", WEIR_ATTACH_AUTO, NULL, NULL), -EMEDIUMTYPE);
    sh("ip link del wt");
    weir_loader_free(l);
    down();
    unchanged(state);
}

int main(void)
{
#define ATTACH(test) cmocka_unit_test_setup_teardown(test, make_pair, remove_pair)
    const struct CMUnitTest tests[] = {
        ATTACH(auto_is_native_xdp),
        ATTACH(generic_when_asked),
        ATTACH(tc_by_tcx),
        ATTACH(tc_by_clsact),
        ATTACH(foreign_filter_stays),
        ATTACH(foreign_xdp_is_reported),
        ATTACH(jumbo_frames),
        ATTACH(unpinned_goes_with_its_process),
        ATTACH(killed_xdp),
        ATTACH(killed_tc),
        ATTACH(killed_clsact),
        ATTACH(killed_and_down),
        ATTACH(other_interfaces_are_left_behind),
        ATTACH(wrong_interfaces),
    };
    int r = privileged_or_skip();

    if (r)
        return r;
    if (geteuid()) {
        fprintf(stderr, "needs root, for namespaces\n");
        return getenv("WEIR_REQUIRE_PRIVILEGED") ? 1 : SKIP;
    }
    return cmocka_run_group_tests(tests, enter, NULL);
}
