/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

#define WEIR_TUNNELS_MAX 2 /* opened, one inside the other; a third is a finding */

enum weir_tunnel {
    WEIR_TUNNEL_NONE,
#define TUNNEL(NAME, ...) WEIR_TUNNEL_##NAME,
#include "tunnels.def"
#undef TUNNEL
    WEIR_TUNNEL_MAX,
};
