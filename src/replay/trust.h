/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Whether a capture's checksums can be believed. A quarter of healthy captures hold wrong ones:
 * they were taken at the sender before its hardware filled them in, or their addresses were
 * replaced.
 *
 * auto: a wrong checksum is a finding while at least 20 packets of its kind were checked, and at
 * most a tenth of the IPv4 and at most a tenth of the TCP checksums were wrong. A TCP field that
 * holds the pseudo-header's sum alone is not reported as wrong but counts against the capture: it
 * proves that it was taken before the hardware. */

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/pkt.h"

enum weir_checksum_mode {
    WEIR_CHECKSUM_AUTO,
    WEIR_CHECKSUM_ON,
    WEIR_CHECKSUM_OFF,
};

enum weir_checksum_kind {
    WEIR_CHECKSUM_IP4,
    WEIR_CHECKSUM_TCP,
    WEIR_CHECKSUM_KINDS,
};

#define WEIR_TRUST_MIN 20   /* packets checked before any is believed */
#define WEIR_TRUST_TENTH 10 /* one in so many may be wrong */

struct weir_trust {
    enum weir_checksum_mode mode;
    struct {
        uint64_t checked;
        uint64_t wrong;
        uint64_t pending;
        uint64_t withheld; /* wrong, not reported */
    } kind[WEIR_CHECKSUM_KINDS];
};

/* Count the packet's checksums and clear the traits of those that are not believed. */
void weir_trust_apply(struct weir_trust *t, struct weir_pkt *p, bool ip4_checked, bool tcp_checked);
