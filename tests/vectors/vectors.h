/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Packets and what the core must say of them. One table, run natively (unit/dataplane/vectors.c)
 * and through BPF_PROG_TEST_RUN: the two must agree. */

#include "harness/packet.h"

struct weir_vector {
    const char *name;
    const struct weir_packet *packet; /* weir_packet_build() makes the bytes */
    enum weir_outcome outcome;
    const char *found;   /* category.name, most specific first, separated by blanks; NULL: none */
    const char *noted;   /* likewise */
    const char *outside; /* found in the packets around it, likewise */
    bool own_source;     /* the host says that the source is an address of its own */
};

#define V(text, out, ...)                                                                          \
    {                                                                                              \
        .name = text, .outcome = WEIR_OUTCOME_##out, .packet = __VA_ARGS__                         \
    }

/* All vectors; *ret_n is their number. Each has a name of its own. */
const struct weir_vector *weir_vectors(size_t *ret_n);

/* The groups, one file each. */
#define VECTOR_GROUPS(X)                                                                           \
    X(link) X(legal) X(ip4) X(ip6) X(fragments) X(flags) X(options) X(cut) X(other) X(tunnels)
#define VECTOR_GROUP_DECLARE(group)                                                                \
    extern const struct weir_vector weir_vectors_##group[];                                        \
    extern const size_t weir_vectors_##group##_n;
VECTOR_GROUPS(VECTOR_GROUP_DECLARE)
#undef VECTOR_GROUP_DECLARE
#define VECTOR_GROUP(group, ...)                                                                   \
    const struct weir_vector weir_vectors_##group[] = { __VA_ARGS__ };                             \
    const size_t weir_vectors_##group##_n =                                                        \
        sizeof(weir_vectors_##group) / sizeof(struct weir_vector)
