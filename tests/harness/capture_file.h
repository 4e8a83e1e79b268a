/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Capture files for tests, written byte by byte: what a reader must cope with, right or wrong. */

#include "harness/packet.h"

struct capture_file {
    char path[64]; /* removed by capture_file_remove() */
    int fd;
};

/* Aborts when the file cannot be made. */
void capture_file_make(struct capture_file *f);
void capture_file_remove(struct capture_file *f);
void capture_file_add(struct capture_file *f, const void *data, size_t len);
/* Cut the file to so many bytes. */
void capture_file_cut(struct capture_file *f, size_t len);
size_t capture_file_size(const struct capture_file *f);
/* Replace the content by its gzip form. */
void capture_file_gzip(struct capture_file *f);

/* pcap: header of Ethernet, nanoseconds or microseconds; then records. */
void capture_file_pcap(struct capture_file *f, bool nanoseconds, __u32 link);
void capture_file_record(struct capture_file *f, __u32 seconds, __u32 fraction,
                         const struct weir_packet *p);

/* pcapng, in the other byte order when swapped. */
void capture_file_section(struct capture_file *f, bool swapped);
void capture_file_interface(struct capture_file *f, bool swapped, __u16 link, __u32 snaplen,
                            __u8 tsresol);
void capture_file_block(struct capture_file *f, bool swapped, __u32 interface, __u64 stamp,
                        const struct weir_packet *p);
