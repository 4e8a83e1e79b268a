/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* The rest of the maps, included by maps.bpf.h: what goes to user space. */

#include "abi/evidence.h"
#include "abi/hello.h"

/* Heads of the newest packets, a ring for each CPU. Written: bpf/, every packet, with evidence on.
 * Read: loader, through a shared mapping. Size: evidence.recent for each possible CPU, 168 bytes
 * each. Never full: the oldest goes. Not pinned. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __uint(map_flags, BPF_F_MMAPABLE);
    __type(key, __u32);
    __type(value, struct weir_recent);
} recent SEC(".maps");

/* Heads ever kept, by CPU: the next place in its ring. */
struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u32);
} recent_next SEC(".maps");

/* Whole packets. Written: bpf/. Read: loader. Full: counted LOST_EVIDENCE. Not pinned. */
struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 64 * 1024);
} packets SEC(".maps");

/* ClientHellos that go on in the next segment. Written and read: bpf/, segments that begin one or
 * go on with one, with weir_hellos_on. Full: the newer one has the place, and user space counts the
 * older one as not put together. Not pinned. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, WEIR_HELLO_PLACES);
    __type(key, __u32);
    __type(value, struct weir_hello_place);
} hello_places SEC(".maps");

/* Their segments; wakes the reader as ring_bulk does. Written: bpf/. Read: loader. Full: counted
 * LOST_HELLO. Not pinned. */
struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 64 * 1024);
} hellos SEC(".maps");

/* Events of high severity; wakes the reader each time. Written: bpf/. Read: loader. Full: counted
 * LOST_RING_HIGH, and the incident still owes its exact count. */
struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 256 * 1024);
} ring_high SEC(".maps");

/* All other events; wakes the reader when WEIR_RING_WAKE bytes wait, else it comes by itself. Full:
 * counted LOST_RING_BULK, as above. */
#define WEIR_RING_WAKE (64 * 1024)
struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 4 * 1024 * 1024);
} ring_bulk SEC(".maps");
