/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a TLS client said in its ClientHello, as an EVE event of type tls (docs/events.md). */

#include "events/eve.h"

#define WEIR_TLS_NAME_MAX 255 /* of a host name: RFC 1035 2.3.4 */
#define WEIR_TLS_ALPN_MAX 256 /* bytes of the list that are told */

struct weir_tls_event {
    uint64_t ts_ns;
    uint64_t packet; /* the one that completed it, as in struct weir_event */
    uint32_t source;
    uint8_t src[16];
    uint8_t dst[16];
    uint16_t sport;
    uint16_t dport;
    uint16_t version;  /* highest that is offered */
    uint16_t name_len; /* of the host name, as sent */
    uint16_t alpn_len; /* of names, each behind a length byte */
    char name[WEIR_TLS_NAME_MAX];
    uint8_t alpn[WEIR_TLS_ALPN_MAX];
    char ja3[33]; /* "" where libcrypto must not do MD5 */
    char ja4[37];
};

void weir_eve_tls_write(struct weir_buf *out, const struct weir_tls_event *ev,
                        const struct weir_eve_source *from);
/* The same in one line for people. */
void weir_text_tls_write(struct weir_buf *out, const struct weir_tls_event *ev,
                         const struct weir_eve_source *from);
/* "TLS 1.3"; "unknown". */
const char *weir_tls_version_name(uint16_t version);
