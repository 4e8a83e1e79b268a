/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One running inspection: programs loaded and attached, the policy they obey, the events they send,
 * the bans. Functions return 0 or a negative errno and then say why in *e, unless their comment
 * says otherwise. One thread; nothing here waits or prints. */

#include "abi/scan.h"
#include "analytics/floods.h"
#include "analytics/services_write.h"
#include "analytics/usual.h"
#include "base/addr.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "loader/loader.h"
#include "policy/settings.h"

#define WEIR_INTERFACES_MAX 64
#define WEIR_BAN_REASON 128  /* bytes of text, with its end */
#define WEIR_BANS_NOTED 4096 /* bans of the operator */
#define WEIR_MODE_KEEP WEIR_MODE_MAX
#define WEIR_DROP_EVENTS 100 /* with log_drops: per second, CPU and hook */

struct weir_engine;

typedef void (*weir_engine_event_fn)(const struct weir_event *ev, void *arg);
typedef void (*weir_engine_flow_fn)(const struct weir_flow_event *ev, void *arg);
typedef void (*weir_engine_tls_fn)(const struct weir_tls_event *ev, void *arg);
typedef void (*weir_engine_scan_fn)(const struct weir_scan_incident *scan, void *arg);

struct weir_engine_config {
    const char *state_dir; /* exists */
    const char *const *interfaces;
    size_t n; /* at most WEIR_INTERFACES_MAX; 0: those of the policy */
    enum weir_attach attach;
    bool log_drops;             /* events of type WEIR_EVENT_DROP, too */
    const char *evidence;       /* directory for packets of incidents; NULL: none are kept */
    enum weir_mode mode;        /* WEIR_MODE_KEEP: as pinned, observe without pins */
    weir_engine_event_fn event; /* every finding, in the order of their arrival */
    weir_engine_flow_fn flow;   /* every connection that ended; NULL: nobody wants them */
    weir_engine_tls_fn tls;     /* every ClientHello; NULL: nobody wants them */
    weir_engine_scan_fn scan;   /* when a scan opens, grows, or is over; NULL: nobody wants it */
    void *arg;
    /* To be put in force; taken over. NULL: what was in force last, else the defaults. The same as
     * what was in force last is no change: then the mode stays as pinned, too. */
    struct weir_settings **policy;
};

/* Load or adopt, then attach: when it returns 0 every packet is judged. A failure leaves an adopted
 * instance as it was, and of a new one nothing. */
int weir_engine_new(const struct weir_engine_config *config, struct weir_engine **ret,
                    struct weir_error *e);
/* What is pinned goes on, the rest is detached. */
void weir_engine_free(struct weir_engine *g);
void weir_engine_freep(struct weir_engine **g);

/* Remarks for the operator from weir_engine_new(), a line each: "" when all went as asked. */
const struct weir_buf *weir_engine_notes(const struct weir_engine *g);
/* "eth0 ingress=xdp egress=tcx mode=observe pins=DIR adopted=no" */
void weir_engine_describe(struct weir_engine *g, struct weir_buf *out);

/* Readable when events wait; read each 100 ms as well. Borrowed. */
int weir_engine_fd(struct weir_engine *g);
/* Returns how many records there were, or -errno. */
int weir_engine_read(struct weir_engine *g);
/* What the operator should know since this was asked last: a line each, false without any. */
bool weir_engine_remark(struct weir_engine *g, struct weir_buf *out);
/* Each 100 ms: a part of the tables of connections, all of them about once a second. */
void weir_engine_sweep(struct weir_engine *g);
/* Once a second: last events of what is over, expired bans, own addresses, zones' interfaces. */
int weir_engine_tick(struct weir_engine *g, struct weir_error *e);
/* The last events of all that still runs; of connections only where nothing is pinned. And what the
 * next boot is to know of scans. */
int weir_engine_finish(struct weir_engine *g, struct weir_error *e);

void weir_engine_eve_write(struct weir_engine *g, const struct weir_event *ev,
                           struct weir_buf *out);
void weir_engine_flow_write(struct weir_engine *g, const struct weir_flow_event *ev,
                            struct weir_buf *out);
void weir_engine_tls_write(struct weir_engine *g, const struct weir_tls_event *ev,
                           struct weir_buf *out);
void weir_engine_tls_text(struct weir_engine *g, const struct weir_tls_event *ev,
                          struct weir_buf *out);
void weir_engine_scan_write(struct weir_engine *g, const struct weir_scan_incident *scan,
                            struct weir_buf *out);
void weir_engine_scan_text(struct weir_engine *g, const struct weir_scan_incident *scan,
                           struct weir_buf *out);
void weir_engine_text_write(struct weir_engine *g, const struct weir_event *ev,
                            struct weir_buf *out);

/* n: lines of output so far that were lost; status and top show it. */
void weir_engine_lost_lines(struct weir_engine *g, uint64_t n);
/* Members of an object that the caller opened. */
int weir_engine_status_write(struct weir_engine *g, struct weir_json *j, struct weir_error *e);
/* A member "bans": an array. */
int weir_engine_bans_write(struct weir_engine *g, struct weir_json *j);

/* Which of the connections that go on. */
enum weir_flow_sort {
    WEIR_FLOWS_BY_BYTES,
    WEIR_FLOWS_BY_RTT, /* both sides added */
    WEIR_FLOWS_BY_RETRANSMITTED,
    WEIR_FLOWS_BY_ZERO_WINDOW,
    WEIR_FLOWS_BY_AGE,
    WEIR_FLOWS_BY_ACTIVE, /* those with a packet in the last seconds, then by bytes */
    WEIR_FLOWS_SORTS,
};
#define WEIR_FLOWS_WRITTEN 1000 /* at most */
struct weir_flow_query {
    enum weir_flow_sort sort;
    size_t max;     /* at least 1 */
    bool half_open; /* those that are not established, too */
    bool has_addr;  /* of one end */
    bool has_port;
    uint8_t addr[16];
    uint16_t port;
};
/* "bytes" "rtt" "retransmitted" "zero_window" "age" "active". 0, or -EINVAL. */
int weir_flow_sort_parse(const char *text, enum weir_flow_sort *ret);
/* Members "flows": an array, the largest first; "flows_seen", of how many; "flows_busy": not read
 * because packets came all the while; "places_unlooked": of a table too large for one answer. */
int weir_engine_flows_write(struct weir_engine *g, const struct weir_flow_query *q,
                            struct weir_json *j, struct weir_error *e);
/* Members of weir_floods_write(), at most max. */
int weir_engine_floods_write(struct weir_engine *g, size_t max, struct weir_json *j,
                             struct weir_error *e);
/* All that was learned and all that runs, also for the next start. */
int weir_engine_floods_forget(struct weir_engine *g, struct weir_error *e);
/* What was learned elsewhere or before. -EINVAL for what no table can hold; *ret_taken: there was
 * room for so many. */
int weir_engine_usual_teach(struct weir_engine *g, const struct weir_usual *u, size_t n,
                            size_t *ret_taken);
/* Members of weir_services_write(), or with text a table as member "text"; and as above
 * "services_flows_busy", "services_places_unlooked". */
void weir_engine_services_write(struct weir_engine *g, enum weir_service_sort sort, size_t max,
                                bool text, struct weir_json *j);

/* What a client wants explained: a source, or its traffic to a destination. */
struct weir_question {
    uint8_t addr[16];
    uint8_t dest[16];
    uint16_t port;
    uint16_t dest_port;
    bool has_port;
    bool has_dest;
    bool has_dest_port;
};
/* Members "address", "because": an array of rows with topic and text, "verdict". Walks all bans and
 * incidents. */
int weir_engine_explain(struct weir_engine *g, const struct weir_question *q, struct weir_json *j,
                        struct weir_error *e);
/* Members of `weir status`, the clock, incidents with the most packets, bans that met the most,
 * services and connections: what rates are made of. */
int weir_engine_top_write(struct weir_engine *g, struct weir_json *j, struct weir_error *e);
/* Put a policy in force, as a whole or not at all; takes it over when it returns 0. What the
 * operator should know is appended to remarks, a line each. */
int weir_engine_policy_apply(struct weir_engine *g, struct weir_settings **s,
                             struct weir_buf *remarks, struct weir_error *e);
/* Members of an object: the policy in force, with where each value comes from, and "text": the same
 * for people. */
int weir_engine_policy_write(struct weir_engine *g, struct weir_json *j, struct weir_error *e);
const char *
weir_engine_policy_name(const struct weir_engine *g); /* its file; "" for the defaults */

void weir_engine_mode_write(struct weir_engine *g, enum weir_mode mode);
const char *weir_mode_name(unsigned mode); /* "observe" "enforce"; "unknown" */
int weir_mode_parse(const char *text, enum weir_mode *ret);

/* May this not be banned, by bans.never of the policy? Then 1, and *e says why; else 0, or -ENOMEM.
 * Whoever bans asks first: operators here below, detections for each ban. */
int weir_engine_never(struct weir_engine *g, const struct weir_prefix *prefix,
                      struct weir_error *e);
/* seconds 0: until lifted. reason: at most WEIR_BAN_REASON - 1 bytes, no control characters. force:
 * do not ask weir_engine_never(). -EEXIST: inside the allow list, or never to be banned. */
int weir_engine_ban(struct weir_engine *g, const struct weir_prefix *prefix, uint64_t seconds,
                    enum weir_ban_scope scope, const char *reason, bool force,
                    struct weir_error *e);
const char *weir_scope_name(unsigned scope); /* "all" "tcp" "new" */
/* -ENOENT: there is no such ban. */
int weir_engine_unban(struct weir_engine *g, const struct weir_prefix *prefix,
                      struct weir_error *e);

/* Without a running instance, through the pins of a state directory. */
int weir_engine_down(const char *state_dir, struct weir_error *e);
/* -ENOENT: nothing is pinned. */
int weir_engine_mode_pinned(const char *state_dir, enum weir_mode mode, struct weir_error *e);

#define WEIR_STATE_DIR "/run/weir"
