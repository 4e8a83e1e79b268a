/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* What a direction begins with: of the protocols that weir knows, which ones its first bytes can
 * be, and which one they are. Fed byte by byte in stream order, so that it does not matter how the
 * sender cut them into segments; at most WEIR_GREETING_BYTES are looked at. */

#include "abi/greeting.h"
#include "dataplane/proto_http.h"
#include "dataplane/proto_reply.h"
#include "dataplane/proto_ssh.h"
#include "dataplane/proto_tls.h"

#define WEIR_GREETING_BYTES 64

/* Note what a protocol says about a byte. The first one that is sure is the one: a server of SSH
 * may send other lines before its own (RFC 4253 4.2), and such a line can be a banner of SMTP. */
WEIR_FN void weir_greeting_note(struct weir_greeting *g, __u8 proto, enum weir_step step)
{
    if (step >= WEIR_STEP_SURE && g->sure & ~proto)
        step = WEIR_STEP_DEAD;
    if (step == WEIR_STEP_DEAD)
        g->maybe &= (__u8)~proto;
    if (step == WEIR_STEP_SURE || step == WEIR_STEP_OVER)
        g->sure |= proto;
    if (step == WEIR_STEP_OVER)
        g->over |= proto;
}

/* Bytes that no text has: control characters other than tab and the line's end. */
WEIR_FN bool weir_byte_is_binary(__u8 b)
{
    return (b < 0x20 && b != '\t' && b != '\r' && b != '\n') || b == 0x7f;
}

WEIR_FN void weir_greeting_line(struct weir_greeting *g, __u8 b)
{
    if (g->flags & WEIR_GREETING_LINE_OVER)
        return;
    if (b == '\n')
        g->flags |= WEIR_GREETING_LINE_OVER;
    if (weir_byte_is_binary(b))
        g->flags |= WEIR_GREETING_BINARY;
}

/* Protocols that still want bytes. */
WEIR_FN __u8 weir_greeting_open(const struct weir_greeting *g)
{
    return *(const volatile __u8 *)&g->maybe & (__u8) ~*(const volatile __u8 *)&g->over;
}

/* The byte, and how many were before it, are read anew for every protocol: what one has found out
 * about them would else tell the states of the verifier apart for all that follow. */
WEIR_FN __u8 weir_greeting_read(const __u8 *b)
{
    return *(const volatile __u8 *)b;
}

WEIR_FN void weir_greeting_byte(struct weir_greeting *g, bool to_client, const __u8 *b)
{
    weir_greeting_line(g, weir_greeting_read(b));
    if (weir_greeting_open(g) & WEIR_PROTO_TLS)
        weir_greeting_note(
            g, WEIR_PROTO_TLS,
            weir_proto_tls(g, to_client, weir_greeting_read(&g->at), weir_greeting_read(b)));
    if (weir_greeting_open(g) & WEIR_PROTO_HTTP)
        weir_greeting_note(
            g, WEIR_PROTO_HTTP,
            to_client ? weir_proto_http_response(weir_greeting_read(&g->at), weir_greeting_read(b))
                      : weir_proto_http_request(g, weir_greeting_read(b)));
    if (weir_greeting_open(g) & WEIR_PROTO_HTTP2)
        weir_greeting_note(
            g, WEIR_PROTO_HTTP2,
            weir_proto_http2(to_client, weir_greeting_read(&g->at), weir_greeting_read(b)));
    if (weir_greeting_open(g) & WEIR_PROTO_SSH)
        weir_greeting_note(g, WEIR_PROTO_SSH, weir_proto_ssh(g, to_client, weir_greeting_read(b)));
    if (weir_greeting_open(g) & WEIR_PROTO_REPLY)
        weir_greeting_note(
            g, WEIR_PROTO_REPLY,
            to_client ? weir_proto_reply(g, weir_greeting_read(&g->at), weir_greeting_read(b))
                      : WEIR_STEP_DEAD);
}

/* No further byte changes what is known. */
WEIR_FN bool weir_greeting_done(const struct weir_greeting *g)
{
    return g->at >= WEIR_GREETING_BYTES ||
           (g->at && !weir_greeting_open(g) &&
            (g->maybe || g->flags & (WEIR_GREETING_LINE_OVER | WEIR_GREETING_BINARY)));
}

/* One byte; call while weir_greeting_done() is false. g: zeros before the first. The kernel host
 * calls it as a function of its own, verified once: in a loop it is verified for each turn, and
 * takes 100,000 instructions with clang 19, more than a million with 14. */
WEIR_FN void weir_greeting_step(struct weir_greeting *g, bool to_client, __u8 b)
{
    if (!g->at)
        g->maybe = WEIR_PROTO_ALL;
    weir_greeting_byte(g, to_client, &b);
    g->at++;
}

/* The next n bytes of the direction. */
WEIR_FN void weir_greeting_feed(struct weir_greeting *g, bool to_client, const __u8 *b, __u32 n)
{
    for (__u32 i = 0; i < n && !weir_greeting_done(g); i++)
        weir_greeting_step(g, to_client, b[i]);
}

/* Protocols that a port of a server stands for, by IANA's registry; 0: no expectation. */
WEIR_FN __u8 weir_port_expects(__u16 port)
{
    switch (port) {
    case 443:
    case 465: /* submissions, RFC 8314 */
    case 636: /* ldaps */
    case 853: /* DNS over TLS, RFC 7858 */
    case 990: /* ftps */
    case 993: /* imaps */
    case 995: /* pop3s */
    case 8443:
        return WEIR_PROTO_TLS;
    case 80:
    case 8080:
        return WEIR_PROTO_HTTP | WEIR_PROTO_HTTP2;
    case 22:
        return WEIR_PROTO_SSH;
    case 21:
    case 25:
    case 587:
        return WEIR_PROTO_REPLY;
    default:
        return 0;
    }
}

/* What is wrong with a direction so far: enum weir_greeting_fault. expected: of the server's port.
 * More bytes never take a fault back, so that the cutting into segments decides nothing; the host
 * reports each once. */
WEIR_FN __u8 weir_greeting_faults(const struct weir_greeting *g, bool to_client, __u8 expected)
{
    __u8 faults = 0, binary = WEIR_PROTO_TLS | WEIR_PROTO_HTTP2;

    if (!expected || !g->at)
        return 0;
    /* Clients of SMTP and FTP speak second, and in no form of their own. */
    if (!(g->maybe & expected) && (to_client || expected != WEIR_PROTO_REPLY))
        faults |= WEIR_GREETING_NOT_EXPECTED;
    if (g->sure && !(g->sure & expected))
        faults |= WEIR_GREETING_OTHER;
    if (g->flags & WEIR_GREETING_BINARY && !(expected & WEIR_PROTO_TLS) && !(g->maybe & binary))
        faults |= WEIR_GREETING_NOT_TEXT;
    return faults;
}
