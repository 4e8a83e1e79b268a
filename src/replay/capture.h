/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One capture file: pcap or pcapng, micro- or nanoseconds, plain or gzip. pcap is read by libpcap;
 * pcapng by pcapng.h, because libpcap refuses files whose interfaces differ in link type or snap
 * length (docs/decisions/002-pcapng-reader.md). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct weir_capture;

/* Borrowed from the capture until its next call. */
struct weir_capture_packet {
    const uint8_t *data;
    uint32_t cap;    /* bytes at data */
    uint32_t wire;   /* length on the wire, at least cap whatever the record says */
    uint64_t ts_ns;  /* since the epoch; may be less than the one before */
    uint64_t number; /* from 1, as tshark's frame.number */
    int datalink;    /* DLT_* of libpcap; pcapng: of the packet's interface */
};

/* path "-" is standard input. buffer_bytes: read ahead. -errno and e when it is no capture. */
int weir_capture_open(const char *path, size_t buffer_bytes, struct weir_capture **ret,
                      struct weir_error *e);
void weir_capture_free(struct weir_capture *c);
void weir_capture_freep(struct weir_capture **c);

/* 1: *ret is the next packet; 0: the end; -errno: the file is damaged or cut, e says where. */
int weir_capture_next(struct weir_capture *c, struct weir_capture_packet *ret,
                      struct weir_error *e);

const char *weir_capture_path(const struct weir_capture *c);
/* Bytes of the file read and in all, before decompression; all is 0 where it cannot be known. */
void weir_capture_progress(const struct weir_capture *c, uint64_t *ret_read, uint64_t *ret_all);
