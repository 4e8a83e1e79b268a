/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What goes over the daemon's socket: JSON objects, each behind its length in 4 bytes, little
 * endian. */

#include "base/buf.h"

#define WEIR_FRAME_HEAD 4
#define WEIR_REQUEST_MAX 65536             /* bytes of one request */
#define WEIR_POLICY_MAX (64 * 1024 * 1024) /* of one that applies a policy, with its lists */
#define WEIR_REPLY_MAX (64 * 1024 * 1024)  /* of one reply: the fullest table of bans is a third */

/* The first frame of a run of bytes. Returns how many bytes it takes with its head, 0 when it is
 * not complete, -EMSGSIZE when it is longer than max or empty. *ret_body points into data. */
int weir_frame_split(const char *data, size_t len, size_t max, const char **ret_body,
                     size_t *ret_len);
/* Make room for the head of a frame; then write the body; then call the end with what this
 * returned. */
size_t weir_frame_begin(struct weir_buf *out);
void weir_frame_end(struct weir_buf *out, size_t begin);
