/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Shared within the loader. */

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "abi/control.h"
#include "abi/incident.h"
#include "abi/prefix.h"
#include "base/cleanup.h"
#include "loader/loader.h"

#include "weir.skel.h"

#define WEIR_LINKS_MAX 256 /* attached hooks */

/* Key of the pinned table of attachments. {0, 0} holds what the pins are. */
struct weir_attached_key {
    uint32_t ifindex;
    uint32_t hook;
};

struct weir_attached {
    uint32_t kind;        /* enum weir_attached_kind; of {0, 0}: WEIR_ABI */
    uint32_t tc_priority; /* of {0, 0}: WEIR_ROWS */
    uint32_t tc_handle;
    uint32_t made_clsact;
};

/* An attached hook; the link when there is one. */
struct weir_link {
    struct weir_attached_key key;
    int fd; /* -1 with clsact */
};

/* The index of IPv6 prefixes, mapped; prefix6.c. */
struct weir_prefix6_index {
    struct weir_lengths6 *lengths;
    __u64 *filter;
    size_t added; /* at least as many entries stand */
    size_t stale; /* entries gone whose bits are still there */
};

struct weir_loader {
    struct weir *skel;
    char pins[WEIR_PINS_PATH]; /* "" when unpinned */
    bool adopted;
    bool no_tcx;
    bool egress;                      /* rows are judged at egress, too */
    struct weir_loader_config config; /* judged: of the programs that are loaded */
    int attached_fd;
    struct weir_link link[WEIR_LINKS_MAX];
    size_t links;
    struct weir_prefix *allow; /* sorted, none inside another */
    size_t allows;
    struct weir_trie *trie; /* IPv4 prefixes; trie.h */
    struct weir_prefix6_index index6;
    struct weir_ban_entry *deny; /* sorted, each prefix once */
    size_t denies;
    uint32_t next_expiry_s;                         /* nothing ends before; 0: not known */
    struct weir_flow_table table[WEIR_FLOW_TABLES]; /* mappings */
    struct weir_source_table sources;
    struct weir_dest_set *dests; /* mappings */
    struct weir_dest_cpu *dest_parts;
    uint32_t dest_sets;
    struct weir_recent *heads; /* mapping; NULL without evidence */
    uint32_t heads_n;
    struct ring_buffer *ring;
    weir_event_fn ring_fn;
    void *ring_arg;
    uint8_t *counters; /* one struct weir_counters per possible CPU */
    int cpus;
};

/* Text of a negative errno, for error messages. */
const char *weir_errno_text(int r);

/* loader.c */
int weir_prog_fd(const struct weir_loader *l, uint32_t hook);
/* Open, set switches and sizes, let reuse() hand over maps that are there already, load. */
int weir_skeleton_load(const struct weir_loader_config *c,
                       int (*reuse)(void *arg, struct weir *skel, struct weir_error *e), void *arg,
                       struct weir **ret, struct weir_error *e);

/* swap.c: programs that judge these rows, over the same maps, in place of those that run. On
 * failure those that ran do again. */
int weir_programs_swap(struct weir_loader *l, const uint64_t judged[2], struct weir_error *e);

/* flow.c */
/* Before load, when the sizes are known. */
void weir_flows_masks(struct weir *skel, const struct weir_loader_config *c);
int weir_flows_open(struct weir_loader *l, const struct weir_loader_config *c,
                    struct weir_error *e);
void weir_flows_close(struct weir_loader *l);

void *weir_map_whole(const struct bpf_map *map, size_t bytes, struct weir_error *e);
size_t weir_map_pages(size_t bytes);

/* source.c: the same for the table of sources. */
void weir_sources_masks(struct weir *skel, const struct weir_loader_config *c);
int weir_sources_open(struct weir_loader *l, struct weir_error *e);
void weir_sources_close(struct weir_loader *l);

/* dest.c */
int weir_dests_size(struct weir *skel, int cpus); /* when the size of services is set */
void weir_dests_switches(struct weir *skel, const struct weir_loader_config *c);
int weir_dests_open(struct weir_loader *l, struct weir_error *e); /* after load */
void weir_dests_close(struct weir_loader *l);

/* evidence.c */
int weir_evidence_check(const struct weir_loader_config *c, struct weir_error *e);
int weir_evidence_sizes(struct weir *skel, const struct weir_loader_config *c); /* before load */
int weir_evidence_open(struct weir_loader *l, struct weir_error *e);
void weir_evidence_close(struct weir_loader *l);

/* pins.c */
int weir_pins_path(char ret[WEIR_PINS_PATH], const char *pins, const char *name,
                   struct weir_error *e);
int weir_pins_adopt(struct weir_loader *l, struct weir *skel,
                    struct weir_error *e);                       /* before load */
int weir_pins_save(struct weir_loader *l, struct weir_error *e); /* after load */
void weir_pins_link_name(char ret[64], const struct weir_attached_key *key);

/* prefix6.c */
int weir_prefix6_open(struct weir_loader *l, struct weir_error *e); /* after load */
void weir_prefix6_close(struct weir_loader *l);
void weir_prefix6_add(struct weir_loader *l, const struct weir_prefix *p); /* before its entry */
void weir_prefix6_removed(struct weir_loader *l); /* after an entry is gone */

/* attach.c */
int weir_attached_remove(int attached_fd, const char *pins, const struct weir_attached_key *key,
                         struct weir_error *e);

/* inbound.c: the interface is judged at ingress from now on. */
int weir_inbound_put(struct weir_loader *l, uint32_t ifindex);

/* veth.c: does the other end take what XDP sends? netns: its number here. */
#define WEIR_NETNS_HERE (-1)
bool weir_veth_takes(uint32_t peer, int32_t netns);

/* tc.c */
struct weir_tc {
    uint32_t ifindex;
    bool egress;
    uint32_t priority;
    uint32_t handle;
};
int weir_tc_attach(struct weir_tc *tc, int prog_fd, bool replace, bool *made_clsact);
int weir_tc_detach(const struct weir_tc *tc, bool remove_clsact);
