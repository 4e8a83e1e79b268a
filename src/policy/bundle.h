/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A policy with the lists that it includes, as text: what `weir policy apply` hands to the daemon
 * and what is kept in the state directory. The daemon reads no path that a client names. */

#include "base/buf.h"
#include "base/error.h"

#define WEIR_BUNDLE_FILES 65                 /* the policy and its lists */
#define WEIR_BUNDLE_BYTES ((size_t)32 << 20) /* of all texts */
#define WEIR_BUNDLE_NAME 256                 /* bytes of a file's name, with its end */

struct weir_bundle_file {
    char *name; /* file[0]: as it was given; a list: as the policy writes it */
    char *text; /* ends with a zero byte that len does not count */
    size_t len;
};

struct weir_bundle {
    struct weir_bundle_file file[WEIR_BUNDLE_FILES]; /* owned; file[0] is the policy */
    size_t files;
    size_t bytes;
    bool closed; /* no more may be read from disk: what is not in it is missing */
};

void weir_bundle_free(struct weir_bundle *b); /* also for _cleanup_ */

/* Copies. -E2BIG beyond the limits above. */
int weir_bundle_add(struct weir_bundle *b, const char *name, const char *text, size_t len,
                    struct weir_error *e);
/* The policy file itself; b is empty. */
int weir_bundle_open(struct weir_bundle *b, const char *path, struct weir_error *e);
/* Index of a list, read now relative to the policy's folder if it is not there yet; -errno.
 * Comments of a list are blanked: they are nobody's business but the author's, and may be in any
 * encoding. */
int weir_bundle_list(struct weir_bundle *b, const char *name, struct weir_error *e);

/* One run of bytes and back; write never fails but by memory (out->failed), read refuses anything
 * that write did not make. */
void weir_bundle_write(const struct weir_bundle *b, struct weir_buf *out);
int weir_bundle_read(struct weir_bundle *ret, const char *data, size_t len, struct weir_error *e);
bool weir_bundle_equal(const struct weir_bundle *a, const struct weir_bundle *b);
