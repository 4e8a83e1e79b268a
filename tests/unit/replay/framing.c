/* SPDX-License-Identifier: Apache-2.0 */

/* Link types that carry more than one framing, or promise one version of IP. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <pcap/pcap.h>

#include "harness/packet.h"
#include "replay/link.h"

#define ETHERNET 14

static struct weir_pkt parse(int dlt, const struct weir_packet *packet, struct octets header)
{
    struct weir_frame *f = malloc(sizeof(*f));
    struct weir_window w = { 0 };
    struct weir_pkt p = { 0 };

    assert_non_null(f);
    weir_packet_build(packet, f);
    memcpy(w.b, header.p, header.n);
    memcpy(w.b + header.n, f->b + ETHERNET, f->cap - ETHERNET);
    w.cap = w.wire = (__u32)header.n + f->cap - ETHERNET;
    free(f);
    weir_link_parse(dlt, &p, &w);
    return p;
}

#define IP4 PACKET(.tcp = { .flags = WEIR_SYN })
#define IP6 PACKET6(.tcp = { .flags = WEIR_SYN })
#define HEADER(...) ((struct octets)BYTES(__VA_ARGS__))
#define NO_HEADER ((struct octets){ (const __u8 *)"", 0 })

static void one_version(void **state)
{
    (void)state;
    assert_int_equal(parse(DLT_IPV4, IP4, NO_HEADER).outcome, WEIR_OUTCOME_TCP);
    assert_int_equal(parse(DLT_IPV6, IP6, NO_HEADER).outcome, WEIR_OUTCOME_TCP);
    assert_int_equal(parse(DLT_IPV4, IP6, NO_HEADER).outcome, WEIR_OUTCOME_IP_VERSION);
    assert_int_equal(parse(DLT_IPV6, IP4, NO_HEADER).outcome, WEIR_OUTCOME_IP_VERSION);
}

static void bsd_families(void **state)
{
    static const __u8 inet6[] = { 10, 24, 28, 30 };

    (void)state;
    for (size_t i = 0; i < sizeof(inet6); i++) {
        struct weir_pkt p = parse(DLT_NULL, IP6, HEADER(inet6[i], 0, 0, 0));

        assert_int_equal(p.outcome, WEIR_OUTCOME_TCP);
        assert_true(p.link_flags & WEIR_LINK_LOOPBACK);
        p = parse(DLT_NULL, IP6, HEADER(0, 0, 0, inet6[i]));
        assert_int_equal(p.outcome, WEIR_OUTCOME_TCP);
        p = parse(DLT_LOOP, IP6, HEADER(0, 0, 0, inet6[i]));
        assert_int_equal(p.outcome, WEIR_OUTCOME_TCP);
    }
}

static void cisco_under_ppp(void **state)
{
    (void)state;
    assert_int_equal(parse(DLT_PPP_SERIAL, IP4, HEADER(0x0f, 0, 8, 0)).outcome, WEIR_OUTCOME_TCP);
    assert_int_equal(parse(DLT_PPP_SERIAL, IP6, HEADER(0x8f, 0, 0x86, 0xdd)).outcome,
                     WEIR_OUTCOME_TCP);
    assert_int_equal(parse(DLT_PPP_SERIAL, IP4, HEADER(0xff, 3, 0, 0x21)).outcome,
                     WEIR_OUTCOME_TCP);
}

static void short_headers(void **state)
{
    static const int all[] = { DLT_EN10MB,    DLT_RAW,        DLT_NULL, DLT_LOOP,
                               DLT_LINUX_SLL, DLT_LINUX_SLL2, DLT_PPP,  DLT_C_HDLC };

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        struct weir_window w = { 0 };
        struct weir_pkt p = { 0 }, cut = { 0 };

        weir_link_parse(all[i], &p, &w);
        assert_int_equal(p.outcome, WEIR_OUTCOME_SHORT_LINK);
        w.wire = 60; /* the capture's fault, not the sender's */
        weir_link_parse(all[i], &cut, &w);
        assert_int_equal(cut.outcome, WEIR_OUTCOME_SNAPPED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_version),
        cmocka_unit_test(bsd_families),
        cmocka_unit_test(cisco_under_ppp),
        cmocka_unit_test(short_headers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
