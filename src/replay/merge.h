/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Several captures as one, in the order of their times. Within a file packets keep their order,
 * even where its clock steps back; between equal times the file named first goes first. */

#include "replay/capture.h"

#define WEIR_MERGE_FILES_MAX 4096
#define WEIR_MERGE_FILE_BYTES (64 * 1024) /* the least that reading one file takes */

struct weir_merge;

/* Called once for a file that is damaged; its packets so far were delivered, the others go on. */
typedef void (*weir_merge_failed)(void *ctx, const struct weir_error *e);

/* Opens all files. A file that cannot be opened is reported and left out. memory_bytes: for the
 * read-ahead of all; -E2BIG when that is less than WEIR_MERGE_FILE_BYTES a file. */
int weir_merge_new(char *const *paths, unsigned n, size_t memory_bytes, weir_merge_failed failed,
                   void *ctx, struct weir_merge **ret);
void weir_merge_free(struct weir_merge *m);
void weir_merge_freep(struct weir_merge **m);

/* The next packet, of file *ret_file (index into paths); NULL at the end. Borrowed until the next
 * call. */
const struct weir_capture_packet *weir_merge_next(struct weir_merge *m, uint32_t *ret_file);
/* Files that were damaged or could not be opened. */
unsigned weir_merge_failures(const struct weir_merge *m);
void weir_merge_progress(const struct weir_merge *m, uint64_t *ret_read, uint64_t *ret_all);
