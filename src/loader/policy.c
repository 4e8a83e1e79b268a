/* SPDX-License-Identifier: Apache-2.0 */

/* The policy in force: two images, and one word that says which of them and in which mode. */

#include "loader/internal.h"
#include "loader/pool.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

static struct weir_policies *live(const struct weir_loader *l)
{
    return &l->skel->data_policy->policy;
}

static uint32_t now_read(const struct weir_loader *l)
{
    return __atomic_load_n(&live(l)->now, __ATOMIC_ACQUIRE) & (WEIR_NOW_ENFORCE | WEIR_NOW_IMAGE);
}

static void rules_clear(int fd, uint32_t image)
{
    struct weir_zone_key key[2 * WEIR_ZONES], *from = NULL;
    size_t n = 0;

    while (n < 2 * WEIR_ZONES && !bpf_map_get_next_key(fd, from, &key[n]))
        from = &key[n++];
    for (size_t i = 0; i < n; i++)
        if (key[i].image == image)
            (void)bpf_map_delete_elem(fd, &key[i]);
}

static int rules_write(struct weir_loader *l, const struct weir_image *image, uint32_t number,
                       struct weir_error *e)
{
    int fd = bpf_map__fd(l->skel->maps.zones);

    rules_clear(fd, number);
    for (uint32_t i = 0; i < image->rules; i++) {
        const struct weir_zone_key key = { .ifindex = image->rule[i].ifindex,
                                           .vlan = image->rule[i].vlan,
                                           .image = (__u16)number };
        const uint32_t zone = image->rule[i].zone;

        if (bpf_map_update_elem(fd, &key, &zone, BPF_ANY))
            return weir_error_set(e, errno, "zone %u: %s", zone, strerror(errno));
    }
    __atomic_store_n(&live(l)->rules[number], image->rules, __ATOMIC_RELEASE);
    return 0;
}

/* Into the image that nobody reads. */
static int image_write(struct weir_loader *l, const struct weir_image *image, uint32_t number,
                       struct weir_error *e)
{
    weir_packets_settle(); /* those that read the word before */
    for (uint32_t mode = 0; mode < WEIR_MODE_MAX; mode++) {
        struct weir_policy *to = live(l)->set[number * WEIR_NOW_IMAGE + mode];

        memcpy(to, image->zone[mode], image->zones * sizeof(*to));
        memset(to + image->zones, 0, (WEIR_ZONES - image->zones) * sizeof(*to));
    }
    return rules_write(l, image, number, e);
}

static int image_check(const struct weir_image *image, struct weir_error *e)
{
    if (image->mode >= WEIR_MODE_MAX || !image->zones || image->zones > WEIR_ZONES ||
        image->rules > WEIR_ZONES)
        return weir_error_set(e, EINVAL, "policy of %u zones, %u rules in mode %u", image->zones,
                              image->rules, image->mode);
    for (uint32_t i = 0; i < image->rules; i++)
        if (image->rule[i].zone >= image->zones)
            return weir_error_set(e, EINVAL, "rule for zone %u of %u", image->rule[i].zone,
                                  image->zones);
    for (uint32_t zone = 0; zone < image->zones; zone++)
        for (uint32_t mode = 0; mode < WEIR_MODE_MAX; mode++)
            if (image->zone[mode][zone].rows != WEIR_ROWS)
                return weir_error_set(e, EINVAL, "policy of %u rows; expected %u",
                                      image->zone[mode][zone].rows, WEIR_ROWS);
    return 0;
}

static void judged_add(const struct weir_policy set[WEIR_ZONES], uint32_t zones, uint64_t ret[2])
{
    for (uint32_t zone = 0; zone < zones; zone++)
        for (int i = 0; i < 2; i++)
            ret[i] |= set[zone].judged[i];
}

/* Rows of the image or of the programs: what may run while either policy is in force. */
static bool needs_programs(const struct weir_loader *l, const struct weir_image *image,
                           uint64_t ret[2])
{
    memcpy(ret, l->config.judged, 2 * sizeof(ret[0]));
    for (int mode = 0; mode < WEIR_MODE_MAX; mode++)
        judged_add(image->zone[mode], image->zones, ret);
    return memcmp(ret, l->config.judged, 2 * sizeof(ret[0])) != 0;
}

/* Of the image that is not in force. */
static uint32_t spare_image(const struct weir_loader *l)
{
    return now_read(l) & WEIR_NOW_IMAGE ? 0 : 1;
}

int weir_loader_image_prepare(struct weir_loader *l, const struct weir_image *image,
                              struct weir_error *e)
{
    uint64_t judged[2];
    int r = image_check(image, e);

    if (r == 0)
        r = image_write(l, image, spare_image(l), e);
    if (r == 0 && needs_programs(l, image, judged))
        r = weir_programs_swap(l, judged, e);
    return r;
}

void weir_loader_image_commit(struct weir_loader *l, enum weir_mode mode)
{
    uint32_t now = spare_image(l) * WEIR_NOW_IMAGE;

    __atomic_store_n(&live(l)->now, now | (mode == WEIR_MODE_ENFORCE ? WEIR_NOW_ENFORCE : 0),
                     __ATOMIC_RELEASE);
}

int weir_loader_image_apply(struct weir_loader *l, const struct weir_image *image,
                            struct weir_error *e)
{
    int r = weir_loader_image_prepare(l, image, e);

    if (r == 0)
        weir_loader_image_commit(l, (enum weir_mode)image->mode);
    return r;
}

int weir_loader_image_trim(struct weir_loader *l, struct weir_error *e)
{
    uint32_t number = now_read(l) / WEIR_NOW_IMAGE;
    uint64_t judged[2] = { 0 };

    for (uint32_t mode = 0; mode < WEIR_MODE_MAX; mode++)
        judged_add(live(l)->set[number * WEIR_NOW_IMAGE + mode], WEIR_ZONES, judged);
    if (!memcmp(judged, l->config.judged, sizeof(judged)))
        return 0;
    return weir_programs_swap(l, judged, e);
}

int weir_loader_policy_write(struct weir_loader *l, const struct weir_policy *policy,
                             struct weir_error *e)
{
    _cleanup_free_ struct weir_image *image = calloc(1, sizeof(*image));
    uint64_t judged[2];

    if (!image)
        return weir_error_set(e, ENOMEM, "no memory");
    image->mode = policy->mode;
    image->zones = 1;
    for (uint32_t mode = 0; mode < WEIR_MODE_MAX; mode++) {
        image->zone[mode][0] = *policy;
        image->zone[mode][0].mode = mode;
    }
    if (needs_programs(l, image, judged))
        return weir_error_set(e, ENOTSUP,
                              "the policy judges rows that the loaded programs leave out");
    return weir_loader_image_apply(l, image, e);
}

void weir_loader_policy_read(const struct weir_loader *l, struct weir_policy *ret)
{
    memcpy(ret, &live(l)->set[now_read(l)][0], sizeof(*ret));
}

enum weir_mode weir_loader_mode(const struct weir_loader *l)
{
    return now_read(l) & WEIR_NOW_ENFORCE ? WEIR_MODE_ENFORCE : WEIR_MODE_OBSERVE;
}

static void mode_write(struct weir_policies *p, enum weir_mode mode)
{
    if (mode == WEIR_MODE_ENFORCE)
        (void)__atomic_or_fetch(&p->now, WEIR_NOW_ENFORCE, __ATOMIC_ACQ_REL);
    else
        (void)__atomic_and_fetch(&p->now, ~WEIR_NOW_ENFORCE, __ATOMIC_ACQ_REL);
}

void weir_loader_mode_write(struct weir_loader *l, enum weir_mode mode)
{
    mode_write(live(l), mode);
}

int weir_pins_mode_write(const char *pins, enum weir_mode mode, struct weir_error *e)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    _cleanup_close_ int fd = -1;
    struct weir_policies *policy;
    char path[WEIR_PINS_PATH];
    int r = weir_pins_path(path, pins, "policy", e);

    if (r < 0)
        return r;
    fd = bpf_obj_get(path);
    if (fd < 0)
        return weir_error_set(e, errno, "%s: %s", path, strerror(errno));
    policy = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (policy == MAP_FAILED)
        return weir_error_set(e, errno, "%s: %s", path, strerror(errno));
    mode_write(policy, mode);
    (void)munmap(policy, page);
    return 0;
}
