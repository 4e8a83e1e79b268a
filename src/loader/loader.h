/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The kernel host as user space sees it: load the programs, attach and swap them, write what they
 * obey, read what they count. The only room that knows libbpf, and nothing of it shows here.
 *
 * All functions return 0 or a negative errno and then say why in *e (which may be NULL), unless
 * their comment says otherwise. A struct weir_loader belongs to one thread.
 *
 * Pins: everything lives under one directory of a bpffs, so that it outlives this process: maps
 * under their names, attachments as link-<ifindex>-<hook>. A second weir_loader_new() on the same
 * directory adopts the maps with all they hold and swaps the programs. */

#include "abi/automaton.h"
#include "abi/ban.h"
#include "abi/counters.h"
#include "abi/event.h"
#include "abi/evidence.h"
#include "abi/hello.h"
#include "abi/incident.h"
#include "abi/policy.h"
#include "abi/target.h"
#include "abi/dest.h"
#include "base/addr.h"
#include "base/error.h"

#define WEIR_PINS_DEFAULT "/sys/fs/bpf/weir"
#define WEIR_PINS_PATH 256

enum weir_attach {
    WEIR_ATTACH_AUTO,        /* native XDP, else TC */
    WEIR_ATTACH_XDP,         /* native XDP or an error */
    WEIR_ATTACH_XDP_GENERIC, /* XDP behind the kernel's own copy of the packet */
    WEIR_ATTACH_TC,
    WEIR_ATTACH_MAX,
};

/* How a hook of an interface is attached; stored in the pinned table of attachments. */
enum weir_attached_kind {
    WEIR_ATTACHED_NONE,
    WEIR_ATTACHED_XDP,
    WEIR_ATTACHED_XDP_GENERIC,
    WEIR_ATTACHED_TCX,
    WEIR_ATTACHED_CLSACT,
};

/* What this kernel can do, found out by doing it. */
struct weir_probe {
    bool bpf;       /* a program can be loaded at all */
    bool xdp_frags; /* programs for multi-buffer frames */
    bool ring;      /* ring buffer */
    bool lpm;       /* longest-prefix map */
    bool tcx;       /* TC by link; else clsact */
    bool btf;       /* kernel type information, for kernel functions */
    int error;      /* errno of the program load when !bpf */
};

struct weir_loader_config {
    const char *pins;   /* directory on a bpffs, see weir_pins_prepare(); NULL: not pinned */
    uint64_t judged[2]; /* rows judged at ingress */
    uint64_t judged_egress[2];
    uint32_t bans;          /* entries per family; 0: default of bpf/maps.bpf.h, as below */
    uint32_t prefixes;      /* entries per family */
    uint32_t allows;        /* prefixes */
    uint32_t incidents;     /* entries, at least 256 per CPU */
    uint32_t flows;         /* records, power of two of at least 16 */
    uint32_t half_open;     /* likewise */
    uint32_t sources;       /* with evidence of scans, likewise */
    uint32_t dests;         /* likewise */
    uint32_t contents;      /* connections whose first bytes are remembered, likewise */
    uint32_t payloads;      /* connections whose first bytes are read at a time, likewise */
    uint32_t payload_depth; /* bytes of a direction that are read; 0: default 256 */
    uint32_t ring_high;     /* bytes, power of two and of the page size */
    uint32_t ring_bulk;
    uint32_t checksum_every;   /* verify one of so many segments, power of two; 0: default 16 */
    uint32_t drop_events;      /* records of dropped packets per second, hook and CPU; 0: none */
    uint32_t evidence_packets; /* whole ones of an incident; 0: no evidence */
    uint32_t evidence_recent;  /* heads that are kept, of each CPU, power of two; 0: none */
    bool hellos;               /* segments of TLS ClientHellos come as records, too */
    bool checksum_off;
    bool flows_off;         /* connections are not tracked */
    bool payload_off;       /* their payload is not read */
    bool content_off;       /* nor remembered, to compare it with what is sent again */
    bool scans_off;         /* no evidence of scans is kept */
    bool floods_off;        /* services are not watched, as with flows_off */
    uint32_t window_max;    /* seq.window_too_large beyond so many bytes; 0: none is */
    bool tunnels_off;       /* what is inside tunnels is not judged */
    bool no_incident_limit; /* tests: any number of new incidents per second */
    bool test_clock;        /* tests: the clock is what weir_loader_test_clock() says */
    bool no_tcx;            /* tests: clsact even where tcx works */
};

/* One attached hook. */
struct weir_attachment {
    uint32_t ifindex;
    uint32_t hook; /* enum weir_hook */
    uint32_t kind; /* enum weir_attached_kind */
    uint32_t tc_priority;
    uint32_t tc_handle;
    uint32_t made_clsact; /* the qdisc was not there before */
};

struct weir_loader;

int weir_probe_kernel(struct weir_probe *ret);

/* Where pins can live: *ret is preferred if that is on a bpffs (made when missing); else
 * STATE_DIR/bpf, where a bpffs is mounted when there is none; else "" (not an error: unpinned, and
 * *e says why). preferred may be NULL. */
int weir_pins_prepare(const char *preferred, const char *state_dir, char ret[WEIR_PINS_PATH],
                      struct weir_error *e);

/* Open, size, load; adopt what is pinned. -EPROTO: pins of another ABI, which are left alone. On
 * failure of the verifier *e ends with its last lines. *ret is owned: weir_loader_free(). */
int weir_loader_new(const struct weir_loader_config *config, struct weir_loader **ret,
                    struct weir_error *e);
/* Closes what is open. What is pinned goes on; what is not is detached. */
void weir_loader_free(struct weir_loader *l);
void weir_loader_freep(struct weir_loader **l);
bool weir_loader_adopted(const struct weir_loader *l);
/* Program instructions that the verifier processed, by hook; 0 when the kernel does not say. */
uint32_t weir_loader_verified(const struct weir_loader *l, enum weir_hook hook);

/* Attach to both directions of an interface, or swap the programs in when it is attached already.
 * -EMEDIUMTYPE: not an Ethernet interface. On failure the interface is as it was. *ret_why, when
 * not NULL, says why AUTO chose TC ("" when it did not). */
int weir_loader_attach(struct weir_loader *l, const char *interface, enum weir_attach how,
                       struct weir_error *ret_why, struct weir_error *e);
int weir_loader_detach(struct weir_loader *l, const char *interface, struct weir_error *e);
/* Detach all interfaces that this loader did not attach since it was made: left by an earlier one.
 */
int weir_loader_detach_others(struct weir_loader *l, struct weir_error *e);
/* After attaching and once a second: which interfaces are attached or stacked on one that is (VLAN,
 * bond, bridge), so that a forwarded packet is judged once, when it comes in. */
int weir_inbound_refresh(struct weir_loader *l, struct weir_error *e);
/* Does it reach anybody when a program at XDP sends a frame back there? As of then. */
bool weir_loader_answers(const struct weir_loader *l, uint32_t ifindex);
/* Fill up to max; returns how many there are, or -errno. */
int weir_loader_attachments(struct weir_loader *l, struct weir_attachment *ret, size_t max);
/* Detach and unpin all that is under the directory; needs no struct weir_loader. 0 also when there
 * is nothing. Foreign files in the directory are left, and the directory with them. */
int weir_pins_down(const char *pins, struct weir_error *e);

/* What the tables hold: the members of the configuration that are sizes. Adopted ones keep theirs.
 */
void weir_loader_sizes(const struct weir_loader *l, struct weir_loader_config *ret);

/* Sum over all CPUs. */
int weir_loader_counters(struct weir_loader *l, enum weir_hook hook, struct weir_counters *ret);
/* The same of one interface. */
int weir_loader_port(struct weir_loader *l, uint32_t ifindex, enum weir_hook hook,
                     struct weir_port *ret);

/* Put a policy in force, from one packet to the next: programs are loaded and swapped in when they
 * leave out rows that it judges, and the image that packets read is flipped last. On failure the
 * old policy holds as before. */
int weir_loader_image_apply(struct weir_loader *l, const struct weir_image *image,
                            struct weir_error *e);
/* The same in two steps: all that can fail, and the flip into this mode. What was prepared and is
 * not committed is forgotten with the next. */
int weir_loader_image_prepare(struct weir_loader *l, const struct weir_image *image,
                              struct weir_error *e);
void weir_loader_image_commit(struct weir_loader *l, enum weir_mode mode);
/* Afterwards, when the programs judge rows that the policy in force does not: leave these out
 * again. On failure they only cost their time. */
int weir_loader_image_trim(struct weir_loader *l, struct weir_error *e);
/* One zone alone, and no new programs: -ENOTSUP when these leave out rows that it judges. */
int weir_loader_policy_write(struct weir_loader *l, const struct weir_policy *policy,
                             struct weir_error *e);
/* Zone 0 of what is in force. */
void weir_loader_policy_read(const struct weir_loader *l, struct weir_policy *ret);
enum weir_mode weir_loader_mode(const struct weir_loader *l);
void weir_loader_mode_write(struct weir_loader *l, enum weir_mode mode);
/* The same through the pins, with no daemon alive. -ENOENT: nothing is pinned there. */
int weir_pins_mode_write(const char *pins, enum weir_mode mode, struct weir_error *e);

struct weir_ban_entry {
    struct weir_prefix prefix; /* 128 bits: one address */
    struct weir_ban ban;       /* packets is not read */
};

/* Enter or replace, all kinds and families mixed. Entries inside an allowed prefix are left out and
 * counted in *ret_allowed (may be NULL). -E2BIG or -ENOSPC: a map is full; entries before are in.
 */
int weir_bans_set(struct weir_loader *l, const struct weir_ban_entry *entries, size_t n,
                  size_t *ret_allowed, struct weir_error *e);
/* -ENOENT: there is no such entry. */
int weir_bans_remove(struct weir_loader *l, const struct weir_prefix *prefix);
/* Call for every ban and denied prefix, holes left out; stop when it returns non-zero and return
 * that. Entries that change during the walk may be missed or come twice. */
typedef int (*weir_ban_fn)(const struct weir_ban_entry *entry, void *arg);
int weir_bans_each(struct weir_loader *l, weir_ban_fn fn, void *arg);
/* Remove what expired before now_ns (monotonic clock); returns how many, or -errno. */
int weir_bans_expire(struct weir_loader *l, uint64_t now_ns);
/* Replace all that is denied. entries: sorted by address and length, each prefix once, of kind
 * DENY. What stays is never absent, keeps its count, and gives way to a ban of the same prefix
 * while that holds. On failure the old list holds. */
int weir_deny_set(struct weir_loader *l, const struct weir_ban_entry *entries, size_t n,
                  struct weir_error *e);
/* Replace the allow list: lifts bans inside it, opens holes in denied prefixes around it, which no
 * moment is without. On failure the old list holds. Denied entries that it no longer hides come
 * back with the next weir_deny_set(). */
int weir_allow_set(struct weir_loader *l, const struct weir_prefix *allow, size_t n,
                   struct weir_error *e);
/* The allowed prefix that holds the address. -ENOENT: there is none. */
int weir_allow_find(const struct weir_loader *l, const uint8_t addr[16], struct weir_prefix *ret);
/* Would both lists fit, in place of those that are in? Changes nothing. */
int weir_lists_check(struct weir_loader *l, const struct weir_prefix *allow, size_t allows,
                     const struct weir_ban_entry *deny, size_t denies, struct weir_error *e);
/* Replace the addresses of this machine, at most WEIR_OWN_MAX. */
int weir_own_set(struct weir_loader *l, const uint8_t (*addr)[16], size_t n, struct weir_error *e);

/* The patterns of a lane (enum weir_lane): an automaton with its signatures in place of the one
 * before, between two packets. a NULL: none. Copied; at most WEIR_PATTERNS_BYTES. */
int weir_loader_patterns_set(struct weir_loader *l, uint32_t lane, const struct weir_automaton *a,
                             size_t bytes, struct weir_error *e);

/* The tables of connections: shared with the running programs, which go on writing. Valid until the
 * loader is freed. */
enum weir_flow_table_id {
    WEIR_FLOW_TABLE_OPEN,
    WEIR_FLOW_TABLE_HALF,
    WEIR_FLOW_TABLES,
};
struct weir_flow_table {
    struct weir_ways *ways;
    struct weir_flow_set *set;
    uint32_t sets; /* of both */
};
const struct weir_flow_table *weir_flows_table(const struct weir_loader *l,
                                               enum weir_flow_table_id which);

/* The table of sources, likewise. */
struct weir_source_table {
    struct weir_ways *ways;
    struct weir_source_set *set;
    struct weir_gate *gate; /* sets * WEIR_WAYS * 8 */
    uint32_t sets;
    struct weir_target *target; /* WEIR_TARGETS */
    struct weir_twin *twin;     /* WEIR_TWINS */
};
const struct weir_source_table *weir_sources_table(const struct weir_loader *l);
/* The table of targets, mapped; see abi/dest.h. */
struct weir_dest_set *weir_dests_table(struct weir_loader *l, uint32_t *ret_n);
/* What each CPU counted for its records: index * *ret_cpus + CPU. */
const struct weir_dest_cpu *weir_dests_parts(struct weir_loader *l, uint32_t *ret_cpus);
/* All that was learned and all that runs is forgotten, without a word. */
void weir_dests_forget(struct weir_loader *l);
/* From then on (monotonic clock) what looks out of place is not older than weir. */
void weir_flood_settled(struct weir_loader *l, uint64_t ns);
/* Once a second: turns of targets that no packet wakes, ends of their incidents, all of them with
 * `all`. What is owed goes to the ring. */
int weir_flood_sweep(struct weir_loader *l, bool all);
/* By which places in all these tables are found. Borrowed. */
const struct weir_hash_key *weir_loader_hash_key(const struct weir_loader *l);
/* Before the first packet: what is kept over a reboot was hashed with it. */
void weir_loader_hash_key_set(struct weir_loader *l, const struct weir_hash_key *key);

/* Becomes readable when events of high severity wait, or many others; reading each 100 ms as well
 * brings the rest. Borrowed. */
int weir_events_fd(struct weir_loader *l);
/* Hand all that waits to fn, unchecked: record and length as they stand in the ring, findings,
 * whole packets, ClientHellos. Returns how many, or -errno. */
typedef void (*weir_event_fn)(const void *record, size_t len, void *arg);
int weir_events_read(struct weir_loader *l, weir_event_fn fn, void *arg);
/* Heads of packets before that time, at most weir_recent_size() of them, in any order; returns how
 * many. 0 without evidence. */
size_t weir_recent_size(const struct weir_loader *l);
size_t weir_recent_read(const struct weir_loader *l, uint64_t before_ns, struct weir_recent *ret);
/* Once a second: hand fn a last event (WEIR_EVENT_FINAL) for every incident that is over and still
 * owes its exact count, and forget those that are over. all: every incident counts as over.
 * Returns how many incidents still run, or -errno. */
int weir_events_sweep(struct weir_loader *l, uint64_t now_ns, bool all, weir_event_fn fn,
                      void *arg);

/* Call for every running incident; stop when it returns non-zero and return that. Those that change
 * during the walk may be missed or come twice. */
typedef int (*weir_incident_fn)(const struct weir_incident_key *key, const struct weir_incident *in,
                                void *arg);
int weir_incidents_each(struct weir_loader *l, weir_incident_fn fn, void *arg);

/* Tests: clock and randomness of programs loaded with test_clock; one frame through a program. */
void weir_loader_test_clock(struct weir_loader *l, uint64_t now_ns, uint64_t random);
/* frame: at least 14 bytes (the kernel's rule). *ret_verdict: the program's return value. */
int weir_loader_test_run(struct weir_loader *l, enum weir_hook hook, const void *frame, size_t len,
                         uint32_t *ret_verdict);
/* The same, and what the program left of the frame. *ret_len: room in ret_frame, then its length.
 */
int weir_loader_test_answer(struct weir_loader *l, enum weir_hook hook, const void *frame,
                            size_t len, uint32_t *ret_verdict, void *ret_frame, size_t *ret_len);
