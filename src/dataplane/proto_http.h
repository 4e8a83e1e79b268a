/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* First line of HTTP/1 (RFC 9112 3 and 4) and what HTTP/2 begins with (RFC 9113 3.4). */

#include "abi/greeting.h"
#include "dataplane/proto.h"

enum weir_http_part {
    WEIR_HTTP_START, /* empty lines in front, which RFC 9112 2.2 forgives */
    WEIR_HTTP_METHOD,
    WEIR_HTTP_TARGET_FIRST,
    WEIR_HTTP_TARGET,
    WEIR_HTTP_VERSION,
    WEIR_HTTP_MINOR, /* the digit has been seen */
    WEIR_HTTP_CR,
};

/* Longest of IANA's registry "HTTP Methods" is UPDATEREDIRECTREF with 17. */
#define WEIR_HTTP_METHOD_MAX 24

/* Registered methods, and those seen besides (M-SEARCH, RPC_IN_DATA), are upper case. */
WEIR_FN bool weir_http_method_byte(__u8 b)
{
    return (b >= 'A' && b <= 'Z') || b == '-' || b == '_';
}

/* The end is 0, which no line may have. */
#define WEIR_HTTP_LITERAL WEIR_TEXT8('H', 'T', 'T', 'P', '/', '1', '.', 0)

/* Step to the next part. */
WEIR_FN enum weir_step weir_http_part(struct weir_greeting *g, enum weir_http_part part)
{
    g->http = part;
    g->count = 0;
    return WEIR_STEP_ON;
}

WEIR_FN enum weir_step weir_http_method(struct weir_greeting *g, __u8 b)
{
    if (weir_http_method_byte(b) && g->count < WEIR_HTTP_METHOD_MAX) {
        g->http = WEIR_HTTP_METHOD;
        g->count++;
        return WEIR_STEP_ON;
    }
    if (b == ' ' && g->count)
        return weir_http_part(g, WEIR_HTTP_TARGET_FIRST);
    if ((b == '\r' || b == '\n') && g->http == WEIR_HTTP_START)
        return WEIR_STEP_ON;
    return WEIR_STEP_DEAD;
}

/* Bytes above 0x7f should be encoded, but are sent by clients that mean no harm. A command of
 * another protocol ("USER name") passes for a method and its target: a slash does not. */
WEIR_FN enum weir_step weir_http_target(struct weir_greeting *g, __u8 b)
{
    bool first = g->http == WEIR_HTTP_TARGET_FIRST;

    if (b == ' ' && !first)
        return weir_http_part(g, WEIR_HTTP_VERSION);
    if (b <= ' ' || b == 0x7f)
        return WEIR_STEP_DEAD;
    g->http = WEIR_HTTP_TARGET;
    return first && b == '/' ? WEIR_STEP_SURE : WEIR_STEP_ON;
}

WEIR_FN enum weir_step weir_http_version(struct weir_greeting *g, __u8 b)
{
    if (g->count < 7) {
        if (b != weir_text8(WEIR_HTTP_LITERAL, g->count))
            return WEIR_STEP_DEAD;
        g->count++;
        return WEIR_STEP_ON;
    }
    if (b < '0' || b > '9')
        return WEIR_STEP_DEAD;
    (void)weir_http_part(g, WEIR_HTTP_MINOR);
    return WEIR_STEP_SURE;
}

WEIR_FN enum weir_step weir_proto_http_request(struct weir_greeting *g, __u8 b)
{
    switch (g->http) {
    case WEIR_HTTP_START:
    case WEIR_HTTP_METHOD:
        return weir_http_method(g, b);
    case WEIR_HTTP_TARGET_FIRST:
    case WEIR_HTTP_TARGET:
        return weir_http_target(g, b);
    case WEIR_HTTP_VERSION:
        return weir_http_version(g, b);
    case WEIR_HTTP_MINOR:
        if (b == '\r')
            return weir_http_part(g, WEIR_HTTP_CR);
        return b == '\n' ? WEIR_STEP_OVER
                         : WEIR_STEP_DEAD; /* a bare LF is forgiven: RFC 9112 2.2 */
    default:
        return b == '\n' ? WEIR_STEP_OVER : WEIR_STEP_DEAD;
    }
}

/* "HTTP/1.1 200 OK", "HTTP/1.1 200" with nothing behind it is seen as well. */
WEIR_FN enum weir_step weir_proto_http_response(__u8 at, __u8 b)
{
    if (at < 7)
        return b == weir_text8(WEIR_HTTP_LITERAL, at) ? WEIR_STEP_ON : WEIR_STEP_DEAD;
    if (at == 7)
        return b >= '0' && b <= '9' ? WEIR_STEP_SURE : WEIR_STEP_DEAD;
    if (at == 8)
        return b == ' ' ? WEIR_STEP_ON : WEIR_STEP_DEAD;
    if (at == 9)
        return b >= '1' && b <= '5' ? WEIR_STEP_ON : WEIR_STEP_DEAD;
    if (at < 12)
        return b >= '0' && b <= '9' ? WEIR_STEP_ON : WEIR_STEP_DEAD;
    return b == ' ' || b == '\r' || b == '\n' ? WEIR_STEP_OVER : WEIR_STEP_DEAD;
}

#define WEIR_HTTP2_PREFACE 24 /* bytes of "PRI * HTTP/2.0", two line ends, "SM", two line ends */

WEIR_FN enum weir_step weir_http2_client(__u8 at, __u8 b)
{
    __u64 text = WEIR_TEXT8('\r', '\n', 'S', 'M', '\r', '\n', '\r', '\n');

    if (at < 8)
        text = WEIR_TEXT8('P', 'R', 'I', ' ', '*', ' ', 'H', 'T');
    else if (at < 16)
        text = WEIR_TEXT8('T', 'P', '/', '2', '.', '0', '\r', '\n');
    if (b != weir_text8(text, at))
        return WEIR_STEP_DEAD;
    return at + 1 == WEIR_HTTP2_PREFACE ? WEIR_STEP_OVER : WEIR_STEP_ON;
}

/* The server begins with SETTINGS: frame header of RFC 9113 4.1 and 6.5. */
WEIR_FN enum weir_step weir_http2_server(__u8 at, __u8 b)
{
    switch (at) {
    case 0: /* length, 3 bytes: settings are 6 bytes each */
        return b ? WEIR_STEP_DEAD : WEIR_STEP_ON;
    case 1:
        return b > 1 ? WEIR_STEP_DEAD : WEIR_STEP_ON;
    case 2:
        return WEIR_STEP_ON;
    case 3:
        return b == 4 ? WEIR_STEP_ON : WEIR_STEP_DEAD;
    case 8:
        return b ? WEIR_STEP_DEAD : WEIR_STEP_OVER;
    default: /* no flag (ACK comes later), stream 0 */
        return b ? WEIR_STEP_DEAD : WEIR_STEP_ON;
    }
}

WEIR_FN enum weir_step weir_proto_http2(bool to_client, __u8 at, __u8 b)
{
    return to_client ? weir_http2_server(at, b) : weir_http2_client(at, b);
}
