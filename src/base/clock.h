/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#define WEIR_TIME_TEXT 40

/* EVE's form, UTC: 2026-11-23T04:21:52.123456+0000. ns since the epoch; rounds down. Returns text.
 */
const char *weir_time_format(uint64_t ns, char text[WEIR_TIME_TEXT]);
