/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Byte strings in designated initializers: OPTIONS(MSS(1460), SACK_OK), TEXT("GET /"). Each is a
 * constant, good at file scope. */

#include <linux/types.h>
#include <stddef.h>

struct octets {
    const __u8 *p;
    size_t n;
};

#define BYTES(...)                                                                                 \
    {                                                                                              \
        (const __u8[]){ __VA_ARGS__ }, sizeof((const __u8[]){ __VA_ARGS__ })                       \
    }
#define OPTIONS(...) BYTES(__VA_ARGS__)
#define TEXT(s)                                                                                    \
    {                                                                                              \
        (const __u8 *)(s), sizeof(s) - 1                                                           \
    }

#define BE16(v) (__u8)((v) >> 8), (__u8)(v)
#define BE32(v) (__u8)((v) >> 24), (__u8)((v) >> 16), (__u8)((v) >> 8), (__u8)(v)

/* TCP options */
#define END 0
#define NOP 1
#define MSS(v) 2, 4, BE16(v)
#define WS(shift) 3, 3, shift
#define SACK_OK 4, 2
#define SACK(left, right) 5, 10, BE32(left), BE32(right)
#define TS(val, ecr) 8, 10, BE32(val), BE32(ecr)
#define MD5 19, 18, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
#define AO 29, 8, 1, 1, 0xa, 0xb, 0xc, 0xd
#define USER_TIMEOUT(v) 28, 4, BE16(v)
#define TFO_REQUEST 34, 2
#define TFO(...) 34, 2 + sizeof((__u8[]){ __VA_ARGS__ }), __VA_ARGS__
#define TFO_OLD_REQUEST 254, 4, 0xf9, 0x89
#define MPTCP_CAPABLE 30, 4, 0x01, 0x01
#define MPTCP_JOIN_SYN 30, 12, 0x10, 0, 1, 2, 3, 4, 5, 6, 7, 8
#define MPTCP_JOIN_SYNACK 30, 16, 0x10, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12

/* IPv4 options */
#define RECORD_ROUTE 7, 7, 4, 0, 0, 0, 0
#define TIMESTAMP 68, 8, 5, 0, 0, 0, 0, 0
#define LSRR 131, 7, 4, 192, 0, 2, 99
#define SSRR 137, 7, 4, 192, 0, 2, 99
#define ROUTER_ALERT 148, 4, 0, 0
