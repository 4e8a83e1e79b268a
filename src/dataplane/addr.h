/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Address classes: RFC 6890 (special-purpose registry), RFC 1122 3.2.1.3, RFC 4291 2.4.
 * Documentation prefixes and private addresses are ordinary; whether they may come in here is for
 * policy to say. */

#include "dataplane/pkt.h"

WEIR_FN __u8 weir_addr4_class(__u32 a)
{
    __u32 top = a >> 24;

    if (WEIR_LIKELY(top - 1 < 126))
        return WEIR_ADDR_UNICAST;
    if (top == 127)
        return WEIR_ADDR_LOOPBACK;
    if (top == 0)
        return WEIR_ADDR_RESERVED;
    if (top < 224)
        return a >> 16 == 0xa9fe ? WEIR_ADDR_LINK_LOCAL : WEIR_ADDR_UNICAST;
    if (top < 240 || a == 0xffffffff)
        return WEIR_ADDR_GROUP;
    return WEIR_ADDR_RESERVED;
}

/* w: the address as four 32-bit words in host order. */
WEIR_FN __u8 weir_addr6_class(__u32 w0, __u32 w1, __u32 w2, __u32 w3)
{
    if (WEIR_LIKELY(w0 != 0)) {
        if (w0 >> 24 == 0xff)
            return WEIR_ADDR_GROUP;
        return w0 >> 22 == 0xfec0 >> 6 ? WEIR_ADDR_RESERVED : WEIR_ADDR_UNICAST;
    }
    if (w1 != 0)
        return WEIR_ADDR_UNICAST;
    if (w2 == 0)
        return w3 == 1 ? WEIR_ADDR_LOOPBACK : w3 == 0 ? WEIR_ADDR_RESERVED : WEIR_ADDR_UNICAST;
    return w2 == 0xffff ? WEIR_ADDR_RESERVED : WEIR_ADDR_UNICAST;
}
