/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Evidence of a replay (--evidence): what bpf/evidence.bpf.h is to the kernel. */

#include "dataplane/pkt.h"
#include "events/evidence.h"
#include "policy/settings.h"
#include "replay/capture.h"

struct weir_trail;

/* What was made of the packet that is being judged; the last finding of it counts. */
struct weir_trail_packet {
    uint16_t detection;
    uint8_t action;
    uint8_t drop; /* enum weir_drop_reason, of one that is dropped */
    bool would_drop;
    bool egress;
    bool begins; /* an incident */
    bool target; /* of where it goes, not of its source */
};

/* paths: of the capture files, borrowed. policy: its part "evidence"; NULL: the defaults. */
int weir_trail_new(const char *dir, char *const *paths, const struct weir_settings *policy,
                   struct weir_trail **ret, struct weir_error *e);
/* Completes what is open. NULL is allowed. */
void weir_trail_free(struct weir_trail *t);

void weir_trail_packet(struct weir_trail *t, const struct weir_pkt *p,
                       const struct weir_trail_packet *what, uint32_t file,
                       const struct weir_capture_packet *packet);
/* Complete what is open. Call once, at the end. */
void weir_trail_finish(struct weir_trail *t);
struct weir_evidence_stats weir_trail_stats(const struct weir_trail *t);
bool weir_trail_failed(struct weir_trail *t, struct weir_error *ret);
/* Incidents that got no file: another one had their place. */
uint64_t weir_trail_refused(const struct weir_trail *t);
