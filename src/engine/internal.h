/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Shared within the engine. */

#include <time.h>

#include "abi/ban.h"
#include "abi/control.h"
#include "analytics/pressure.h"
#include "base/cleanup.h"
#include "engine/engine.h"
#include "engine/never.h"
#include "engine/offenders.h"

/* What the kernel's table of bans has no room for. */
struct weir_note {
    struct weir_prefix prefix;
    uint64_t expires_s; /* epoch; 0: never */
    enum weir_ban_scope scope;
    char reason[WEIR_BAN_REASON];
};

/* cookies.c: net.ipv4.tcp_syncookies while it is not as it was found. */
struct weir_syncookies {
    char path[WEIR_PINS_PATH]; /* of the note */
    bool set_by_us;
    int found;
    int set;
    int refused; /* could not be set to that */
};

struct weir_engine {
    struct weir_loader *loader;
    char pins[WEIR_PINS_PATH]; /* "" when unpinned */
    char notes_path[WEIR_PINS_PATH];
    char usual_path[WEIR_PINS_PATH];
    uint64_t usual_ns; /* monotonic: when it was written */
    bool adopted;
    uint64_t started_ns;      /* epoch */
    uint64_t clock_offset_ns; /* epoch minus monotonic clock */
    uint64_t bad_records;
    uint64_t lost_lines;
    weir_engine_event_fn event;
    weir_engine_flow_fn flow;
    weir_engine_tls_fn tls;
    weir_engine_scan_fn scan;
    struct weir_scans *scans; /* owned */
    struct {
        char path[WEIR_PINS_PATH];
        uint64_t at_ns; /* monotonic: when it was written last */
    } suspects;
    bool listens; /* the caller has this engine: until then events wait in the rings */
    void *arg;
    struct weir_buf remarks;
    struct weir_note *note;
    size_t notes;
    uint8_t own[WEIR_OWN_MAX][16];
    size_t owns;
    struct weir_settings *settings; /* in force; owned */
    char policy_path[WEIR_PINS_PATH];
    uint64_t applied_ns; /* epoch; 0: these are the defaults */
    uint32_t epoch;      /* of the patterns, see apply.c */
    uint32_t zone_ifindex[WEIR_ZONES];
    struct weir_never_set never;
    uint64_t never_ns; /* monotonic: when it was collected */
    struct weir_pressure_watch pressure;
    struct weir_offenders offenders;
    struct {
        uint64_t made;
        uint64_t spared;     /* by bans.never or the allow list */
        uint64_t doubted;    /* a scan's source that may be forged, or too little evidence */
        uint64_t lifted;     /* made for who was a decoy */
        uint64_t over_limit; /* bans.max_per_minute */
        uint64_t over_limit_told;
        uint64_t told_ns;
        uint64_t failed;   /* the kernel's table would not take it */
        uint64_t not_kept; /* no room in the file: they end with the next boot */
    } sentences;
    struct weir_syncookies syncookies;
    bool notes_dirty;             /* the file is behind */
    struct weir_live *live;       /* owned */
    struct weir_hellos *hellos;   /* owned; NULL: nobody wants them */
    struct weir_repeats *repeats; /* owned, with hellos: of clients that the policy looks for */
    uint64_t tls_found;
    struct weir_keeper *keeper; /* owned; NULL: no evidence is kept */
};

static inline uint64_t weir_clock_ns(clockid_t clock)
{
    struct timespec t;

    (void)clock_gettime(clock, &t); /* these clocks exist */
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void weir_prefix_format(const struct weir_prefix *p, char text[WEIR_ADDR_TEXT + 4]);

/* status.c: "#7" when it went away. text: IF_NAMESIZE. */
const char *weir_interface_name(uint32_t ifindex, char *text);

/* flows.c: connections that end, and services. */
int weir_live_new(struct weir_engine *g, struct weir_error *e);
void weir_live_free(struct weir_engine *g);
struct weir_services *weir_live_services(struct weir_engine *g); /* borrowed */
/* A record from the ring. False: it is none of a connection that this build can read. */
bool weir_live_record(struct weir_engine *g, const void *record, size_t len);
int weir_live_finish(struct weir_engine *g);
void weir_live_status_write(struct weir_engine *g, struct weir_json *j); /* a member "flows" */

/* scans.c */
int weir_engine_scans_new(struct weir_engine *g, struct weir_error *e);
/* Evidence of slow scans, from the file when the table is new, and into it: now and then, and at
 * the end. */
int weir_suspects_start(struct weir_engine *g, const char *state_dir, struct weir_error *e);
int weir_suspects_tick(struct weir_engine *g, uint64_t now_ns, struct weir_error *e);
int weir_suspects_save(struct weir_engine *g, struct weir_error *e);
/* Once a second: bans of those that go on. */
void weir_engine_scans_review(struct weir_engine *g);
void weir_scans_status_write(const struct weir_engine *g, struct weir_json *j); /* member "scans" */
/* The kernel's record of a source, NULL without one. Borrowed, and written meanwhile. */
const struct weir_source *weir_engine_source(const struct weir_engine *g, const uint8_t addr[16]);

/* evidence.c: files of packets about incidents. dir NULL: none. */
void weir_keeper_configure(const struct weir_settings *s, const char *dir,
                           struct weir_loader_config *ret);
int weir_keeper_new(struct weir_engine *g, const struct weir_settings *s, const char *dir,
                    struct weir_error *e);
void weir_keeper_free(struct weir_engine *g);
/* A record from the ring. False: it is no packet that this build can read. */
bool weir_keeper_record(struct weir_engine *g, const void *record, size_t len);
int weir_keeper_tick(struct weir_engine *g, uint64_t now_ns, struct weir_error *e);
void weir_keeper_status_write(const struct weir_engine *g, struct weir_json *j);

/* hellos.c: what TLS clients say. */
int weir_engine_hellos_new(struct weir_engine *g, bool wanted, struct weir_error *e);
void weir_engine_hellos_free(struct weir_engine *g);
void weir_engine_hellos_finish(struct weir_engine *g);
/* Whether the policy looks for clients that this process is not told of. */
void weir_engine_hellos_remark(const struct weir_engine *g, struct weir_buf *remarks);
/* A record from the ring. False: it is no segment that this build can read. */
bool weir_engine_hello_record(struct weir_engine *g, const void *record, size_t len);
void weir_engine_hellos_tick(struct weir_engine *g, uint64_t now_ns);
void weir_engine_hellos_status_write(const struct weir_engine *g, struct weir_json *j);

/* own.c: the addresses of this network namespace, when they changed. */
int weir_own_refresh(struct weir_engine *g, struct weir_error *e);

/* notes.c: the bans of the operator in a file of the state directory. */
int weir_notes_load(struct weir_engine *g, const char *state_dir, struct weir_error *e);
int weir_notes_save(const struct weir_engine *g, struct weir_error *e);
struct weir_note *weir_notes_find(struct weir_engine *g, const struct weir_prefix *prefix);
int weir_notes_put(struct weir_engine *g, const struct weir_note *note, struct weir_error *e);
void weir_notes_remove(struct weir_engine *g, const struct weir_prefix *prefix);
/* Forget those that are over. */
void weir_notes_prune(struct weir_engine *g, uint64_t now_s);
bool weir_reason_valid(const char *reason);

/* floods.c: what is usual, in a file of the state directory. */
int weir_usual_start(struct weir_engine *g, const char *state_dir, struct weir_error *e);
int weir_usual_keep(struct weir_engine *g);
int weir_usual_tick(struct weir_engine *g, uint64_t now_ns, struct weir_error *e);

/* cookies.c: what an instance before left changed is taken over; then, once a second and with each
 * policy, what the policy wants of it; and at the end what was found. */
int weir_cookies_start(struct weir_engine *g, const char *state_dir, struct weir_error *e);
int weir_cookies_refresh(struct weir_engine *g, struct weir_error *e);
void weir_cookies_end(struct weir_engine *g);
int weir_cookies_down(const char *state_dir, struct weir_error *e); /* with no instance alive */
/* Why there will be none, a line each. */
void weir_cookies_remark(struct weir_engine *g, struct weir_buf *remarks);
void weir_cookies_status_write(struct weir_engine *g, struct weir_json *j); /* member "cookies" */

/* sentence.c: a finding came; ban its source if that is what policy says. */
void weir_sentence_event(struct weir_engine *g, const struct weir_event *ev);
/* A TLS client that the policy looks for, with the action of its entry: ban its source, if that is
 * what it says and the zone enforces. */
void weir_sentence_client(struct weir_engine *g, const struct weir_event *ev);
/* What the event's zone says of its row. */
enum weir_action weir_sentence_action(const struct weir_engine *g, const struct weir_event *ev);
/* More is known of a scan: bans of new connections alone become whole where its source is proven,
 * and are lifted from decoys. */
void weir_sentences_review(struct weir_engine *g, const struct weir_scan_incident *scan);
/* A member of an object. */
void weir_sentences_write(const struct weir_engine *g, struct weir_json *j);

/* apply.c: put settings in force, on the wire first, then in *g, which takes them over. */
int weir_policy_enter(struct weir_engine *g, struct weir_settings **s, enum weir_mode mode,
                      struct weir_buf *remarks, struct weir_error *e);
/* A zone's interface may come, go, or come back as another. */
int weir_zones_refresh(struct weir_engine *g, struct weir_error *e);

/* pressure.c: what the kernel host lost for want of room. */
int weir_engine_pressure_start(struct weir_engine *g);
int weir_engine_pressure_look(struct weir_engine *g, uint64_t now_ns);
void weir_engine_pressure_end(struct weir_engine *g);
/* Of a row that judges no packet: zone 0's, what the host sees is everybody's. */
enum weir_action weir_engine_host_action(struct weir_engine *g, enum weir_row row);

/* interfaces.c: what to attach to: the operator's choice, else the policy's. Returns how many. */
struct weir_wanted {
    char name[16]; /* IF_NAMESIZE */
    enum weir_attach how;
};
int weir_interfaces_wanted(const struct weir_engine_config *c, const struct weir_settings *s,
                           struct weir_wanted ret[WEIR_INTERFACES_MAX], struct weir_buf *remarks,
                           struct weir_error *e);

/* kept.c: the policy in a file of the state directory. *ret NULL: there is none. */
int weir_kept_load(struct weir_engine *g, const char *state_dir, struct weir_settings **ret,
                   struct weir_error *e);
/* In two steps, so that what fails does so before the policy is in force. */
int weir_kept_prepare(struct weir_engine *g, const struct weir_settings *s, struct weir_error *e);
int weir_kept_commit(struct weir_engine *g, struct weir_error *e);

/* bans.c: enter those of the file that the kernel does not hold: it was rebooted. */
int weir_bans_restore(struct weir_engine *g, struct weir_error *e);
/* Why it was entered, for people. Borrowed, or in text. */
#define WEIR_LIST_TEXT 32
const char *weir_ban_reason(struct weir_engine *g, const struct weir_ban_entry *entry,
                            char text[WEIR_LIST_TEXT]);
/* Members of an object that the caller opened. */
void weir_ban_write(struct weir_engine *g, struct weir_json *j, const struct weir_ban_entry *entry,
                    uint64_t now_ns);
