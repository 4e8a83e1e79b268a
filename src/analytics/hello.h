/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A TLS ClientHello: RFC 8446 4.1.2, RFC 5246 7.4.1.2. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Numbers of 16 bits as on the wire, and single bytes; borrowed from the message. */
struct weir_hello_list {
    const uint8_t *at;
    size_t n;
};

enum weir_hello_extension {
    WEIR_HELLO_SERVER_NAME = 0,
    WEIR_HELLO_GROUPS = 10,
    WEIR_HELLO_POINT_FORMATS = 11,
    WEIR_HELLO_SIGNATURES = 13,
    WEIR_HELLO_ALPN = 16,
    WEIR_HELLO_VERSIONS = 43,
};

struct weir_hello {
    uint16_t version; /* legacy_version */
    struct weir_hello_list ciphers;
    struct weir_hello_list
        extensions; /* whole: type, length, value, one behind the other; n bytes */
    struct weir_hello_list groups;
    struct weir_hello_list point_formats; /* single bytes */
    struct weir_hello_list signatures;
    struct weir_hello_list versions;
    struct weir_hello_list alpn;        /* names, each behind a length byte; n bytes */
    struct weir_hello_list server_name; /* n bytes */
    bool has_server_name;               /* the extension, whatever is in it */
};

/* message: the handshake message with its 4-byte header. -EBADMSG when a length in it does not fit.
 * An extension that is there twice counts once, the first time. */
int weir_hello_parse(const uint8_t *message, size_t len, struct weir_hello *ret);

/* Walk h->extensions: *at from 0; false at the end. Lengths were checked by the parser. */
bool weir_hello_next_extension(const struct weir_hello *h, size_t *at, uint16_t *ret_type);

static inline uint16_t weir_hello_u16(const struct weir_hello_list *l, size_t i)
{
    return (uint16_t)(l->at[2 * i] << 8 | l->at[2 * i + 1]);
}

/* Values that clients mix in to keep servers tolerant: RFC 8701 2. */
static inline bool weir_is_grease(uint16_t v)
{
    return (v & 0x0f0f) == 0x0a0a && v >> 8 == (v & 0xff);
}

/* The highest version that the client offers, GREASE apart. */
uint16_t weir_hello_version(const struct weir_hello *h);
