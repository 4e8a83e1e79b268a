/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* pcapng blocks (draft-ietf-opsawg-pcapng): section header, interface description, enhanced, simple
 * and obsolete packet blocks; the others are stepped over. Either byte order, any number of
 * sections, every interface with its own link type, snap length and time resolution. */

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "replay/capture.h"

struct weir_pcapng;

bool weir_pcapng_is(const uint8_t *magic, size_t len);
/* file and path are borrowed. block_bytes: the longest block that is kept; one packet needs 32 more
 * than its bytes. */
int weir_pcapng_new(FILE *file, const char *path, uint32_t block_bytes, struct weir_pcapng **ret,
                    struct weir_error *e);
void weir_pcapng_free(struct weir_pcapng *p);
/* As weir_capture_next(); ret->number is the caller's. */
int weir_pcapng_next(struct weir_pcapng *p, struct weir_capture_packet *ret, struct weir_error *e);
