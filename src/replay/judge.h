/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A policy as replay reads it: the zone of a packet by its VLAN, and which sources it allows or
 * denies. A capture has no interfaces and no bans. */

#include "dataplane/decide.h"
#include "policy/compile.h"

#define WEIR_VLANS 4096 /* ids of IEEE 802.1Q, 0 for untagged */

struct weir_judge;

/* s: what it is made of, not needed afterwards; NULL: the catalogue in observe mode. -ENOMEM. */
int weir_judge_new(const struct weir_settings *s, struct weir_judge **ret);
void weir_judge_free(struct weir_judge *j);

/* What the packet's zone says. */
const struct weir_policy *weir_judge_zone(const struct weir_judge *j, const struct weir_pkt *p);
/* What holds for the host itself: outside of all zones. */
const struct weir_policy *weir_judge_host(const struct weir_judge *j);
/* Is it sent by one that nothing may drop? In a tunnel either sender will do. */
bool weir_judge_allows(const struct weir_judge *j, const struct weir_pkt *p);
/* Is its source on a deny list, and not allowed? */
bool weir_judge_denies(const struct weir_judge *j, const struct weir_pkt *p);
/* Is the row a finding in any zone? */
bool weir_judge_finds(const struct weir_judge *j, unsigned row);
bool weir_judge_enforces(const struct weir_judge *j);
