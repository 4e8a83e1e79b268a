/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* The window: a flat copy of a frame's first bytes, which is all of the packet that the core reads.
 *
 * A host copies up to WEIR_WINDOW_BYTES and says how many it copied (cap) and how long the frame
 * was on the wire (wire). Flat memory with masked offsets is the one form that the verifier accepts
 * at little cost (no packet pointer whose range it must follow through loops), that reads
 * multi-buffer XDP frames and non-linear skbs as well as linear ones, and that runs natively as it
 * stands. */

#include "dataplane/fn.h"

/* Power of two, for the mask. Ethernet with QinQ 22 + IPv4 60 + TCP 60 = 142; the rest is for IPv6
 * extension headers (RFC 8883 3.1.4 expects nodes to limit chains; beyond 128 bytes they are rare).
 */
#define WEIR_WINDOW_BYTES 256
#define WEIR_WINDOW_SLACK                                                                          \
    16 /* the widest single read, so that a masked offset never leaves the array */

struct weir_window {
    __u32 cap;  /* bytes of b that hold packet, <= WEIR_WINDOW_BYTES */
    __u32 wire; /* bytes of the frame on the wire, >= cap */
    __u8 b[WEIR_WINDOW_BYTES + WEIR_WINDOW_SLACK];
};

WEIR_FN bool weir_window_has(const struct weir_window *w, __u32 off, __u32 len)
{
    return off + len <= w->cap;
}

WEIR_FN __u8 weir_window_u8(const struct weir_window *w, __u32 off)
{
    return w->b[off & (WEIR_WINDOW_BYTES - 1)];
}

/* Loads of two and more bytes. clang -target bpf splits an access of unknown alignment into single
 * bytes; the kernel allows whole ones on machines with efficient unaligned access, so cast there.
 */
WEIR_FN __u16 weir_window_raw16(const struct weir_window *w, __u32 off)
{
    const __u8 *p = &w->b[off & (WEIR_WINDOW_BYTES - 1)];
#ifdef __bpf__
    return *(const __u16 *)p;
#else
    __u16 v;

    __builtin_memcpy(&v, p, sizeof(v));
    return v;
#endif
}

WEIR_FN __u32 weir_window_raw32(const struct weir_window *w, __u32 off)
{
    const __u8 *p = &w->b[off & (WEIR_WINDOW_BYTES - 1)];
#ifdef __bpf__
    return *(const __u32 *)p;
#else
    __u32 v;

    __builtin_memcpy(&v, p, sizeof(v));
    return v;
#endif
}

WEIR_FN __u16 weir_ntoh16(__u16 v)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return __builtin_bswap16(v);
#else
    return v;
#endif
}

WEIR_FN __u32 weir_ntoh32(__u32 v)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return __builtin_bswap32(v);
#else
    return v;
#endif
}

WEIR_FN __u64 weir_ntoh64(__u64 v)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return __builtin_bswap64(v);
#else
    return v;
#endif
}

WEIR_FN __u16 weir_window_u16(const struct weir_window *w, __u32 off)
{
    return weir_ntoh16(weir_window_raw16(w, off));
}

WEIR_FN __u32 weir_window_u32(const struct weir_window *w, __u32 off)
{
    return weir_ntoh32(weir_window_raw32(w, off));
}
