/* SPDX-License-Identifier: Apache-2.0 */
#include "replay/link.h"

#include <errno.h>
#include <pcap/pcap.h>

#include "dataplane/parse.h"
#include "dataplane/tunnel_link.h"

#define WEIR_LINKTYPE_RAW 101 /* pcapng's number for what libpcap calls DLT_RAW */
#define WEIR_ARPHRD_LOOPBACK 772
#define WEIR_PPP_HDLC_ADDRESS 0xff03 /* address and control of RFC 1662 */

/* What a link header leads to. */
struct weir_link_next {
    uint32_t off;
    uint16_t type; /* EtherType; 0: not IP */
};

static const struct weir_link_type {
    int dlt;
    uint32_t header; /* least bytes to read */
} weir_link_types[] = {
    { DLT_EN10MB, 14 }, { WEIR_LINKTYPE_RAW, 1 }, { DLT_RAW, 1 },         { DLT_IPV4, 1 },
    { DLT_IPV6, 1 },    { DLT_LINUX_SLL, 16 },    { DLT_LINUX_SLL2, 20 }, { DLT_NULL, 4 },
    { DLT_LOOP, 4 },    { DLT_PPP, 2 },           { DLT_PPP_SERIAL, 4 },  { DLT_C_HDLC, 4 },
};

int weir_link_check(int dlt, const char *path, struct weir_error *e)
{
    const char *name;

    for (size_t i = 0; i < sizeof(weir_link_types) / sizeof(weir_link_types[0]); i++)
        if (weir_link_types[i].dlt == dlt)
            return 0;
    name = pcap_datalink_val_to_name(dlt);
    return weir_error_set(
        e, EPROTONOSUPPORT,
        "%s: link type %s (%d) is not supported; expected Ethernet, raw IP, Linux "
        "cooked v1 or v2, loopback, PPP or Cisco HDLC",
        path, name ? name : "unknown", dlt);
}

static uint32_t weir_link_header(int dlt)
{
    for (size_t i = 0; i < sizeof(weir_link_types) / sizeof(weir_link_types[0]); i++)
        if (weir_link_types[i].dlt == dlt)
            return weir_link_types[i].header;
    return 0;
}

/* BSD loopback: the address family in the byte order of the machine that captured (DLT_LOOP: of the
 * network). AF_INET is 2 everywhere, AF_INET6 is 10, 24, 28 or 30. */
static uint16_t weir_link_family(uint32_t family)
{
    if (family > 0xffff)
        family = __builtin_bswap32(family);
    switch (family) {
    case 2:
        return WEIR_ETH_IP4;
    case 10:
    case 24:
    case 28:
    case 30:
        return WEIR_ETH_IP6;
    default:
        return 0;
    }
}

static uint16_t weir_link_version(uint8_t first)
{
    return first >> 4 == 6 ? WEIR_ETH_IP6 : WEIR_ETH_IP4;
}

/* RFC 1661; protocol fields may be compressed to one odd byte (6.5). */
static struct weir_link_next weir_link_ppp(const struct weir_window *w)
{
    uint32_t off = weir_window_u16(w, 0) == WEIR_PPP_HDLC_ADDRESS ? 2 : 0;
    uint16_t protocol = weir_window_u8(w, off);

    if (protocol & 1) {
        off += 1;
    } else {
        protocol = weir_window_u16(w, off);
        off += 2;
    }
    return (struct weir_link_next){ off, weir_ppp_ethertype(protocol) };
}

static struct weir_link_next weir_link_next(int dlt, struct weir_pkt *p,
                                            const struct weir_window *w)
{
    switch (dlt) {
    case DLT_IPV4:
    case DLT_IPV6:
        return (struct weir_link_next){ 0, dlt == DLT_IPV4 ? WEIR_ETH_IP4 : WEIR_ETH_IP6 };
    case DLT_RAW:
    case WEIR_LINKTYPE_RAW:
        return (struct weir_link_next){ 0, weir_link_version(weir_window_u8(w, 0)) };
    case DLT_NULL:
    case DLT_LOOP:
        p->link_flags |= WEIR_LINK_LOOPBACK;
        return (struct weir_link_next){ 4, weir_link_family(weir_window_u32(w, 0)) };
    case DLT_LINUX_SLL:
        if (weir_window_u16(w, 2) == WEIR_ARPHRD_LOOPBACK)
            p->link_flags |= WEIR_LINK_LOOPBACK;
        return (struct weir_link_next){ 16, weir_window_u16(w, 14) };
    case DLT_LINUX_SLL2:
        if (weir_window_u16(w, 8) == WEIR_ARPHRD_LOOPBACK)
            p->link_flags |= WEIR_LINK_LOOPBACK;
        return (struct weir_link_next){ 20, weir_window_u16(w, 0) };
    case DLT_C_HDLC:
        return (struct weir_link_next){ 4, weir_window_u16(w, 2) };
    case DLT_PPP_SERIAL:
        /* Unicast or broadcast of RFC 1547 4.3.1: Cisco framing under the number of PPP. */
        if ((weir_window_u8(w, 0) & 0x7f) == 0x0f)
            return (struct weir_link_next){ 4, weir_window_u16(w, 2) };
        return weir_link_ppp(w);
    default:
        return weir_link_ppp(w);
    }
}

void weir_link_parse(int dlt, struct weir_pkt *p, const struct weir_window *w)
{
    uint32_t header = weir_link_header(dlt);
    struct weir_link_next next;
    enum weir_outcome out;

    if (dlt == DLT_EN10MB) {
        weir_parse(p, w);
        return;
    }
    if (!header) {
        p->outcome = WEIR_OUTCOME_OTHER_LINK;
        return;
    }
    if (!weir_window_has(w, 0, header)) {
        p->outcome = weir_parse_missing(w, 0, header, WEIR_OUTCOME_SHORT_LINK);
        return;
    }
    next = weir_link_next(dlt, p, w);
    if (!next.type) {
        p->outcome = WEIR_OUTCOME_OTHER_LINK;
        return;
    }
    out = weir_parse_ethertype(p, w, next.off, next.type);
    p->outcome = out == WEIR_PARSE_ON ? weir_parse_transport(p, w) : out;
}
