/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Addresses as everywhere in weir: 16 bytes as on the wire, IPv4 mapped (::ffff:a.b.c.d). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEIR_ADDR_TEXT 46 /* INET6_ADDRSTRLEN */

struct weir_prefix {
    uint8_t addr[16];
    uint8_t bits; /* of the 16 bytes: an IPv4 /24 has 120 */
};

/* "192.0.2.1" or "2001:db8::1" (RFC 5952). Returns text. */
const char *weir_addr_format(const uint8_t addr[16], char text[WEIR_ADDR_TEXT]);
bool weir_addr_is_ip4(const uint8_t addr[16]);
/* 0, or -EINVAL; *ret untouched on failure. */
int weir_addr_parse(const char *text, uint8_t ret_addr[16]);
/* "ADDR" or "ADDR/LEN" with LEN in the address's own family. -EINVAL also when bits behind the
 * prefix length are set. */
int weir_prefix_parse(const char *text, struct weir_prefix *ret);
bool weir_prefix_has(const struct weir_prefix *p, const uint8_t addr[16]);
