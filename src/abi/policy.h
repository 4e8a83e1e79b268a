/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* The compiled policy: what the inspection core asks once per packet that has a hit. Built by
 * src/policy for the rows of one build (WEIR_ROWS says which), never stored. */

#include "abi/detection.h"

enum weir_mode {
    WEIR_MODE_OBSERVE, /* verdicts are computed, counted and reported, nothing is dropped */
    WEIR_MODE_ENFORCE,
    WEIR_MODE_MAX,
};

enum weir_check {
    WEIR_CHECK_STRICT,
    WEIR_CHECK_LIBERAL, /* connections of which one direction or the start is not seen are ordinary
                         */
    WEIR_CHECK_MAX,
};

/* When SYNs are answered with cookies. */
enum weir_cookies {
    WEIR_COOKIES_OFF,
    WEIR_COOKIES_ALWAYS, /* whenever the listener's kernel makes one */
    WEIR_COOKIES_AUTO,   /* the same, while its service is under attack */
    WEIR_COOKIES_MAX,
};

#define WEIR_ROWS WEIR_ROW_MAX
#define WEIR_ZONES 64 /* zone 0 is the traffic that no zone of the policy matches */

/* One zone in one mode. Sets of rows are bits, 64 to a word, as in struct weir_rows. */
struct weir_policy {
    __u32 mode;       /* enum weir_mode */
    __u32 rows;       /* WEIR_ROWS of the build that made it: a host refuses another */
    __u32 zone;       /* its number */
    __u16 check;      /* enum weir_check */
    __u16 cookies;    /* enum weir_cookies */
    __u64 judged[2];  /* action above OFF */
    __u64 finding[2]; /* action ALERT and above */
    __u64 drop[2];    /* action that drops the packet */
    __u8 action[128]; /* enum weir_action by row */
};
_Static_assert(sizeof(struct weir_policy) == 192, "ABI: policy");
_Static_assert(__builtin_offsetof(struct weir_policy, action) == 64, "ABI: policy action");

/* Which packets are in a zone. */
struct weir_zone_rule {
    __u32 ifindex; /* 0: any interface */
    __u16 vlan;    /* outer id; 0: any, untagged included */
    __u16 zone;
};
_Static_assert(sizeof(struct weir_zone_rule) == 8, "ABI: zone rule");

/* A whole policy on its way from src/policy to a host. */
struct weir_image {
    __u32 mode;  /* enum weir_mode that it is to be in force in */
    __u32 zones; /* with zone 0 */
    __u32 rules;
    __u32 _pad;
    struct weir_zone_rule rule[WEIR_ZONES];
    struct weir_policy zone[2][WEIR_ZONES]; /* by enum weir_mode */
};
_Static_assert(sizeof(struct weir_image) == 25104, "ABI: image");

/* Key of the kernel's map of zones: rules of both images side by side. */
struct weir_zone_key {
    __u32 ifindex;
    __u16 vlan;
    __u16 image;
};
_Static_assert(sizeof(struct weir_zone_key) == 8, "ABI: zone key");

/* What is in force, as the packet path reads it. One load of `now` tells a packet which image and
 * which mode: whoever changes the policy writes the image that is not in force, and flips the bit
 * last. The mode is a bit beside it, so that `weir mode` needs nobody who knows the policy. */
#define WEIR_NOW_ENFORCE 1U
#define WEIR_NOW_IMAGE 2U
struct weir_policies {
    __u32 now;
    __u32 rows;                            /* as in struct weir_policy */
    __u32 rules[2];                        /* by image: how many the map of zones has */
    struct weir_policy set[4][WEIR_ZONES]; /* by `now` */
};
_Static_assert(sizeof(struct weir_policies) == 49168, "ABI: policies");
