/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One value as people write it. All parsers take the whole text or fail, and leave *ret alone when
 * they do. */

#include "base/addr.h"

/* Digits, then nothing, k, M or G (thousands). 0, -EINVAL, -ERANGE beyond 64 bits. */
int weir_number_parse(const char *text, uint64_t *ret);
/* Digits and s, m, h or d: seconds. The unit must be there. */
int weir_duration_parse(const char *text, uint64_t *ret);
/* Digits and nothing, KiB, MiB or GiB. */
int weir_bytes_parse(const char *text, uint64_t *ret);
/* "2x", "1.5x": hundredths. */
int weir_factor_parse(const char *text, uint64_t *ret);

/* "192.0.2.1:443", "[2001:db8::1]:443", "*:443". */
struct weir_listen {
    uint8_t addr[16]; /* 0 when any */
    uint16_t port;
    bool any;
};
int weir_listen_parse(const char *text, struct weir_listen *ret);

/* In the largest unit that needs no fraction. */
#define WEIR_VALUE_TEXT 64
const char *weir_duration_format(uint64_t seconds, char text[WEIR_VALUE_TEXT]);
const char *weir_bytes_format(uint64_t bytes, char text[WEIR_VALUE_TEXT]);
const char *weir_factor_format(uint64_t hundredths, char text[WEIR_VALUE_TEXT]);
const char *weir_listen_format(const struct weir_listen *l, char text[WEIR_VALUE_TEXT]);
