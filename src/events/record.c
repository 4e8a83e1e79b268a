/* SPDX-License-Identifier: Apache-2.0 */
#include "events/record.h"

#include "events/eve.h"

#include <string.h>

#define PROTO_TCP 6
#define FLOW_ID_MAX (1ULL << 53)

/* A drop by ban or deny list has no detection, everything else has one. */
static bool type_valid(const struct weir_event *ev)
{
    if (ev->type == WEIR_EVENT_DROP) {
        if (ev->drop == WEIR_DROP_BAN || ev->drop == WEIR_DROP_DENY)
            return !ev->detection;
        return ev->drop == WEIR_DROP_DETECTION && weir_detection_by_id(ev->detection);
    }
    return (ev->type == WEIR_EVENT_FINDING || ev->type == WEIR_EVENT_COUNTED) && !ev->drop &&
           weir_detection_by_id(ev->detection);
}

static bool also_valid(const struct weir_event *ev)
{
    for (unsigned row = WEIR_ROW_MAX; row < 128; row++)
        if (ev->also[row / 64] >> row % 64 & 1)
            return false;
    return true;
}

bool weir_event_valid(const struct weir_event *ev, size_t len)
{
    if (len != sizeof(*ev) || ev->abi != WEIR_ABI || ev->len != sizeof(*ev))
        return false;
    if (!type_valid(ev) || ev->action >= WEIR_ACTION_MAX)
        return false;
    if (ev->ip_version != 0 && ev->ip_version != 4 && ev->ip_version != 6)
        return false;
    /* A third tag ends parsing, and is counted before that. */
    if (ev->outcome >= WEIR_OUTCOME_MAX || ev->vlans > 3 || ev->flow_id >= FLOW_ID_MAX)
        return false;
    for (int i = 0; i < WEIR_TUNNELS_MAX; i++)
        if (ev->tunnel[i] >= WEIR_TUNNEL_MAX)
            return false;
    return also_valid(ev);
}

const struct weir_detection_info *weir_event_info(const struct weir_event *ev)
{
    static const struct weir_detection_info unknown = {
        .row = WEIR_ROW_MAX,
        .name = "unknown",
        .category = "unknown",
        .severity = WEIR_SEVERITY_INFO,
        .since = "",
        .evidence = "",
    };
    const struct weir_detection_info *info = weir_detection_by_id(ev->detection);

    return info ? info : &unknown;
}

bool weir_event_has_tcp(const struct weir_event *ev)
{
    return ev->proto == PROTO_TCP && !(ev->flags & (WEIR_EVENT_NO_ADDRS | WEIR_EVENT_NO_PORTS)) &&
           (ev->outcome == WEIR_OUTCOME_TCP || ev->outcome == WEIR_OUTCOME_TCP_OPTIONS_UNREAD);
}

bool weir_event_has_packet(const struct weir_event *ev)
{
    return !(ev->flags & WEIR_EVENT_FINAL) && ev->frame_bytes;
}

const char *weir_proto_name(unsigned proto, char text[WEIR_PROTO_TEXT])
{
    static const char *const names[256] = {
        [0] = "HOPOPT",     [1] = "ICMP",        [2] = "IGMP",       [4] = "IPv4",
        [6] = "TCP",        [17] = "UDP",        [41] = "IPv6",      [43] = "IPv6-Route",
        [44] = "IPv6-Frag", [47] = "GRE",        [50] = "ESP",       [51] = "AH",
        [58] = "IPv6-ICMP", [59] = "IPv6-NoNxt", [60] = "IPv6-Opts", [132] = "SCTP",
    };
    char *at = text + 3;

    proto &= 255;
    if (names[proto])
        return names[proto];
    *at = '\0';
    do {
        *--at = (char)('0' + proto % 10);
        proto /= 10;
    } while (proto);
    return at;
}

const char *weir_tcp_letters(unsigned flags, char text[WEIR_TCP_LETTERS])
{
    char *at = text;

    for (unsigned bit = 0; bit < 8; bit++)
        if (flags >> bit & 1)
            *at++ = "FSRPAUEC"[bit];
    *at = '\0';
    return text;
}

bool weir_evidence_next(const char **list, char name[WEIR_EVIDENCE_NAME])
{
    size_t len = strcspn(*list, ",");
    size_t fit = len < WEIR_EVIDENCE_NAME ? len : WEIR_EVIDENCE_NAME - 1;

    if (!len)
        return false;
    memcpy(name, *list, fit);
    name[fit] = '\0';
    *list += len + ((*list)[len] == ',');
    return true;
}

const char *weir_also_next(const struct weir_event *ev, unsigned *row)
{
    while (*row < WEIR_ROW_MAX) {
        uint64_t left = ev->also[*row / 64] >> *row % 64;

        if (!left) {
            *row = (*row / 64 + 1) * 64;
            continue;
        }
        *row += (unsigned)__builtin_ctzll(left) + 1;
        if (*row > WEIR_ROW_MAX)
            break;
        return weir_detection_by_row(*row - 1)->name;
    }
    return NULL;
}
