/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Groups of conversations, one file each. A talk's name begins with the row that it is about; the
 * tests of that row run it, and tests/prog/talks.c runs all. */

#include "harness/talk.h"

#define TALK_GROUPS(X) X(handshake) X(window) X(close) X(content) X(payload) X(integrity) X(scan)
#define TALK_GROUP_DECLARE(group)                                                                  \
    extern const struct weir_talk weir_talks_##group[];                                            \
    extern const size_t weir_talks_##group##_n;
TALK_GROUPS(TALK_GROUP_DECLARE)
#undef TALK_GROUP_DECLARE
#define TALK_GROUP(group, ...)                                                                     \
    const struct weir_talk weir_talks_##group[] = { __VA_ARGS__ };                                 \
    const size_t weir_talks_##group##_n = sizeof(weir_talks_##group) / sizeof(struct weir_talk)
