/* SPDX-License-Identifier: Apache-2.0 */

/* Policies that need other programs, applied while frames arrive at a veth: each frame is judged,
 * once, by all of one policy. In a namespace of this test's own, which ends with it. */

#include <linux/if_packet.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <time.h>

#include "harness/policy.h"
#include "loader/internal.h"
#include "policy/compile.h"
#include "prog/host.h"

#define POLICIES 3
#define FRAMES_MAX 200000

/* The frame breaks two rules; each policy knows one of them, and drops it. */
static const char *const policies[] = {
    "mode: enforce\ndetections: {integrity.no_flags: off, integrity.ip_reserved_bit: off}\n",
    "mode: enforce\n"
    "detections: {integrity.no_flags: off, integrity.ip_reserved_bit: drop, scan.null: off}\n",
};

static int enter(void **state)
{
    (void)state;
    return unshare(CLONE_NEWNET) || system("ip link set lo up && "
                                           "ip link add wa type veth peer name wb && "
                                           "sysctl -qw net.ipv6.conf.wa.disable_ipv6=1 "
                                           "net.ipv6.conf.wb.disable_ipv6=1 && "
                                           "ip link set wa up && ip link set wb up");
}

static struct weir_image *image_of(const char *policy)
{
    struct weir_image *image = calloc(1, sizeof(*image));
    struct weir_settings *s = policy_good(policy, NULL);

    assert_non_null(image);
    weir_settings_compile(s, NULL, image);
    weir_settings_free(s);
    return image;
}

struct sender {
    atomic_bool enough;
    unsigned sent;
};

/* Frames out of wb, so into wa, at a pace that its queue stands. */
static void *send_all(void *arg)
{
    struct sender *s = arg;
    static struct weir_frame frame;
    struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex("wb") };
    const struct timespec pause = { .tv_nsec = 50 * 1000 };
    int fd = socket(AF_PACKET, SOCK_RAW, 0);

    weir_packet_build(PACKET(.ip4 = { .field = 0x8000 }, .tcp = { .flags = NO_FLAGS }), &frame);
    assert_true(fd >= 0);
    for (; s->sent < FRAMES_MAX && !atomic_load(&s->enough); s->sent++) {
        assert_int_equal(sendto(fd, frame.b, frame.wire, 0, (struct sockaddr *)&to, sizeof(to)),
                         frame.wire);
        (void)nanosleep(&pause, NULL);
    }
    (void)close(fd);
    return NULL;
}

static struct weir_counters counters_of_ingress(struct weir_loader *l)
{
    struct weir_counters sum = read_counters(l, WEIR_HOOK_XDP),
                         tc = read_counters(l, WEIR_HOOK_TC_INGRESS);

    for (size_t i = 0; i < sizeof(sum) / 8; i++)
        ((uint64_t *)&sum)[i] += ((uint64_t *)&tc)[i];
    return sum;
}

static void swap_under_traffic(enum weir_attach how, bool no_tcx)
{
    struct weir_loader_config c = test_config();
    struct weir_image *image[] = { image_of(policies[0]), image_of(policies[1]) };
    struct weir_counters n;
    struct weir_loader *l;
    struct weir_error e = { 0 };
    struct sender s = { 0 };
    pthread_t thread;

    c.no_tcx = no_tcx;
    weir_image_judged(image[0], c.judged);
    l = load_with(&c);
    assert_int_equal(weir_loader_image_apply(l, image[0], &e), 0);
    assert_int_equal(weir_loader_attach(l, "wa", how, NULL, &e), 0);
    assert_int_equal(pthread_create(&thread, NULL, send_all, &s), 0);
    for (unsigned i = 1; i <= POLICIES; i++)
        if (weir_loader_image_apply(l, image[i & 1], &e) < 0 || weir_loader_image_trim(l, &e) < 0)
            fail_msg("%s", e.text);
    atomic_store(&s.enough, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    n = counters_of_ingress(l);
    print_message("%llu frames by one rule, %llu by the other\n",
                  (unsigned long long)n.found[WEIR_ROW_SCAN_NULL],
                  (unsigned long long)n.found[WEIR_ROW_INTEGRITY_IP_RESERVED_BIT]);
    assert_int_equal(n.outcome[WEIR_OUTCOME_TCP], s.sent);
    assert_int_equal(n.n[WEIR_COUNTER_DROP_DETECTION], s.sent);
    assert_int_equal(n.found[WEIR_ROW_SCAN_NULL] + n.found[WEIR_ROW_INTEGRITY_IP_RESERVED_BIT],
                     s.sent);
    assert_true(n.found[WEIR_ROW_SCAN_NULL] && n.found[WEIR_ROW_INTEGRITY_IP_RESERVED_BIT]);
    assert_int_equal(weir_loader_detach(l, "wa", &e), 0);
    weir_loader_free(l);
    free(image[0]);
    free(image[1]);
}

static void xdp(void **state)
{
    (void)state;
    swap_under_traffic(WEIR_ATTACH_XDP, false);
}

static void tcx(void **state)
{
    struct weir_probe probe;

    (void)state;
    if (weir_probe_kernel(&probe) < 0 || !probe.tcx)
        skip();
    swap_under_traffic(WEIR_ATTACH_TC, false);
}

static void clsact(void **state)
{
    (void)state;
    swap_under_traffic(WEIR_ATTACH_TC, true);
}

/* A hook that cannot be swapped: the others get their programs back, and the old policy holds. */
static void failing_swap_is_undone(void **state)
{
    struct weir_loader_config c = test_config();
    struct weir_image *image[] = { image_of(policies[0]), image_of(policies[1]) };
    struct weir_loader *l;
    struct weir_error e = { 0 };
    struct weir_policy before, after;
    struct bpf_link_info info = { 0 };
    __u32 len = sizeof(info), prog;

    (void)state;
    weir_image_judged(image[0], c.judged);
    l = load_with(&c);
    assert_int_equal(weir_loader_image_apply(l, image[0], &e), 0);
    assert_int_equal(weir_loader_attach(l, "wa", WEIR_ATTACH_XDP, NULL, &e), 0);
    assert_int_equal(l->links, 2);
    assert_int_equal(bpf_obj_get_info_by_fd(l->link[0].fd, &info, &len), 0);
    prog = info.prog_id;
    weir_loader_policy_read(l, &before);
    if (l->link[1].fd < 0)
        skip(); /* without tcx there is no link to break */
    assert_int_equal(bpf_link_detach(l->link[1].fd), 0);
    assert_true(weir_loader_image_apply(l, image[1], &e) < 0);
    assert_non_null(strstr(e.text, "cannot swap the programs"));
    len = sizeof(info);
    assert_int_equal(bpf_obj_get_info_by_fd(l->link[0].fd, &info, &len), 0);
    assert_int_equal(info.prog_id, prog);
    weir_loader_policy_read(l, &after);
    assert_memory_equal(&before, &after, sizeof(before));
    assert_true(run_packet(l, WEIR_HOOK_XDP, PACKET(.tcp = { .flags = NO_FLAGS })));
    weir_loader_free(l);
    free(image[0]);
    free(image[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(xdp),
        cmocka_unit_test(tcx),
        cmocka_unit_test(clsact),
        cmocka_unit_test(failing_swap_is_undone),
    };
    int r = privileged_or_skip();

    return r ? r : cmocka_run_group_tests(tests, enter, NULL);
}
