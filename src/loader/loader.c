/* SPDX-License-Identifier: Apache-2.0 */

/* Open, size, load, free; counters. */

#include "loader/internal.h"
#include "loader/trie.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#define LOG_BYTES (256 * 1024)
#define CHECKSUM_EVERY 16
#define HELLOS_RING_BYTES (1U << 20)

static int quiet(enum libbpf_print_level level, const char *format, va_list args)
{
    (void)level;
    (void)format;
    (void)args;
    return 0; /* library rooms do not print: what matters is in struct weir_error */
}

static int check(const struct weir_loader_config *c, struct weir_error *e)
{
    uint32_t page = (uint32_t)sysconf(_SC_PAGESIZE);
    const uint32_t ring[] = { c->ring_high, c->ring_bulk };
    const uint32_t table[] = { c->flows,    c->half_open, c->contents,
                               c->payloads, c->sources,   c->dests };

    if (c->checksum_every & (c->checksum_every - 1))
        return weir_error_set(e, EINVAL, "checksum sampling of 1 in %u: expected a power of two",
                              c->checksum_every);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (table[i] && (table[i] < WEIR_WAYS || table[i] & (table[i] - 1)))
            return weir_error_set(e, EINVAL,
                                  "table of %u connections: expected a power of two of at least %d",
                                  table[i], WEIR_WAYS);
    }
    for (int i = 0; i < 2; i++) {
        if (ring[i] && (ring[i] < page || ring[i] & (ring[i] - 1)))
            return weir_error_set(e, EINVAL,
                                  "ring of %u bytes: expected a power of two of at least %u",
                                  ring[i], page);
    }
    return weir_evidence_check(c, e);
}

static void set_rodata(struct weir *skel, const struct weir_loader_config *c)
{
    for (int i = 0; i < 2; i++) {
        skel->rodata->weir_judged[i] = c->judged[i];
        skel->rodata->weir_judged_egress[i] = c->judged_egress[i];
    }
    skel->rodata->weir_sum_on = !c->checksum_off;
    skel->rodata->weir_sum_mask = (c->checksum_every ? c->checksum_every : CHECKSUM_EVERY) - 1;
    skel->rodata->weir_drop_events = c->drop_events;
    skel->rodata->weir_tunnels_on = !c->tunnels_off;
    skel->rodata->weir_test = c->test_clock;
    skel->rodata->weir_hellos_on = c->hellos;
    if (c->no_incident_limit)
        skel->rodata->weir_incident_rate = 0;
}

/* An adopted map keeps its size: bpf_map__reuse_fd() comes after and overrides. */
static int set_sizes(struct weir *skel, const struct weir_loader_config *c, struct weir_error *e)
{
    const struct {
        struct bpf_map *map;
        uint32_t size;
    } sizes[] = {
        { skel->maps.ban4, c->bans },
        { skel->maps.ban6, c->bans },
        { skel->maps.prefix4, weir_trie_entries(c->prefixes) },
        { skel->maps.prefix4_node, weir_trie_nodes(c->prefixes) },
        { skel->maps.prefix6, c->prefixes },
        { skel->maps.allow, c->allows },
        { skel->maps.incidents, c->incidents },
        { skel->maps.ring_high, c->ring_high },
        { skel->maps.ring_bulk, c->ring_bulk },
        { skel->maps.flows, c->flows / WEIR_WAYS },
        { skel->maps.half, c->half_open / WEIR_WAYS },
        { skel->maps.flow_ways, c->flows / WEIR_WAYS },
        { skel->maps.half_ways, c->half_open / WEIR_WAYS },
        { skel->maps.contents, c->contents },
        { skel->maps.payloads, c->payloads },
        { skel->maps.source_ways, c->sources / WEIR_WAYS },
        { skel->maps.sources, c->sources / WEIR_WAYS },
        { skel->maps.gates, c->sources * 8 },
        { skel->maps.dests, c->dests / WEIR_WAYS },
    };

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        int r = sizes[i].size ? bpf_map__set_max_entries(sizes[i].map, sizes[i].size) : 0;

        if (r < 0)
            return weir_error_set(e, -r, "map %s of %u: %s", bpf_map__name(sizes[i].map),
                                  sizes[i].size, weir_errno_text(r));
    }
    if (c->hellos && bpf_map__set_max_entries(skel->maps.hellos, HELLOS_RING_BYTES) < 0)
        return weir_error_set(e, EINVAL, "map hellos: refuses its size");
    if (weir_evidence_sizes(skel, c) < 0)
        return weir_error_set(e, EINVAL, "evidence of %u packets: the maps refuse their sizes",
                              c->evidence_recent);
    return weir_dests_size(skel, libbpf_num_possible_cpus());
}

/* The last lines of the verifier's log, as many as the error takes. */
static int load_failed(struct weir_error *e, int r, const char *log)
{
    size_t len = strlen(log), keep = 300;
    const char *tail = len > keep ? log + len - keep : log;
    const char *line = len > keep ? strchr(tail, '\n') : NULL;

    if (!len)
        return weir_error_set(e, -r, "cannot load the BPF programs: %s%s", weir_errno_text(r),
                              r == -EPERM ? " (needs CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON)" : "");
    return weir_error_set(e, -r, "cannot load the BPF programs: %s: %s", weir_errno_text(r),
                          line ? line + 1 : tail);
}

int weir_skeleton_load(const struct weir_loader_config *c,
                       int (*reuse)(void *arg, struct weir *skel, struct weir_error *e), void *arg,
                       struct weir **ret, struct weir_error *e)
{
    _cleanup_free_ char *log = calloc(1, LOG_BYTES);
    LIBBPF_OPTS(bpf_object_open_opts, opts, .kernel_log_buf = log, .kernel_log_size = LOG_BYTES,
                .kernel_log_level = 0);
    struct weir *skel;
    int r;

    if (!log)
        return weir_error_set(e, ENOMEM, "no memory");
    skel = weir__open_opts(&opts);
    if (!skel)
        return weir_error_set(e, errno, "cannot open the BPF object: %s", strerror(errno));
    set_rodata(skel, c);
    r = set_sizes(skel, c, e);
    if (r == 0)
        r = reuse(arg, skel, e);
    if (r == 0) {
        weir_flows_masks(skel, c);
        weir_sources_masks(skel, c);
        weir_dests_switches(skel, c);
        r = weir__load(skel);
        if (r < 0)
            (void)load_failed(e, r, log);
    }
    if (r < 0) {
        weir__destroy(skel);
        return r;
    }
    *ret = skel;
    return 0;
}

static int adopt(void *arg, struct weir *skel, struct weir_error *e)
{
    return weir_pins_adopt(arg, skel, e);
}

static int load(struct weir_loader *l, const struct weir_loader_config *c, struct weir_error *e)
{
    int r = weir_skeleton_load(c, adopt, l, &l->skel, e);

    if (r < 0)
        return r;
    if (l->skel->data_policy->policy.rows != WEIR_ROWS)
        return weir_error_set(e, EPROTO, "pinned policy of %u rows; expected %u",
                              l->skel->data_policy->policy.rows, WEIR_ROWS);
    r = weir_trie_open(l, e);
    if (r == 0)
        r = weir_prefix6_open(l, e);
    if (r == 0)
        r = weir_flows_open(l, c, e);
    if (r == 0)
        r = weir_sources_open(l, e);
    if (r == 0)
        r = weir_dests_open(l, e);
    if (r == 0)
        r = weir_evidence_open(l, e);
    return r < 0 ? r : weir_pins_save(l, e);
}

int weir_loader_new(const struct weir_loader_config *config, struct weir_loader **ret,
                    struct weir_error *e)
{
    _cleanup_(weir_loader_freep) struct weir_loader *l = calloc(1, sizeof(*l));
    int r = check(config, e);

    if (r < 0)
        return r;
    if (!l)
        return weir_error_set(e, ENOMEM, "no memory");
    l->attached_fd = -1;
    l->no_tcx = config->no_tcx;
    l->config = *config;
    l->egress = config->judged_egress[0] || config->judged_egress[1] ||
                !(config->judged[0] || config->judged[1]);
    l->config.pins = NULL; /* the caller's; ours is l->pins */
    libbpf_set_print(quiet);
    l->cpus = libbpf_num_possible_cpus();
    if (l->cpus < 0)
        return weir_error_set(e, -l->cpus, "possible CPUs: %s", weir_errno_text(l->cpus));
    l->counters = calloc((size_t)l->cpus, sizeof(struct weir_counters));
    if (!l->counters)
        return weir_error_set(e, ENOMEM, "no memory");
    if (config->pins) {
        r = weir_pins_path(l->pins, config->pins, "", e);
        if (r < 0)
            return r;
        l->pins[strlen(l->pins) - 1] = '\0';
    }
    r = load(l, config, e);
    if (r < 0)
        return r;
    *ret = TAKE_PTR(l);
    return 0;
}

/* Without pins what hangs on a link goes with it; a clsact filter must be taken away. */
static void detach_unpinned(struct weir_loader *l)
{
    for (size_t i = 0; i < l->links; i++) {
        if (!l->pins[0])
            (void)weir_attached_remove(l->attached_fd, NULL, &l->link[i].key, NULL);
        weir_closep(&l->link[i].fd);
    }
}

void weir_loader_free(struct weir_loader *l)
{
    if (!l)
        return;
    detach_unpinned(l);
    ring_buffer__free(l->ring);
    weir_closep(&l->attached_fd);
    weir_trie_close(l);
    weir_prefix6_close(l);
    weir_flows_close(l);
    weir_sources_close(l);
    weir_dests_close(l);
    weir_evidence_close(l);
    weir__destroy(l->skel);
    free(l->allow);
    free(l->deny);
    free(l->counters);
    free(l);
}

void weir_loader_freep(struct weir_loader **l)
{
    weir_loader_free(*l);
}

void weir_loader_sizes(const struct weir_loader *l, struct weir_loader_config *ret)
{
    ret->bans = bpf_map__max_entries(l->skel->maps.ban4);
    ret->prefixes = (uint32_t)l->trie->limit;
    ret->allows = bpf_map__max_entries(l->skel->maps.allow);
    ret->incidents = bpf_map__max_entries(l->skel->maps.incidents);
    ret->flows = bpf_map__max_entries(l->skel->maps.flows) * WEIR_WAYS;
    ret->half_open = bpf_map__max_entries(l->skel->maps.half) * WEIR_WAYS;
    ret->contents = bpf_map__max_entries(l->skel->maps.contents);
    ret->payloads = bpf_map__max_entries(l->skel->maps.payloads);
    ret->ring_high = bpf_map__max_entries(l->skel->maps.ring_high);
    ret->ring_bulk = bpf_map__max_entries(l->skel->maps.ring_bulk);
}

bool weir_loader_adopted(const struct weir_loader *l)
{
    return l->adopted;
}

int weir_prog_fd(const struct weir_loader *l, uint32_t hook)
{
    switch (hook) {
    case WEIR_HOOK_XDP:
        return bpf_program__fd(l->skel->progs.weir_xdp);
    case WEIR_HOOK_TC_INGRESS:
        return bpf_program__fd(l->skel->progs.weir_tc_ingress);
    default:
        return bpf_program__fd(l->skel->progs.weir_tc_egress);
    }
}

uint32_t weir_loader_verified(const struct weir_loader *l, enum weir_hook hook)
{
    struct bpf_prog_info info = { 0 };
    __u32 len = sizeof(info);

    if (bpf_obj_get_info_by_fd(weir_prog_fd(l, hook), &info, &len))
        return 0;
    return info.verified_insns;
}

/* A value of a per-CPU map of words, summed. */
static int sum_words(const struct weir_loader *l, const struct bpf_map *map, uint32_t key,
                     uint64_t *ret, size_t words)
{
    if (bpf_map_lookup_elem(bpf_map__fd(map), &key, l->counters))
        return -errno;
    memset(ret, 0, words * sizeof(*ret));
    for (int cpu = 0; cpu < l->cpus; cpu++) {
        const uint64_t *one = (const uint64_t *)l->counters + (size_t)cpu * words;

        for (size_t i = 0; i < words; i++)
            ret[i] += one[i];
    }
    return 0;
}

int weir_loader_counters(struct weir_loader *l, enum weir_hook hook, struct weir_counters *ret)
{
    return sum_words(l, l->skel->maps.counters, hook, (uint64_t *)ret,
                     sizeof(*ret) / sizeof(uint64_t));
}

int weir_loader_port(struct weir_loader *l, uint32_t ifindex, enum weir_hook hook,
                     struct weir_port *ret)
{
    return sum_words(l, l->skel->maps.ports, weir_port_place(ifindex, hook), (uint64_t *)ret,
                     sizeof(*ret) / sizeof(uint64_t));
}

void weir_loader_test_clock(struct weir_loader *l, uint64_t now_ns, uint64_t random)
{
    struct weir_control *control = &l->skel->data_control->control;

    __atomic_store_n(&control->test_now_ns, now_ns, __ATOMIC_RELEASE);
    __atomic_store_n(&control->test_random, random, __ATOMIC_RELEASE);
}

int weir_loader_test_answer(struct weir_loader *l, enum weir_hook hook, const void *frame,
                            size_t len, uint32_t *ret_verdict, void *ret_frame, size_t *ret_len)
{
    LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = (__u32)len,
                .data_out = ret_frame, .data_size_out = ret_len ? (__u32)*ret_len : 0, .repeat = 1);
    int r = bpf_prog_test_run_opts(weir_prog_fd(l, hook), &opts);

    if (r < 0)
        return -errno;
    *ret_verdict = opts.retval;
    if (ret_len)
        *ret_len = opts.data_size_out;
    return 0;
}

int weir_loader_test_run(struct weir_loader *l, enum weir_hook hook, const void *frame, size_t len,
                         uint32_t *ret_verdict)
{
    return weir_loader_test_answer(l, hook, frame, len, ret_verdict, NULL, NULL);
}
