/* SPDX-License-Identifier: Apache-2.0 */

/* Targets: weir, or any other XDP program, whose maps a command may fill. */

#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bench/bench.h"

/* Where its maps are pinned, and found again when another target was there first. */
static void pin_maps(struct bpf_object *object, const char *dir)
{
    struct bpf_map *map;

    bpf_object__for_each_map(map, object)
    {
        char path[256];

        snprintf(path, sizeof(path), "%s/%s", dir ? dir : "", bpf_map__name(map));
        if (!bpf_map__is_internal(map) && bpf_map__set_pin_path(map, dir ? path : NULL))
            bench_fail("pin %s", path);
    }
    if (dir && mkdir(dir, 0700) && errno != EEXIST)
        bench_fail("%s", dir);
}

/* Every program is loaded for multi-buffer frames, as weir is: the driver can jump into no other.
 */
static int open_object(const char *file, const char *program, const char *dir, const char *init)
{
    struct bpf_object *object = bpf_object__open_file(file, NULL);
    struct bpf_program *p;
    char command[512];

    if (!object)
        bench_fail("%s", file);
    bpf_object__for_each_program(p, object)
    {
        bpf_program__set_autoload(p, !strcmp(bpf_program__name(p), program));
        bpf_program__set_type(p, BPF_PROG_TYPE_XDP);
        bpf_program__set_expected_attach_type(p, BPF_XDP);
        bpf_program__set_flags(p, BPF_F_XDP_HAS_FRAGS);
    }
    pin_maps(object, dir);
    if (bpf_object__load(object))
        bench_fail("load %s", file);
    p = bpf_object__find_program_by_name(object, program);
    if (!p)
        bench_fail("%s: no program %s", file, program);
    snprintf(command, sizeof(command), "%s %s", init ? init : "true", dir ? dir : "");
    if (system(command))
        bench_fail("%s", command);
    return bpf_program__fd(p);
}

static int open_foreign(const char *file, char *rest)
{
    char *program = strtok(rest, ","), *option, *dir = NULL, *init = NULL;
    int fd;

    while ((option = strtok(NULL, ","))) {
        if (!strncmp(option, "maps=", 5))
            dir = option + 5;
        else if (!strncmp(option, "init=", 5))
            init = option + 5;
        else
            bench_fail("target option %s: expected maps=DIR or init=COMMAND", option);
    }
    if (strcmp(file, "id") && strcmp(file, "pin"))
        return open_object(file, program, dir, init);
    fd = *file == 'i' ? bpf_prog_get_fd_by_id((__u32)atoi(program)) : bpf_obj_get(program);
    if (fd < 0)
        bench_fail("program %s", program);
    return fd;
}

void bench_target_open(struct bench_target *t, const char *spec)
{
    char text[1024], *kind, *rest;

    snprintf(text, sizeof(text), "%s", spec);
    kind = strchr(text, '=');
    rest = kind ? strchr(kind, ':') : NULL;
    if (!rest)
        bench_fail("target %s: expected NAME=KIND:...", spec);
    *kind++ = '\0';
    *rest++ = '\0';
    snprintf(t->name, sizeof(t->name), "%.63s", text);
    if (!strcmp(kind, "weir")) {
        t->weir = bench_weir_open(rest);
        t->fd = bench_weir_fd(t->weir);
    } else {
        t->fd = open_foreign(kind, rest);
    }
}
