/* SPDX-License-Identifier: Apache-2.0 */

/* The directory of pins: what lets the kernel side outlive the daemon. */

#include "loader/internal.h"

#include <dirent.h>
#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

const char *weir_errno_text(int r)
{
    return strerror(r < 0 ? -r : r);
}

int weir_pins_path(char ret[WEIR_PINS_PATH], const char *pins, const char *name,
                   struct weir_error *e)
{
    int n = snprintf(ret, WEIR_PINS_PATH, "%s/%s", pins, name);

    if (n < 0 || n >= WEIR_PINS_PATH)
        return weir_error_set(e, ENAMETOOLONG, "%s/%s: longer than %d bytes", pins, name,
                              WEIR_PINS_PATH - 1);
    return 0;
}

void weir_pins_link_name(char ret[64], const struct weir_attached_key *key)
{
    static const char *const hook[WEIR_HOOK_MAX] = { "xdp", "ingress", "egress" };

    (void)snprintf(ret, 64, "link-%u-%s", key->ifindex, hook[key->hook % WEIR_HOOK_MAX]);
}

static bool on_bpffs(const char *path)
{
    struct statfs fs;

    return statfs(path, &fs) == 0 && fs.f_type == BPF_FS_MAGIC;
}

/* Make the last folder of path; true when it is there and on a bpffs. */
static bool prepare(const char *path, struct weir_error *e)
{
    if (mkdir(path, 0700) < 0 && errno != EEXIST) {
        (void)weir_error_set(e, errno, "%s: %s", path, strerror(errno));
        return false;
    }
    if (!on_bpffs(path)) {
        (void)weir_error_set(e, ENOTSUP, "%s: not on a bpffs", path);
        return false;
    }
    return true;
}

int weir_pins_prepare(const char *preferred, const char *state_dir, char ret[WEIR_PINS_PATH],
                      struct weir_error *e)
{
    char path[WEIR_PINS_PATH];
    int r;

    ret[0] = '\0';
    if (preferred && strlen(preferred) < WEIR_PINS_PATH && prepare(preferred, NULL)) {
        strcpy(ret, preferred);
        return 0;
    }
    r = weir_pins_path(path, state_dir, "bpf", e);
    if (r < 0)
        return r;
    if (mkdir(path, 0700) < 0 && errno != EEXIST) {
        r = -errno;
        return weir_error_set(e, -r, "%s: %s", path, weir_errno_text(r));
    }
    if (!on_bpffs(path) &&
        mount("weir", path, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700")) {
        (void)weir_error_set(e, errno, "%s: cannot mount a bpffs: %s; not pinned", path,
                             strerror(errno));
        return 0;
    }
    if (prepare(path, e))
        strcpy(ret, path);
    return 0;
}

/* What a process begins it ends: evidence, and ClientHellos. */
static bool is_of_one_process(const char *name)
{
    static const char *const names[] = { "watches", "recent", "recent_next",
                                         "packets", "hellos", "hello_places" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (!strcmp(name, names[i]))
            return true;
    return false;
}

/* Names of maps in the pin directory: data sections without their prefix; NULL: not pinned. */
static const char *pin_name(const struct bpf_map *map)
{
    const char *name = bpf_map__name(map);

    if (is_of_one_process(name))
        return NULL;
    if (!bpf_map__is_internal(map))
        return name;
    return strncmp(name, ".data.", 6) == 0 ? name + 6 : NULL;
}

static int adopt_map(struct weir_loader *l, struct bpf_map *map, const char *path,
                     struct weir_error *e)
{
    _cleanup_close_ int fd = bpf_obj_get(path);
    struct bpf_map_info info = { 0 };
    __u32 len = sizeof(info);
    int r;

    if (fd < 0)
        return errno == ENOENT ? 0 : weir_error_set(e, errno, "%s: %s", path, strerror(errno));
    if (bpf_obj_get_info_by_fd(fd, &info, &len))
        return weir_error_set(e, errno, "%s: %s", path, strerror(errno));
    if (info.type != bpf_map__type(map) || info.key_size != bpf_map__key_size(map) ||
        info.value_size != bpf_map__value_size(map))
        return weir_error_set(e, EPROTO,
                              "%s: pinned by another version (key %u, value %u bytes; expected %u, "
                              "%u); remove it with `weir down` of that version",
                              path, info.key_size, info.value_size, bpf_map__key_size(map),
                              bpf_map__value_size(map));
    r = bpf_map__reuse_fd(map, fd);
    if (r < 0)
        return weir_error_set(e, -r, "%s: cannot be re-used: %s", path, weir_errno_text(r));
    l->adopted = true;
    return 0;
}

/* The table of attachments: ours alone, so the program knows nothing of it. */
static int adopt_attached(struct weir_loader *l, struct weir_error *e)
{
    const struct weir_attached mine = { .kind = WEIR_ABI, .tc_priority = WEIR_ROWS };
    const struct weir_attached_key head = { 0 };
    struct weir_attached found = { 0 };
    char path[WEIR_PINS_PATH];
    int r;

    if (l->pins[0]) {
        r = weir_pins_path(path, l->pins, "attached", e);
        if (r < 0)
            return r;
        l->attached_fd = bpf_obj_get(path);
    }
    if (l->attached_fd >= 0) {
        if (bpf_map_lookup_elem(l->attached_fd, &head, &found) || found.kind != mine.kind ||
            found.tc_priority != mine.tc_priority)
            return weir_error_set(e, EPROTO,
                                  "%s: pinned by another version (abi %u, %u rows; "
                                  "expected %u, %u)",
                                  path, found.kind, found.tc_priority, mine.kind, mine.tc_priority);
        return 0;
    }
    l->attached_fd = bpf_map_create(BPF_MAP_TYPE_HASH, "weir_attached", sizeof(head), sizeof(mine),
                                    WEIR_LINKS_MAX + 1, NULL);
    if (l->attached_fd < 0)
        return weir_error_set(e, errno, "cannot create a BPF map: %s", strerror(errno));
    if (bpf_map_update_elem(l->attached_fd, &head, &mine, BPF_ANY))
        return weir_error_set(e, errno, "table of attachments: %s", strerror(errno));
    if (l->pins[0] && bpf_obj_pin(l->attached_fd, path))
        return weir_error_set(e, errno, "%s: cannot pin: %s", path, strerror(errno));
    return 0;
}

int weir_pins_adopt(struct weir_loader *l, struct weir *skel, struct weir_error *e)
{
    char path[WEIR_PINS_PATH];
    struct bpf_map *map;
    int r = adopt_attached(l, e);

    if (r < 0 || !l->pins[0])
        return r;
    bpf_object__for_each_map(map, skel->obj)
    {
        if (!pin_name(map))
            continue;
        r = weir_pins_path(path, l->pins, pin_name(map), e);
        if (r < 0)
            return r;
        r = adopt_map(l, map, path, e);
        if (r < 0)
            return r;
    }
    return 0;
}

int weir_pins_save(struct weir_loader *l, struct weir_error *e)
{
    char path[WEIR_PINS_PATH];
    struct bpf_map *map;
    int r;

    if (!l->pins[0])
        return 0;
    bpf_object__for_each_map(map, l->skel->obj)
    {
        if (!pin_name(map))
            continue;
        r = weir_pins_path(path, l->pins, pin_name(map), e);
        if (r < 0)
            return r;
        if (bpf_obj_pin(bpf_map__fd(map), path) && errno != EEXIST)
            return weir_error_set(e, errno, "%s: cannot pin: %s", path, strerror(errno));
    }
    return 0;
}

/* Remove every hook in the table. Keeps going on failure and returns the first. */
static int remove_attached(int fd, const char *pins, struct weir_error *e)
{
    struct weir_attached_key key[WEIR_LINKS_MAX + 1], *from = NULL;
    size_t n = 0;
    int first = 0;

    while (n <= WEIR_LINKS_MAX && !bpf_map_get_next_key(fd, from, &key[n]))
        from = &key[n++];
    for (size_t i = 0; i < n; i++) {
        int r = key[i].ifindex ? weir_attached_remove(fd, pins, &key[i], e) : 0;

        if (r < 0 && !first)
            first = r;
    }
    return first;
}

static int unpin(const char *pins, const char *name, struct weir_error *e)
{
    char path[WEIR_PINS_PATH];
    int r = weir_pins_path(path, pins, name, e);

    if (r < 0)
        return r;
    if (unlink(path) < 0 && errno != ENOENT)
        return weir_error_set(e, errno, "%s: %s", path, strerror(errno));
    return 0;
}

/* The bpffs that weir_pins_prepare() mounted is the root of its mount; a folder of the system's is
 * not. */
static void remove_directory(const char *pins)
{
    struct stat self, parent;
    char up[WEIR_PINS_PATH + 4];

    (void)snprintf(up, sizeof(up), "%s/..", pins);
    if (stat(pins, &self) || stat(up, &parent))
        return;
    if (self.st_dev != parent.st_dev)
        (void)umount2(pins, MNT_DETACH); /* not ours, or busy: then it stays */
    (void)rmdir(pins);                   /* not empty: something foreign is in it */
}

/* Every map of this build by its pinned name, and the table of attachments last: it says what is
 * left to do when this fails half way. */
static int unpin_all(const char *pins, struct weir_error *e)
{
    struct weir *skel = weir__open();
    struct bpf_map *map;
    int r = 0;

    if (!skel)
        return weir_error_set(e, errno, "cannot open the BPF object: %s", strerror(errno));
    bpf_object__for_each_map(map, skel->obj)
    {
        if (r == 0 && pin_name(map))
            r = unpin(pins, pin_name(map), e);
    }
    weir__destroy(skel);
    return r == 0 ? unpin(pins, "attached", e) : r;
}

int weir_pins_down(const char *pins, struct weir_error *e)
{
    _cleanup_close_ int fd = -1;
    char path[WEIR_PINS_PATH];
    int r = weir_pins_path(path, pins, "attached", e);

    if (r < 0)
        return r;
    fd = bpf_obj_get(path);
    if (fd < 0 && errno != ENOENT)
        return weir_error_set(e, errno, "%s: %s", path, strerror(errno));
    if (fd >= 0)
        r = remove_attached(fd, pins, e);
    if (r == 0) /* else the table stays: what is in it can be tried again */
        r = unpin_all(pins, e);
    if (r == 0)
        remove_directory(pins);
    return r;
}
