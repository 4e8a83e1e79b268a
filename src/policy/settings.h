/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A policy as C sees it: every value checked against schema.c, defaults filled in, lists read.
 * Adding a key is a row there and a field here. */

#include "abi/policy.h"
#include "base/addr.h"
#include "base/json.h"
#include "policy/bundle.h"
#include "policy/node.h"
#include "policy/value.h"

#define WEIR_UNSET UINT64_MAX   /* a number or choice that was not given and has no default */
#define WEIR_PREFIX_NONE 255    /* struct weir_prefix.bits, likewise */
#define WEIR_LISTED_MAX 1000000 /* prefixes of one kind, lists included */

/* Elements begin with the place where they were written. */
#define WEIR_LIST(type)                                                                            \
    struct {                                                                                       \
        type *v;                                                                                   \
        size_t n;                                                                                  \
    }

struct weir_interface_setting {
    struct weir_place at;
    const char *match;
    uint64_t attach; /* enum weir_attach_setting */
};

enum weir_attach_setting {
    WEIR_ATTACH_SETTING_AUTO,
    WEIR_ATTACH_SETTING_XDP,
    WEIR_ATTACH_SETTING_XDP_GENERIC,
    WEIR_ATTACH_SETTING_TC,
};

struct weir_detection_setting {
    struct weir_place at;
    uint64_t row;    /* enum weir_row */
    uint64_t action; /* enum weir_action */
    uint64_t for_s;  /* WEIR_UNSET: bans.for */
};

struct weir_zone_setting {
    struct weir_place at;
    const char *name;
    uint64_t vlan;         /* WEIR_UNSET: any */
    const char *interface; /* NULL: any */
    uint64_t check;        /* enum weir_check */
    uint64_t mode;         /* WEIR_UNSET: that of the policy */
    WEIR_LIST(struct weir_detection_setting) detections;
};

struct weir_port_setting {
    struct weir_place at;
    uint64_t port;
};

struct weir_pattern_setting {
    struct weir_place at;
    const char *name;
    const char *text;  /* one of these */
    const char *bytes; /* in hexadecimal */
    uint64_t ignore_case;
    WEIR_LIST(struct weir_port_setting) ports; /* of the server; none: any */
    uint64_t direction;                        /* enum weir_signature_direction */
    uint64_t action;                           /* enum weir_signature_action */
    const uint8_t *data;                       /* what text or bytes say */
    size_t len;
};

enum weir_client_action {
    WEIR_CLIENT_ALERT, /* what the zone says of payload.signature */
    WEIR_CLIENT_BAN,
};

/* TLS clients by what they say of themselves. */
struct weir_tls_setting {
    struct weir_place at;
    const char *name;
    const char *sni; /* "host.example", or "*.example": any name below it */
    const char *ja3;
    const char *ja4;
    uint64_t action; /* enum weir_client_action */
};

struct weir_source_setting {
    struct weir_place at;
    struct weir_prefix prefix; /* or */
    const char *file;
    const char *reason; /* deny alone */
    const char *name;   /* allow alone, with prefix; NULL: none */
};

struct weir_listen_setting {
    struct weir_place at;
    struct weir_listen listen;
};

struct weir_service_setting {
    struct weir_place at;
    const char *name;
    WEIR_LIST(struct weir_listen_setting) listen;
};

/* May net.ipv4.tcp_syncookies be changed? */
enum weir_cookies_sysctl {
    WEIR_COOKIES_SYSCTL_KEEP,
    WEIR_COOKIES_SYSCTL_SET,
};

enum weir_never_kind {
    WEIR_NEVER_PREFIX,
    WEIR_NEVER_GATEWAY,
    WEIR_NEVER_RESOLVERS,
    WEIR_NEVER_MANAGEMENT,
    WEIR_NEVER_MAX,
};

struct weir_never {
    uint64_t kind; /* enum weir_never_kind */
    struct weir_prefix prefix;
};

struct weir_never_setting {
    struct weir_place at;
    struct weir_never never;
};

/* A prefix of allow, deny or protect, wherever it was written. */
struct weir_listed {
    struct weir_prefix prefix;
    uint16_t item; /* of the list in the policy, from 0 */
};

struct weir_listed_set {
    struct weir_listed *v; /* sorted by address and length, each once */
    size_t n;
};

struct weir_settings {
    uint64_t mode; /* enum weir_mode */
    WEIR_LIST(struct weir_interface_setting) interfaces;
    WEIR_LIST(struct weir_zone_setting) zones; /* zone n of an image is v[n - 1] */
    WEIR_LIST(struct weir_source_setting) allow;
    WEIR_LIST(struct weir_source_setting) deny;
    WEIR_LIST(struct weir_source_setting) protect;
    WEIR_LIST(struct weir_service_setting) services;
    WEIR_LIST(struct weir_detection_setting) detections;
    WEIR_LIST(struct weir_pattern_setting) patterns;
    WEIR_LIST(struct weir_tls_setting) tls;
    struct {
        uint64_t when;   /* enum weir_cookies */
        uint64_t sysctl; /* enum weir_cookies_sysctl */
    } cookies;
    struct {
        uint64_t for_s;
        uint64_t max_per_minute;
        uint64_t escalate; /* hundredths */
        WEIR_LIST(struct weir_never_setting) never;
    } bans;
    struct {
        uint64_t bans;
        uint64_t prefixes;
        uint64_t allow;
        uint64_t incidents;
        uint64_t flows;
        uint64_t half_open;
        uint64_t contents;
        uint64_t payloads;
        uint64_t events_high;
        uint64_t events_bulk;
    } limits;
    struct {
        uint64_t recent;
        uint64_t packets;
        uint64_t file;
        uint64_t keep;
        uint64_t age_s;
    } evidence;
    struct weir_listed_set allowed;
    struct weir_listed_set denied;
    struct weir_listed_set protected;
    /* Where it all comes from. */
    struct weir_bundle bundle;
    const struct weir_node *root;
    struct weir_arena arena;
};

/* Read and check. On success *b moves into *ret, which is owned: weir_settings_free(). -EBADMSG:
 * what is wrong is in *f, and *b stays the caller's. -ENOMEM. */
int weir_settings_read(struct weir_bundle *b, struct weir_settings **ret, struct weir_faults *f);
/* From a file and the lists that it names. -EBADMSG and -errno: lines that say why are added to
 * *why. */
int weir_settings_open(const char *path, struct weir_settings **ret, struct weir_buf *why);
/* The defaults alone: what holds without a policy. */
int weir_settings_default(struct weir_settings **ret);
void weir_settings_free(struct weir_settings *s);
void weir_settings_freep(struct weir_settings **s);

/* What the policy calls a source that it allows; NULL: nothing. Borrowed. */
const char *weir_allowed_name(const struct weir_settings *s, const uint8_t addr[16]);
/* Was the top-level key written? */
bool weir_settings_states(const struct weir_settings *s, const char *key);
/* "FILE:LINE:COLUMN: text", a line each, and how many there are beyond. */
void weir_faults_write(const struct weir_faults *f, const struct weir_bundle *b,
                       struct weir_buf *out);
/* The same as an array "errors" of {file, line, column, text}. */
void weir_faults_json(const struct weir_faults *f, const struct weir_bundle *b,
                      struct weir_json *j);
/* Lines "KEY: VALUE  # FILE:LINE:COLUMN", or "# default". */
void weir_settings_show(const struct weir_settings *s, struct weir_buf *out);
/* An array "keys" of {key, value, file, line, column, default}, and how many prefixes are listed.
 */
void weir_settings_json(const struct weir_settings *s, struct weir_json *j);
/* Markdown table of all keys. */
void weir_settings_reference(struct weir_buf *out);
/* The same as member "keys" of an object. */
void weir_settings_reference_json(struct weir_json *j);
