/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Application protocols by what a direction begins with, and what is kept of a direction until that
 * is known. */

#include <linux/types.h>

/* Sets of these are bytes. Append only: events carry them. */
enum weir_proto {
    WEIR_PROTO_TLS = 1 << 0,
    WEIR_PROTO_HTTP = 1 << 1, /* 1.x */
    WEIR_PROTO_HTTP2 = 1 << 2,
    WEIR_PROTO_SSH = 1 << 3,
    WEIR_PROTO_REPLY = 1 << 4, /* three digits and text: the server of SMTP or FTP */
    WEIR_PROTO_ALL = (1 << 5) - 1,
};

enum weir_greeting_flag {
    WEIR_GREETING_BINARY = 1 << 0,    /* a control character in the first line */
    WEIR_GREETING_LINE_OVER = 1 << 1, /* the first line has ended */
    WEIR_GREETING_TLS_LONG = 1 << 2,  /* high byte of the record's length is not 0 */
    WEIR_GREETING_TLS_FULL = 1 << 3,  /* that byte is the largest there may be */
    WEIR_GREETING_TLS_ALERT = 1 << 4, /* the record is an alert */
    WEIR_GREETING_SSH_1 = 1 << 5,     /* the version begins with 1 */
};

enum weir_greeting_fault {
    WEIR_GREETING_NOT_EXPECTED = 1 << 0, /* the port's protocol begins otherwise */
    WEIR_GREETING_OTHER = 1 << 1,        /* it is another protocol */
    WEIR_GREETING_NOT_TEXT = 1 << 2,     /* the port's protocol is text, this is not */
};

/* Zeros: nothing was seen yet. */
struct weir_greeting {
    __u8 at;    /* bytes looked at */
    __u8 maybe; /* what it can be: enum weir_proto */
    __u8 sure;  /* what it is, well-formed (still in maybe) or not */
    __u8 over;  /* these want no more bytes */
    __u8 flags; /* enum weir_greeting_flag */
    __u8 http;  /* part of the request line */
    __u8 count; /* bytes of that part */
    __u8 ssh;   /* bytes of the line, as far as they count */
};
_Static_assert(sizeof(struct weir_greeting) == 8, "ABI: greeting");
