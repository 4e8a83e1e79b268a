/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The automaton in the kernel by itself: tests/prog/bpf/scan.bpf.c with an image put into it. */

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/automaton.h"
#include "scan.skel.h"

#define SCAN_FROM 54 /* bytes of a frame that stand for its headers */
#define SCAN_FOUND_MAX 9216

struct scan_found {
    __u32 matches;
    __u32 at[SCAN_FOUND_MAX];
    __u32 state[SCAN_FOUND_MAX];
};

/* Room for automata of up to value_bytes. NULL: errno says why. */
static inline struct scan *scan_open(size_t value_bytes, bool on)
{
    struct scan *s = scan__open();
    struct bpf_map *inner;

    if (!s)
        return NULL;
    inner = bpf_map__inner_map(s->maps.automata);
    s->rodata->scan_from = SCAN_FROM;
    s->rodata->scan_on = on;
    s->rodata->scan_words = (__u32)((value_bytes - sizeof(struct weir_automaton)) / 4) & ~1U;
    if (bpf_map__set_value_size(s->maps.automaton, (__u32)value_bytes) ||
        bpf_map__set_value_size(inner, (__u32)value_bytes) || scan__load(s)) {
        scan__destroy(s);
        return NULL;
    }
    return s;
}

/* Put an image into a fresh map and that into the slot that packets look at. */
static inline int scan_swap(struct scan *s, size_t value_bytes,
                            const struct weir_automaton_image *image)
{
    int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "automaton", 4, (__u32)value_bytes, 1, NULL);
    void *value = calloc(1, value_bytes);
    __u32 key = 0;
    int r = -errno;

    if (fd >= 0 && value) {
        memcpy(value, image->automaton, image->bytes);
        r = bpf_map_update_elem(fd, &key, value, 0);
        if (r == 0)
            r = bpf_map_update_elem(bpf_map__fd(s->maps.automata), &key, &fd, 0);
    }
    free(value);
    if (fd >= 0)
        close(fd);
    return r;
}

/* One frame, repeat times. Nanoseconds a run; negative: -errno. */
static inline long scan_run(struct bpf_program *program, const void *frame, size_t len,
                            __u32 repeat)
{
    LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = frame, .data_size_in = (__u32)len,
                .repeat = (int)repeat);
    int r = bpf_prog_test_run_opts(bpf_program__fd(program), &o);

    return r < 0 ? r : (long)o.duration;
}

static inline int scan_found(struct scan *s, struct scan_found *ret)
{
    __u32 key = 0;

    return bpf_map_lookup_elem(bpf_map__fd(s->maps.found), &key, ret);
}
